import { node, type Op, type OpOf, type Tensor } from './graph.ts'
import { broadcastShapes, type Shape, sameShape, sizeOf } from './shape.ts'
import { reachable } from './traverse.ts'

/** Makes a node, or finds an equal one, or one that is cheaper and has the same value. */
type Make = (op: Op, inputs: readonly Tensor[], shape: Shape) => Tensor
type Arithmetic = OpOf<'add' | 'sub' | 'mul' | 'div'>

const MAX_COMPARED_CONSTANT = 16

/** Equal keys mean equal values. Long constants are compared by identity. */
const keyOf = (op: Op, inputs: readonly Tensor[], shape: Shape, fresh: () => number): string => {
  const attributes =
    op.kind !== 'constant'
      ? JSON.stringify(op)
      : `constant ${op.values.length <= MAX_COMPARED_CONSTANT ? op.values.join() : `#${fresh()}`}`
  return `${attributes}|${inputs.map((x) => x.id)}|${shape}`
}

/** The value of a one-element constant. */
const scalarOf = (x: Tensor): number | undefined =>
  x.op.kind === 'constant' && x.op.values.length === 1 ? x.op.values[0] : undefined
const unstretched = (x: Tensor): Tensor => (x.op.kind === 'broadcastTo' ? x.inputs[0] : x)
const constantOf = (make: Make, value: number): Tensor =>
  make({ kind: 'constant', values: Float64Array.of(value) }, [], [])

const FOLD: Readonly<Record<Arithmetic['kind'], (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
}
const NEUTRAL = { add: 0, sub: 0, mul: 1, div: 1 } as const

/** a ∘ b where both are known, or where one side changes nothing but perhaps the shape. */
const knownResult = (make: Make, { kind }: Arithmetic, a: Tensor, b: Tensor): Tensor | undefined => {
  const [valueA, valueB] = [scalarOf(a), scalarOf(b)]
  if (valueA !== undefined && valueB !== undefined) {
    const folded = FOLD[kind](valueA, valueB)
    return Number.isFinite(folded) ? constantOf(make, folded) : undefined
  }
  if (valueB === NEUTRAL[kind]) return a
  return valueA === NEUTRAL[kind] && (kind === 'add' || kind === 'mul') ? b : undefined
}

/** Works on the smaller tensors and stretches the result: f(stretch a, stretch b) = stretch f(a, b). */
const arithmetic = (make: Make, intern: Make, op: Arithmetic, [x, y]: readonly Tensor[], shape: Shape): Tensor => {
  const [a, b] = [unstretched(x), unstretched(y)]
  const small = broadcastShapes(op.kind, a.shape, b.shape)
  const result = knownResult(make, op, a, b) ?? intern(op, [a, b], small)
  return make({ kind: 'broadcastTo' }, [result], shape)
}

const elementwise = (make: Make, intern: Make, op: Op, x: Tensor, shape: Shape): Tensor => {
  if (x.op.kind !== 'broadcastTo') return intern(op, [x], shape)
  const small = x.inputs[0]
  return make({ kind: 'broadcastTo' }, [make(op, [small], small.shape)], shape)
}

const broadcast = (intern: Make, x: Tensor, shape: Shape): Tensor => {
  const small = unstretched(x)
  return sameShape(small.shape, shape) ? small : intern({ kind: 'broadcastTo' }, [small], shape)
}

const reshaped = (make: Make, intern: Make, x: Tensor, shape: Shape): Tensor => {
  const base = x.op.kind === 'reshape' ? x.inputs[0] : x
  if (sameShape(base.shape, shape)) return base
  const small = unstretched(base)
  if (small !== base && sizeOf(small.shape) === 1)
    return make({ kind: 'broadcastTo' }, [make({ kind: 'reshape' }, [small], [])], shape)
  const value = scalarOf(base)
  return value !== undefined && shape.length === 0
    ? constantOf(make, value)
    : intern({ kind: 'reshape' }, [base], shape)
}

const transposed = (intern: Make, op: OpOf<'transpose'>, x: Tensor, shape: Shape): Tensor => {
  const [base, permutation] =
    x.op.kind === 'transpose'
      ? [x.inputs[0], op.permutation.map((axis) => (x.op as OpOf<'transpose'>).permutation[axis])]
      : [x, op.permutation]
  return permutation.every((axis, i) => axis === i) ? base : intern({ kind: 'transpose', permutation }, [base], shape)
}

/** Σ over a stretched axis is a product with its length; over an axis of length 1, nothing. */
const summed = (make: Make, intern: Make, op: OpOf<'reduceSum'>, x: Tensor, shape: Shape): Tensor => {
  const axes = op.axes.filter((axis) => x.shape[axis] > 1)
  if (axes.length === 0) return x
  const small = unstretched(x)
  const aligned = x.shape.map((_, axis) => small.shape[axis - x.shape.length + small.shape.length] ?? 1)
  const stretched = axes.filter((axis) => aligned[axis] === 1)
  if (stretched.length === 0) return intern({ kind: 'reduceSum', axes }, [x], shape)
  const count = stretched.reduce((product, axis) => product * x.shape[axis], 1)
  const scaled = make({ kind: 'mul' }, [make({ kind: 'reshape' }, [small], aligned), constantOf(make, count)], aligned)
  const left = x.shape.map((n, axis) => (stretched.includes(axis) ? 1 : n))
  const rest = axes.filter((axis) => !stretched.includes(axis))
  return make({ kind: 'reduceSum', axes: rest }, [make({ kind: 'broadcastTo' }, [scaled], left)], shape)
}

const rewriter = (make: Make, intern: Make): Make => {
  return (op, inputs, shape) => {
    const x = inputs[0]
    switch (op.kind) {
      case 'stopGradient':
        return x
      case 'add':
      case 'sub':
      case 'mul':
      case 'div':
        return arithmetic(make, intern, op, inputs, shape)
      case 'neg':
        return x.op.kind === 'neg' ? x.inputs[0] : elementwise(make, intern, op, x, shape)
      case 'square':
      case 'exp':
      case 'log':
      case 'sqrt':
      case 'leakyRelu':
      case 'leakyReluSlope':
        return elementwise(make, intern, op, x, shape)
      case 'broadcastTo':
        return broadcast(intern, x, shape)
      case 'reshape':
        return reshaped(make, intern, x, shape)
      case 'transpose':
        return transposed(intern, op, x, shape)
      case 'reduceSum':
        return summed(make, intern, op, x, shape)
      case 'concat':
        return inputs.length === 1 ? x : intern(op, inputs, shape)
      case 'slice':
      case 'pad':
        return sameShape(x.shape, shape) ? x : intern(op, inputs, shape)
      default:
        return intern(op, inputs, shape)
    }
  }
}

/**
 * An equal graph with fewer nodes: equal subexpressions once, no stretching before elementwise work, no-ops gone. Done
 * here and not in the constructors, because a node that a constructor rewrote away could not be differentiated by.
 * @verifiedBy test/tensor/simplify.test.ts
 */
export const simplify = (outputs: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>> => {
  const table = new Map<string, Tensor>()
  const intern: Make = (op, inputs, shape) => {
    const key = keyOf(op, inputs, shape, () => table.size)
    const known = table.get(key) ?? node(op, inputs, shape)
    table.set(key, known)
    return known
  }
  const make: Make = (op, inputs, shape) => rewrite(op, inputs, shape)
  const rewrite = rewriter(make, intern)
  const simpler = new Map<Tensor, Tensor>()
  for (const x of reachable(Object.values(outputs))) {
    const inputs = x.inputs.map((y) => simpler.get(y)!)
    simpler.set(x, rewrite(x.op, inputs, x.shape))
  }
  return Object.fromEntries(Object.entries(outputs).map(([name, x]) => [name, simpler.get(x)!]))
}
