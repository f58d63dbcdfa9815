import { describe, expect, it } from 'vitest'
import { conditionalMeanError, strataOf } from '../../src/generative/stratified-mean.ts'
import { randomStream } from '../../src/numeric/random.ts'

const N = 9000
const numbers = (length: number, purpose: string, normal: boolean): Float64Array => {
  const out = new Float64Array(length)
  const stream = randomStream(5, purpose)
  if (normal) stream.normalsInto(out, 0)
  else stream.uniformsInto(out, 0)
  return out
}
const conditions = numbers(N, 'conditions', false).map((u) => 2 * u - 1)
/** y = slope θ + noise, two columns. */
const rows = (purpose: string, slope: number, shift = 0): Float64Array => {
  const z = numbers(2 * N, purpose, true)
  return z.map((e, at) => slope * conditions[at >> 1] + shift + e)
}

it('thirds of each condition', () => {
  expect([...strataOf([-1, 1, -0.4, 0.2, 0.9, -0.2], 3)]).toEqual([2, 1, 7])
  expect([...strataOf([-1.2, 1.2], 2)]).toEqual([0, 2])
  expect([...strataOf([], 2)]).toEqual([0, 0])
})

describe('error of the conditional mean', () => {
  const real = rows('real', 1)

  it('is zero on average for samples of one law', () => {
    const errors = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) =>
      conditionalMeanError(rows(name, 1), real, conditions, 2),
    )
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(1e-3)
    expect(errors.some((e) => e < 0)).toBe(true)
  })

  it('is the squared shift over the variance', () => {
    // Variance of a column: 1/3 + 1.
    const error = conditionalMeanError(rows('a', 1, 0.5), real, conditions, 2)
    expect(Math.abs(error - 0.25 / (4 / 3))).toBeLessThan(0.03)
  })

  it('sees a law that ignores θ: means of thirds at −2/3, 0, 2/3', () => {
    const error = conditionalMeanError(rows('a', 0), real, conditions, 2)
    expect(Math.abs(error - ((2 / 3) * (2 / 3) ** 2) / (4 / 3))).toBeLessThan(0.03)
  })

  it('refuses another number of rows', () => {
    expect(() => conditionalMeanError(real.subarray(2), real, conditions, 2)).toThrow('x: expected 9000 rows of 2')
  })
})
