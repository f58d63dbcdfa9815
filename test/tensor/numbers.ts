import { expect } from 'vitest'

/** Largest difference relative to the largest expected number (or to 1 where all are smaller). */
export const relativeError = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  expect(actual.length).toBe(expected.length)
  let error = 0
  let scale = 1
  for (let i = 0; i < expected.length; i++) {
    if (!Number.isFinite(actual[i])) return Number.POSITIVE_INFINITY
    error = Math.max(error, Math.abs(actual[i] - expected[i]))
    scale = Math.max(scale, Math.abs(expected[i]))
  }
  return error / scale
}

export const toDouble = (arrays: Readonly<Record<string, ArrayLike<number>>>): Record<string, Float64Array> =>
  Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, Float64Array.from(a)]))
export const toSingle = (arrays: Readonly<Record<string, ArrayLike<number>>>): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, Float32Array.from(a)]))
