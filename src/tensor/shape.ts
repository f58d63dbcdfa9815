import { InvalidInput } from '../numeric/errors.ts'

export type Shape = readonly number[]

export const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1)
export const show = (shape: Shape): string => `[${shape.join(',')}]`
export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((n, i) => n === b[i])

export const checkShape = (path: string, shape: Shape): Shape => {
  if (shape.every((n) => Number.isInteger(n) && n > 0)) return Object.freeze([...shape])
  throw InvalidInput.of(path, 'positive integer lengths', show(shape))
}

/** Axis number 0 … rank-1 from one that may count from the end (-1 is the last). */
export const checkAxis = (path: string, axis: number, rank: number): number => {
  if (Number.isInteger(axis) && axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis
  throw InvalidInput.of(path, `an axis of a tensor of rank ${rank}`, axis)
}

/** Distinct axes in ascending order; all of them when none are given. */
export const checkAxes = (path: string, axes: readonly number[] | undefined, rank: number): readonly number[] => {
  const named = (axes ?? Array.from({ length: rank }, (_, i) => i)).map((axis) => checkAxis(path, axis, rank))
  if (new Set(named).size === named.length) return named.sort((a, b) => a - b)
  throw InvalidInput.of(path, 'distinct axes', show(axes ?? []))
}

/**
 * The common shape of two tensors: aligned at the last axis, a length of 1 stretches, missing leading axes count as 1.
 * @source NumPy reference, "Broadcasting"
 */
export const broadcastShapes = (path: string, a: Shape, b: Shape): Shape => {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, axis) => {
    const m = a[axis - rank + a.length] ?? 1
    const n = b[axis - rank + b.length] ?? 1
    if (m !== n && m !== 1 && n !== 1) throw InvalidInput.of(path, 'shapes that broadcast', `${show(a)} and ${show(b)}`)
    return m === 1 ? n : m
  })
}

/** [.., m, k] x [.., k, n] → [.., m, n]; leading axes broadcast. */
export const matmulShape = (a: Shape, b: Shape): Shape => {
  if (a.length < 2 || b.length < 2 || a.at(-1) !== b.at(-2))
    throw InvalidInput.of('matmul', '[.., m, k] and [.., k, n]', `${show(a)} and ${show(b)}`)
  return [...broadcastShapes('matmul', a.slice(0, -2), b.slice(0, -2)), a.at(-2)!, b.at(-1)!]
}

/** The same shape with the length along `axis` replaced. */
export const withLength = (shape: Shape, axis: number, length: number): Shape => shape.with(axis, length)

/** Distance in memory between neighbours along each axis, row-major. */
export const stridesOf = (shape: Shape): number[] => {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]
  }
  return strides
}
