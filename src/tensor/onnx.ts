import { InvalidInput } from '../numeric/errors.ts'
import type { OpKind, OpOf, Tensor } from './graph.ts'
import { type NormPlan, planNorms } from './onnx-norm.ts'
import { plainProducts } from './plain-products.ts'
import { type Bytes, bytesField, bytesOf, floatField, integerField, message, textField } from './protobuf.ts'
import { type Shape, sizeOf } from './shape.ts'
import { simplify } from './simplify.ts'
import { inputsByName, reachable } from './traverse.ts'

const IR_VERSION = 9
const OPSET = 18
const FLOAT = 1
const INT64 = 7

export interface OnnxOptions {
  /** Name of the graph in the file. */
  readonly name?: string
  /** Inputs by name that are written into the file as fixed values (the trained parameters of an exported generator). */
  readonly fixed?: Readonly<Record<string, Float32Array>>
  /** Free text that travels with the file: version, training seed, units. */
  readonly metadata?: Readonly<Record<string, string>>
  /**
   * Leaves the first axis open: a first length of `size`, or a multiple of it, is written as the dimension `name`, which takes any
   * length at each run. Choose a size that no other length is a multiple of.
   */
  readonly openAxis?: OpenAxis
  /**
   * Whether a plain norm of rows is written as an InstanceNormalization of one channel each, which ONNX Runtime computes in less
   * time on one core (docs/decisions/0018); otherwise every norm is a LayerNormalization.
   */
  readonly instanceNorms?: boolean
}
export interface OpenAxis {
  readonly name: string
  readonly size: number
}

const floatAttribute = (name: string, value: number): Bytes =>
  bytesField(5, message(textField(1, name), floatField(2, value), integerField(20, 1)))
const integerAttribute = (name: string, value: number): Bytes =>
  bytesField(5, message(textField(1, name), integerField(3, value), integerField(20, 2)))
const integersAttribute = (name: string, values: readonly number[]): Bytes =>
  bytesField(5, message(textField(1, name), ...values.map((v) => integerField(8, v)), integerField(20, 7)))

const manyResults = (
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  ...attributes: readonly Bytes[]
): Bytes =>
  bytesField(
    1,
    message(
      ...inputs.map((i) => textField(1, i)),
      ...outputs.map((o) => textField(2, o)),
      textField(4, type),
      ...attributes,
    ),
  )
const onnxNode = (type: string, inputs: readonly string[], output: string, ...attributes: readonly Bytes[]): Bytes =>
  manyResults(type, inputs, [output], ...attributes)
const tensorProto = (name: string, type: number, shape: Shape, raw: Bytes): Bytes =>
  message(...shape.map((n) => integerField(1, n)), integerField(2, type), textField(8, name), bytesField(9, raw))
const valueInfo = (name: string, shape: Shape, open?: OpenAxis): Bytes => {
  const dimension = (n: number, axis: number): Bytes =>
    axis === 0 && n === open?.size ? textField(2, open.name) : integerField(1, n)
  const dimensions = message(...shape.map((n, axis) => bytesField(1, dimension(n, axis))))
  const type = bytesField(1, message(integerField(1, FLOAT), bytesField(2, dimensions)))
  return message(textField(1, name), bytesField(2, type))
}

/** What a node needs while it is written: the names of its values, and integer tensors that some ONNX inputs are. */
interface Writer {
  readonly nameOf: (x: Tensor) => string
  readonly integers: (values: readonly number[]) => string
  readonly float: (value: number) => string
  /** A shape as a Reshape takes it: −1 where the length is open. */
  readonly lengths: (shape: Shape) => readonly number[]
  readonly ones: (length: number) => string
  readonly zero: () => string
  readonly norms: NormPlan
  readonly instanceNorms: boolean
}
type Write<K extends OpKind> = (y: Tensor, op: OpOf<K>, w: Writer) => readonly Bytes[]

const names = (y: Tensor, w: Writer): string[] => y.inputs.map(w.nameOf)
const plain =
  (type: string): Write<OpKind> =>
  (y, _, w) => [onnxNode(type, names(y, w), w.nameOf(y))]

/** Turns every number that float32 tells from zero into one of size 1 or more. */
const HUGE = 2 ** 127

/** For slopes of 0 … 1 as a clipped multiple: two vectorised passes, where comparing and choosing are several times slower. */
const writeSlope: Write<'leakyReluSlope'> = (y, { slope }, w) => {
  const name = w.nameOf(y)
  if (slope < 0 || slope > 1)
    return [
      onnxNode('Greater', [...names(y, w), w.float(0)], `${name}?`),
      onnxNode('Where', [`${name}?`, w.float(1), w.float(slope)], name),
    ]
  return [
    onnxNode('Mul', [...names(y, w), w.float(HUGE)], `${name}?`),
    onnxNode('Clip', [`${name}?`, w.float(slope), w.float(1)], name),
  ]
}

/** Each row [width] as one channel [1, width]: mean and variance along it, then scale 1 and shift 0. */
const instanceNorm = (x: Tensor, eps: number, result: string, w: Writer): readonly Bytes[] => {
  const channels = w.integers(w.lengths([x.shape[0], 1, x.shape[1]]))
  return [
    onnxNode('Reshape', [w.nameOf(x), channels], `${result} rows`),
    onnxNode(
      'InstanceNormalization',
      [`${result} rows`, w.ones(1), w.zero()],
      `${result} norms`,
      floatAttribute('epsilon', eps),
    ),
    onnxNode('Reshape', [`${result} norms`, w.integers(w.lengths(x.shape))], result),
  ]
}

const writeNorm: Write<OpKind> = (y, _, w) => {
  const norm = w.norms.get(y)
  if (!norm) return []
  const { x, eps, gain, bias, inverse } = norm
  const scale = gain ? w.nameOf(gain) : w.ones(x.shape.at(-1)!)
  const result = norm.y ? w.nameOf(norm.y) : `${w.nameOf(y)}?`
  if (w.instanceNorms && x.shape.length === 2 && !gain && !inverse) return instanceNorm(x, eps, result, w)
  return [
    manyResults(
      'LayerNormalization',
      [w.nameOf(x), scale, ...(bias ? [w.nameOf(bias)] : [])],
      [result, ...(inverse ? ['', w.nameOf(inverse)] : [])],
      integerAttribute('axis', x.shape.length - 1),
      floatAttribute('epsilon', eps),
    ),
  ]
}

/** ONNX operators of each kind, opset 18. */
const WRITE: { readonly [K in OpKind]: Write<K> } = {
  input: () => [],
  constant: () => [],
  stopGradient: plain('Identity'),
  add: plain('Add'),
  sub: plain('Sub'),
  mul: plain('Mul'),
  div: plain('Div'),
  neg: plain('Neg'),
  exp: plain('Exp'),
  log: plain('Log'),
  sqrt: plain('Sqrt'),
  matmul: plain('MatMul'),
  square: (y, _, w) => [onnxNode('Mul', [...names(y, w), ...names(y, w)], w.nameOf(y))],
  leakyRelu: (y, { slope }, w) => [onnxNode('LeakyRelu', names(y, w), w.nameOf(y), floatAttribute('alpha', slope))],
  leakyReluSlope: writeSlope,
  normalise: writeNorm,
  inverseDeviation: writeNorm,
  softmax: (y, _, w) => [onnxNode('Softmax', names(y, w), w.nameOf(y), integerAttribute('axis', y.shape.length - 1))],
  transpose: (y, { permutation }, w) => [
    onnxNode('Transpose', names(y, w), w.nameOf(y), integersAttribute('perm', permutation)),
  ],
  reshape: (y, _, w) => [onnxNode('Reshape', [...names(y, w), w.integers(w.lengths(y.shape))], w.nameOf(y))],
  broadcastTo: (y, _, w) => [onnxNode('Expand', [...names(y, w), w.integers(y.shape)], w.nameOf(y))],
  reduceSum: (y, { axes }, w) => [onnxNode('ReduceSum', [...names(y, w), w.integers(axes)], w.nameOf(y))],
  concat: (y, { axis }, w) => [onnxNode('Concat', names(y, w), w.nameOf(y), integerAttribute('axis', axis))],
  slice: (y, { axis, start, end }, w) => [
    onnxNode('Slice', [...names(y, w), w.integers([start]), w.integers([end]), w.integers([axis])], w.nameOf(y)),
  ],
  pad: (y, { axis, before, after }, w) => [
    onnxNode('Pad', [...names(y, w), w.integers([before, after]), '', w.integers([axis])], w.nameOf(y)),
  ],
}

/** Collects integer and float constants, each once. */
const initializerPool = () => {
  const pool = new Map<string, Bytes>()
  const keep = (name: string, make: () => Bytes): string => {
    if (!pool.has(name)) pool.set(name, make())
    return name
  }
  return {
    integers: (values: readonly number[]): string => {
      const raw = () => bytesOf(BigInt64Array.from(values, BigInt))
      const name = `/integers ${values.join(' ')}`
      return keep(name, () => tensorProto(name, INT64, [values.length], raw()))
    },
    float: (value: number): string => {
      const name = `/float ${value}`
      return keep(name, () => tensorProto(name, FLOAT, [], bytesOf(Float32Array.of(value))))
    },
    floats: (name: string, values: Float32Array, shape: Shape): string =>
      keep(name, () => tensorProto(name, FLOAT, shape, bytesOf(values))),
    all: () => [...pool.values()],
  }
}

/** A computed node goes by the name of its (first) output, else by `/` and its number, which no user's name begins with. */
const namer = (nodes: readonly Tensor[], outputs: Readonly<Record<string, Tensor>>): ((x: Tensor) => string) => {
  const given = new Map(nodes.map((x, i) => [x, x.op.kind === 'input' ? x.op.name : `/${i}`]))
  for (const [name, x] of Object.entries(outputs).toReversed())
    if (x.op.kind !== 'input' && x.op.kind !== 'constant') given.set(x, name)
  return (x) => given.get(x)!
}

const isOpen = (shape: Shape, open: OpenAxis): boolean => shape.length > 0 && shape[0] % open.size === 0

/** Kinds that an open first axis passes through: elementwise, products, moves; the others only along the other axes. */
const passes = (x: Tensor, open: OpenAxis): boolean => {
  const { op } = x
  switch (op.kind) {
    case 'constant':
    case 'broadcastTo':
      return !isOpen(x.shape, open)
    case 'transpose':
      return op.permutation[0] === 0 || !isOpen(x.inputs[0].shape, open)
    case 'reduceSum':
      return !op.axes.includes(0) || !isOpen(x.inputs[0].shape, open)
    case 'concat':
    case 'slice':
    case 'pad':
      return op.axis !== 0 || !isOpen(x.inputs[0].shape, open)
    case 'reshape':
      return isOpen(x.shape, open) === isOpen(x.inputs[0].shape, open)
    default:
      return true
  }
}

/** @throws InvalidInput for a graph that mixes its rows, which has no open axis */
const checkOpenAxis = (nodes: readonly Tensor[], open: OpenAxis): void => {
  const bad = nodes.find((x) => !passes(x, open))
  if (bad) throw InvalidInput.of('openAxis', 'a graph that treats every row alike', `${bad.op.kind} to [${bad.shape}]`)
}

const checkNames = (
  outputs: Readonly<Record<string, Tensor>>,
  inputs: ReadonlyMap<string, Tensor>,
  fixed: Readonly<Record<string, Float32Array>>,
): void => {
  const problems = [
    ...[...Object.keys(outputs), ...inputs.keys()]
      .filter((name) => name === '' || name.startsWith('/'))
      .map((name) => ({ path: 'graph', expected: 'names that are not empty nor begin with /', received: name })),
    ...Object.keys(outputs)
      .filter((name) => inputs.has(name))
      .map((name) => ({ path: `outputs.${name}`, expected: 'a name that no input has', received: name })),
    ...Object.entries(fixed).flatMap(([name, values]) => {
      const size = inputs.has(name) ? sizeOf(inputs.get(name)!.shape) : 0
      const expected = size === 0 ? `one of ${[...inputs.keys()].join(', ')}` : `${size} values`
      return values.length === size ? [] : [{ path: `fixed.${name}`, expected, received: `${values.length} values` }]
    }),
  ]
  if (problems.length > 0) throw new InvalidInput(problems)
}

const modelProto = (graph: Bytes, metadata: Readonly<Record<string, string>>): Bytes =>
  message(
    integerField(1, IR_VERSION),
    textField(2, 'nestwave'),
    bytesField(7, graph),
    bytesField(8, integerField(2, OPSET)),
    ...Object.entries(metadata).map(([key, value]) => bytesField(14, message(textField(1, key), textField(2, value)))),
  )

/**
 * The graph as an ONNX file: inputs by name, constants and fixed inputs as initializers, outputs by name.
 * @returns the bytes of a ModelProto
 * @throws InvalidInput for a fixed value that is no input or has a wrong length, and for an output named like an input
 * @source ONNX specification, onnx.proto, IR version 9, opset 18
 * @verifiedBy test/tensor/onnx.test.ts
 */
export const toOnnx = (outputs: Readonly<Record<string, Tensor>>, options: OnnxOptions = {}): Uint8Array => {
  const fixed = options.fixed ?? {}
  inputsByName(reachable(Object.values(outputs)))
  const simple = plainProducts(simplify(outputs))
  const nodes = reachable(Object.values(simple))
  const inputs = inputsByName(nodes)
  checkNames(outputs, inputs, fixed)

  const open = options.openAxis
  if (open) checkOpenAxis(nodes, open)

  const pool = initializerPool()
  const nameOf = namer(nodes, simple)
  for (const x of nodes) {
    if (x.op.kind === 'constant') pool.floats(nameOf(x), Float32Array.from(x.op.values), x.shape)
    if (x.op.kind === 'input' && fixed[x.op.name]) pool.floats(x.op.name, fixed[x.op.name], x.shape)
  }
  const lengths = (shape: Shape): readonly number[] => (open && isOpen(shape, open) ? [-1, ...shape.slice(1)] : shape)
  const norms = planNorms(nodes, new Set(Object.values(simple)))
  const ones = (n: number): string => pool.floats(`/ones ${n}`, new Float32Array(n).fill(1), [n])
  const zero = (): string => pool.floats('/zero', new Float32Array(1), [1])
  const { instanceNorms = false } = options
  const writer: Writer = {
    ...{ nameOf, integers: pool.integers, float: pool.float, lengths, ones, zero },
    ...{ norms, instanceNorms },
  }
  const write = (x: Tensor) => (norms.has(x) ? writeNorm : (WRITE[x.op.kind] as Write<OpKind>))
  const body = nodes.flatMap((x) => write(x)(x, x.op, writer))
  const results = Object.entries(simple)
    .filter(([name, x]) => nameOf(x) !== name)
    .map(([name, x]) => onnxNode('Identity', [nameOf(x)], name))
  const fed = [...inputs].filter(([name]) => !fixed[name])
  const graph = message(
    ...body,
    ...results,
    textField(2, options.name ?? 'nestwave'),
    ...pool.all().map((initializer) => bytesField(5, initializer)),
    ...fed.map(([name, x]) => bytesField(11, valueInfo(name, x.shape, open))),
    ...Object.entries(simple).map(([name, x]) => bytesField(12, valueInfo(name, x.shape, open))),
  )
  return modelProto(graph, options.metadata ?? {})
}
