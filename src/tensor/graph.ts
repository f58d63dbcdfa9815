import { InvalidInput } from '../numeric/errors.ts'
import {
  broadcastShapes,
  checkAxes,
  checkAxis,
  checkShape,
  matmulShape,
  type Shape,
  sameShape,
  show,
  sizeOf,
  withLength,
} from './shape.ts'

export type Op =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'constant'; readonly values: Float64Array }
  | { readonly kind: 'add' | 'sub' | 'mul' | 'div' }
  | { readonly kind: 'matmul' }
  | {
      readonly kind: 'stopGradient' | 'neg' | 'square' | 'exp' | 'log' | 'sqrt' | 'softmax' | 'reshape' | 'broadcastTo'
    }
  | { readonly kind: 'leakyRelu' | 'leakyReluSlope'; readonly slope: number }
  | { readonly kind: 'normalise' | 'inverseDeviation'; readonly eps: number }
  | { readonly kind: 'transpose'; readonly permutation: readonly number[] }
  | { readonly kind: 'reduceSum'; readonly axes: readonly number[] }
  | { readonly kind: 'concat'; readonly axis: number }
  | { readonly kind: 'slice'; readonly axis: number; readonly start: number; readonly end: number }
  | { readonly kind: 'pad'; readonly axis: number; readonly before: number; readonly after: number }
export type OpKind = Op['kind']
export type OpOf<K extends OpKind> = Op & { readonly kind: K }

// A record, so that leaving a kind out does not compile.
const KINDS: Readonly<Record<OpKind, true>> = {
  ...{ input: true, constant: true, stopGradient: true },
  ...{ add: true, sub: true, mul: true, div: true },
  ...{ neg: true, square: true, exp: true, log: true, sqrt: true },
  ...{ leakyRelu: true, leakyReluSlope: true, softmax: true, matmul: true },
  ...{ normalise: true, inverseDeviation: true },
  ...{ transpose: true, reshape: true, broadcastTo: true, reduceSum: true },
  ...{ concat: true, slice: true, pad: true },
}
/** Every primitive: the ONNX writer, each executor, the interpreter, the derivatives and the tests hold one entry per kind. */
export const OP_KINDS = Object.keys(KINDS) as readonly OpKind[]

/** A node of an immutable, acyclic graph. Float32 when run. Inputs always have smaller ids than the node. */
export interface Tensor {
  readonly id: number
  readonly op: Op
  readonly inputs: readonly Tensor[]
  readonly shape: Shape
}
export type Operand = Tensor | number

let nextId = 0
/** A bare node, nothing checked: for this room only. Others use the constructors below. */
export const node = (op: Op, inputs: readonly Tensor[], shape: Shape): Tensor =>
  Object.freeze({ id: nextId++, op, inputs: Object.freeze([...inputs]), shape: Object.freeze([...shape]) })

/** A named value fed at each run. One graph holds one input node per name: reuse the node, do not make a second. */
export const input = (name: string, shape: Shape): Tensor => {
  if (name === '') throw InvalidInput.of('input.name', 'a name', '""')
  return node({ kind: 'input', name }, [], checkShape(`input ${name}`, shape))
}

/** Fixed values. A number with a shape fills it; numbers without one make a vector. Kept in double until a float32 executor rounds. */
export const constant = (values: number | ArrayLike<number>, shape?: Shape): Tensor => {
  if (typeof values === 'number') {
    const scalar = constantNode(Float64Array.of(values), [])
    return shape === undefined ? scalar : broadcastTo(scalar, shape)
  }
  return constantNode(Float64Array.from(values), checkShape('constant', shape ?? [values.length]))
}
const constantNode = (values: Float64Array, shape: Shape): Tensor => {
  if (values.length !== sizeOf(shape))
    throw InvalidInput.of('constant', `${sizeOf(shape)} values for ${show(shape)}`, values.length)
  const bad = values.findIndex((v) => !Number.isFinite(v))
  if (bad >= 0) throw InvalidInput.of(`constant[${bad}]`, 'a finite number', values[bad])
  return node({ kind: 'constant', values }, [], shape)
}

const tensorOf = (x: Operand): Tensor => (typeof x === 'number' ? constant(x) : x)
const binary = (kind: 'add' | 'sub' | 'mul' | 'div', x: Operand, y: Operand): Tensor => {
  const [a, b] = [tensorOf(x), tensorOf(y)]
  return node({ kind }, [a, b], broadcastShapes(kind, a.shape, b.shape))
}
const unary = (kind: 'stopGradient' | 'neg' | 'square' | 'exp' | 'log' | 'sqrt', x: Tensor): Tensor =>
  node({ kind }, [x], x.shape)

/** Elementwise, with NumPy's broadcasting; a number stands for a scalar constant. */
export const add = (a: Operand, b: Operand): Tensor => binary('add', a, b)
export const sub = (a: Operand, b: Operand): Tensor => binary('sub', a, b)
export const mul = (a: Operand, b: Operand): Tensor => binary('mul', a, b)
export const div = (a: Operand, b: Operand): Tensor => binary('div', a, b)

export const neg = (x: Tensor): Tensor => unary('neg', x)
export const square = (x: Tensor): Tensor => unary('square', x)
export const exp = (x: Tensor): Tensor => unary('exp', x)
export const log = (x: Tensor): Tensor => unary('log', x)
/** √x; its derivative at 0 is infinite: add a small number inside a norm. */
export const sqrt = (x: Tensor): Tensor => unary('sqrt', x)
/** The value of x, seen as a constant by differentiation. */
export const stopGradient = (x: Tensor): Tensor => unary('stopGradient', x)

const slopeOf = (slope: number): number => {
  if (Number.isFinite(slope)) return slope
  throw InvalidInput.of('leakyRelu.slope', 'a finite number', slope)
}
/** x for x > 0, slope·x otherwise. */
export const leakyRelu = (x: Tensor, slope: number): Tensor =>
  node({ kind: 'leakyRelu', slope: slopeOf(slope) }, [x], x.shape)
/** The derivative of leakyRelu: 1 for x > 0, slope otherwise. Its own derivative is zero. */
export const leakyReluSlope = (x: Tensor, slope: number): Tensor =>
  node({ kind: 'leakyReluSlope', slope: slopeOf(slope) }, [x], x.shape)

/** e^{x_i} / Σ_j e^{x_j} over the last axis, stabilised by the row maximum (which no derivative sees). */
export const softmax = (x: Tensor): Tensor => {
  if (x.shape.length === 0) throw InvalidInput.of('softmax', 'a tensor of rank 1 or more', show(x.shape))
  return node({ kind: 'softmax' }, [x], x.shape)
}

/** [.., m, k] x [.., k, n] → [.., m, n], leading axes broadcast. */
export const matmul = (a: Tensor, b: Tensor): Tensor => {
  const shape = matmulShape(a.shape, b.shape)
  if (a.shape.length === 2 || b.shape.length > 2) return node({ kind: 'matmul' }, [a, b], shape)
  // One tall product instead of a batch of them: the derivative by b is then one product too, not a batch to be summed.
  return reshape(matmul(reshape(a, [-1, a.shape.at(-1)!]), b), shape)
}

/** Axis i of the result is axis perm[i] of x; without perm the axes are reversed. */
export const transpose = (x: Tensor, perm?: readonly number[]): Tensor => {
  const rank = x.shape.length
  const permutation = (perm ?? x.shape.map((_, i) => rank - 1 - i)).map((axis) => checkAxis('transpose', axis, rank))
  if (permutation.length !== rank || new Set(permutation).size !== rank)
    throw InvalidInput.of('transpose', `a permutation of ${rank} axes`, show(permutation))
  return node(
    { kind: 'transpose', permutation },
    [x],
    permutation.map((axis) => x.shape[axis]),
  )
}

/** The same numbers in another shape; one length may be -1 and is then inferred. */
export const reshape = (x: Tensor, shape: Shape): Tensor => {
  const known = shape.filter((n) => n !== -1)
  const inferred = shape.map((n) => (n === -1 ? sizeOf(x.shape) / sizeOf(known) : n))
  if (known.length < shape.length - 1 || sizeOf(inferred) !== sizeOf(x.shape))
    throw InvalidInput.of('reshape', `a shape of ${sizeOf(x.shape)} elements for ${show(x.shape)}`, show(shape))
  return node({ kind: 'reshape' }, [x], checkShape('reshape', inferred))
}

export const broadcastTo = (x: Tensor, shape: Shape): Tensor => {
  const target = checkShape('broadcastTo', shape)
  if (!sameShape(broadcastShapes('broadcastTo', x.shape, target), target))
    throw InvalidInput.of('broadcastTo', `a shape that ${show(x.shape)} stretches to`, show(shape))
  return node({ kind: 'broadcastTo' }, [x], target)
}

/** Σ over the axes (all when none are given). */
export const reduceSum = (x: Tensor, axes?: readonly number[], keepDims = false): Tensor => {
  const reduced = checkAxes('reduceSum', axes, x.shape.length)
  const kept = x.shape.map((n, axis) => (reduced.includes(axis) ? 1 : n))
  const sum = node({ kind: 'reduceSum', axes: reduced }, [x], kept)
  if (keepDims) return sum
  return reshape(
    sum,
    x.shape.filter((_, axis) => !reduced.includes(axis)),
  )
}

/** Σ / count over the axes (all when none are given). */
export const reduceMean = (x: Tensor, axes?: readonly number[], keepDims = false): Tensor => {
  const sum = reduceSum(x, axes, keepDims)
  return mul(sum, sizeOf(sum.shape) / sizeOf(x.shape))
}

export const concat = (xs: readonly Tensor[], axis: number): Tensor => {
  if (xs.length === 0) throw InvalidInput.of('concat', 'at least one tensor', 'none')
  const at = checkAxis('concat', axis, xs[0].shape.length)
  const total = xs.reduce((sum, x) => sum + (x.shape[at] ?? 0), 0)
  const shape = withLength(xs[0].shape, at, total)
  const bad = xs.find((x) => x.shape.length !== shape.length || !sameShape(withLength(x.shape, at, total), shape))
  if (bad) throw InvalidInput.of('concat', `shapes equal to ${show(xs[0].shape)} except along ${axis}`, show(bad.shape))
  return node({ kind: 'concat', axis: at }, xs, shape)
}

/** x[.., start:end, ..] along one axis; negative numbers count from the end of it. */
export const slice = (x: Tensor, axis: number, start: number, end: number): Tensor => {
  const at = checkAxis('slice', axis, x.shape.length)
  const length = x.shape[at]
  const [from, to] = [start, end].map((i) => (i < 0 ? i + length : i))
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > length || from >= to)
    throw InvalidInput.of('slice', `0 ≤ start < end ≤ ${length}`, `${start}:${end}`)
  return node({ kind: 'slice', axis: at, start: from, end: to }, [x], withLength(x.shape, at, to - from))
}

/** Zeros before and after along one axis: what `slice` becomes in a derivative. */
export const pad = (x: Tensor, axis: number, before: number, after: number): Tensor => {
  const at = checkAxis('pad', axis, x.shape.length)
  if (![before, after].every((n) => Number.isInteger(n) && n >= 0))
    throw InvalidInput.of('pad', 'counts of zeros', `${before}, ${after}`)
  return node({ kind: 'pad', axis: at, before, after }, [x], withLength(x.shape, at, x.shape[at] + before + after))
}

const checkNormalised = (path: string, x: Tensor, eps: number): void => {
  if (x.shape.length === 0) throw InvalidInput.of(path, 'a tensor of rank 1 or more', show(x.shape))
  if (!(eps >= 0 && Number.isFinite(eps))) throw InvalidInput.of(`${path}.eps`, 'a number ≥ 0', eps)
}
/** (x - mean) / √(variance + eps) over the last axis, with the population variance. A primitive, because its derivative is short. */
export const normalise = (x: Tensor, eps: number): Tensor => {
  checkNormalised('normalise', x, eps)
  return node({ kind: 'normalise', eps }, [x], x.shape)
}
/** 1 / √(variance + eps) over the last axis, whose length becomes 1. */
export const inverseDeviation = (x: Tensor, eps: number): Tensor => {
  checkNormalised('inverseDeviation', x, eps)
  return node({ kind: 'inverseDeviation', eps }, [x], withLength(x.shape, x.shape.length - 1, 1))
}

/**
 * normalise(x) · gain + bias.
 * @param gain, bias broadcast against x, usually [features]
 * @source Ba, Kiros, Hinton, "Layer normalization", 2016
 */
export const layerNorm = (x: Tensor, gain: Operand, bias: Operand, eps = 1e-5): Tensor =>
  add(mul(normalise(x, eps), gain), bias)
