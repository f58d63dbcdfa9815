import { checkArrays, inputSizes } from './compiled-graph.ts'
import type { OpKind, OpOf, Tensor } from './graph.ts'
import { type Shape, sizeOf, stridesOf } from './shape.ts'
import { reachable } from './traverse.ts'

/** Values of y from the values of its inputs. */
type Evaluate<K extends OpKind> = (y: Tensor, inputs: readonly Float64Array[], op: OpOf<K>) => Float64Array

/** Calls `visit` with every multi-index of `shape` in row-major order. */
const forEachIndex = (shape: Shape, visit: (index: readonly number[], flat: number) => void): void => {
  const index = shape.map(() => 0)
  const size = sizeOf(shape)
  for (let flat = 0; flat < size; flat++) {
    visit(index, flat)
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0
  }
}

/** Position, in a tensor of shape `from`, of what broadcasting shows at `index` (aligned at the last axis). */
const position = (from: Shape, index: readonly number[]): number => {
  const strides = stridesOf(from)
  const lead = index.length - from.length
  return from.reduce((at, n, axis) => at + (n === 1 ? 0 : index[axis + lead] * strides[axis]), 0)
}

const fill = (y: Tensor, value: (index: readonly number[], flat: number) => number): Float64Array => {
  const out = new Float64Array(sizeOf(y.shape))
  forEachIndex(y.shape, (index, flat) => {
    out[flat] = value(index, flat)
  })
  return out
}

const binary =
  (f: (a: number, b: number) => number): Evaluate<OpKind> =>
  (y, [a, b]) =>
    fill(y, (index) => f(a[position(y.inputs[0].shape, index)], b[position(y.inputs[1].shape, index)]))
const unary =
  (f: (x: number) => number): Evaluate<OpKind> =>
  (_, [x]) =>
    x.map(f)

const softmaxRows: Evaluate<'softmax'> = (y, [x]) => {
  const n = y.shape.at(-1)!
  const out = new Float64Array(x.length)
  for (let row = 0; row < x.length; row += n) {
    const values = x.subarray(row, row + n)
    const largest = values.reduce((a, b) => Math.max(a, b))
    const powers = values.map((v) => Math.exp(v - largest))
    const sum = powers.reduce((a, b) => a + b)
    for (let i = 0; i < n; i++) out[row + i] = powers[i] / sum
  }
  return out
}

/** Rows of x, the last axis of y's input, each turned into a row of y. */
const rowwise = (y: Tensor, x: Float64Array, f: (row: Float64Array) => Float64Array): Float64Array => {
  const n = y.inputs[0].shape.at(-1)!
  const out = new Float64Array(sizeOf(y.shape))
  const width = y.shape.at(-1)!
  for (let i = 0; i < x.length / n; i++) out.set(f(x.subarray(i * n, (i + 1) * n)), i * width)
  return out
}

const momentsOf = (row: Float64Array, eps: number): { readonly mean: number; readonly inverse: number } => {
  const mean = row.reduce((a, b) => a + b) / row.length
  const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / row.length
  return { mean, inverse: 1 / Math.sqrt(variance + eps) }
}

const product: Evaluate<'matmul'> = (y, [a, b]) => {
  const [left, right] = y.inputs
  const k = left.shape.at(-1)!
  const n = right.shape.at(-1)!
  return fill(y, (index) => {
    const [i, j] = index.slice(-2)
    const lead = index.slice(0, -2)
    const a0 = position(left.shape, [...lead, i, 0])
    const b0 = position(right.shape, [...lead, 0, j])
    let sum = 0
    for (let l = 0; l < k; l++) sum += a[a0 + l] * b[b0 + l * n]
    return sum
  })
}

const EVALUATE: { readonly [K in OpKind]: Evaluate<K> } = {
  input: () => new Float64Array(),
  constant: (_, __, { values }) => values,
  stopGradient: (_, [x]) => x,
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  neg: unary((x) => -x),
  square: unary((x) => x * x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  leakyRelu: (_, [x], { slope }) => x.map((v) => (v > 0 ? v : slope * v)),
  leakyReluSlope: (_, [x], { slope }) => x.map((v) => (v > 0 ? 1 : slope)),
  softmax: softmaxRows,
  normalise: (y, [x], { eps }) =>
    rowwise(y, x, (row) => {
      const { mean, inverse } = momentsOf(row, eps)
      return row.map((v) => (v - mean) * inverse)
    }),
  inverseDeviation: (y, [x], { eps }) => rowwise(y, x, (row) => Float64Array.of(momentsOf(row, eps).inverse)),
  matmul: product,
  reshape: (_, [x]) => x,
  broadcastTo: (y, [x]) => fill(y, (index) => x[position(y.inputs[0].shape, index)]),
  transpose: (y, [x], { permutation }) => {
    const strides = stridesOf(y.inputs[0].shape)
    return fill(y, (index) => x[permutation.reduce((at, axis, i) => at + index[i] * strides[axis], 0)])
  },
  reduceSum: (y, [x]) => {
    const out = new Float64Array(sizeOf(y.shape))
    forEachIndex(y.inputs[0].shape, (index, flat) => {
      out[position(y.shape, index)] += x[flat]
    })
    return out
  },
  concat: (y, xs, { axis }) => {
    const ends = y.inputs.map((_, i) => y.inputs.slice(0, i + 1).reduce((sum, x) => sum + x.shape[axis], 0))
    return fill(y, (index) => {
      const part = ends.findIndex((end) => index[axis] < end)
      const { shape } = y.inputs[part]
      return xs[part][position(shape, index.with(axis, index[axis] - ends[part] + shape[axis]))]
    })
  },
  slice: (y, [x], { axis, start }) =>
    fill(y, (index) => x[position(y.inputs[0].shape, index.with(axis, index[axis] + start))]),
  pad: (y, [x], { axis, before }) => {
    const { shape } = y.inputs[0]
    return fill(y, (index) => {
      const i = index[axis] - before
      return i < 0 || i >= shape[axis] ? 0 : x[position(shape, index.with(axis, i))]
    })
  },
}

/**
 * The values of the outputs in double precision by plain loops over the graph as it was written: shares no code with the
 * executors, nor the simplification they run on. Slow; a reference, not an executor.
 * @param feeds row-major values of every input
 * @throws InvalidInput for a missing, unknown or wrongly sized feed
 */
export const evaluate = (
  outputs: Readonly<Record<string, Tensor>>,
  feeds: Readonly<Record<string, Float64Array>>,
): Record<string, Float64Array> => {
  checkArrays('feeds', inputSizes(outputs), feeds)
  const values = new Map<Tensor, Float64Array>()
  for (const y of reachable(Object.values(outputs))) {
    const inputs = y.inputs.map((x) => values.get(x)!)
    const { op } = y
    values.set(y, op.kind === 'input' ? feeds[op.name] : (EVALUATE[op.kind] as Evaluate<OpKind>)(y, inputs, op))
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, x]) => [name, values.get(x)!.slice()]))
}
