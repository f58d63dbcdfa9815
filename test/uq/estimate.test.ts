import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { randomStream } from '../../src/numeric/random.ts'
import {
  estimatesOf,
  exceedanceEstimate,
  meanEstimate,
  quantileEstimate,
  standardDeviationEstimate,
} from '../../src/uq/estimates.ts'
import { samplesForQuantile } from '../../src/uq/quantile.ts'

const normals = (n: number): Float64Array => {
  const z = new Float64Array(n)
  randomStream(11, 'estimate test').normalsInto(z, 0)
  return z.map((x) => 100 + 5 * x)
}
const sample = (values: ArrayLike<number>) => ({ qoi: 'peak', unit: 'Pa', values })

describe('estimates', () => {
  it('give one row per statistic, labelled', () => {
    const rows = estimatesOf(sample(normals(200)), { level: 0.9, quantiles: [0.05, 0.95], thresholds: [105] }, 1)
    expect(rows.map((r) => r.statistic)).toEqual([
      'mean',
      'standard deviation',
      'quantile 0.05',
      'quantile 0.95',
      'P(Q > 105 Pa)',
    ])
    expect(rows.map((r) => r.unit)).toEqual(['Pa', 'Pa', 'Pa', 'Pa', '1'])
    for (const r of rows) {
      expect(r).toMatchObject({ qoi: 'peak', level: 0.9, samples: 200, failed: 0 })
      expect(r.interval[0]).toBeLessThan(r.value)
      expect(r.interval[1]).toBeGreaterThan(r.value)
    }
  })

  it('leave failed samples out of the value and count them', () => {
    const clean = normals(100)
    const withFailures = Float64Array.from([Number.NaN, ...clean, Infinity, Number.NaN])
    const row = meanEstimate(sample(withFailures), 0.95)
    expect(row).toEqual({ ...meanEstimate(sample(clean), 0.95), failed: 3 })
  })

  it('refuse a sample without an interval', () => {
    expect(() => meanEstimate(sample([1, Number.NaN]), 0.95)).toThrow(InvalidInput)
    expect(() => meanEstimate(sample([1, Number.NaN]), 0.95)).toThrow('samples of peak: expected at least 2')
    expect(() => meanEstimate(sample([1, 2]), 95)).toThrow('level: expected a number between 0 and 1, received 95')
    expect(() => quantileEstimate(sample([1, 2]), 1, 0.95)).toThrow(InvalidInput)
    expect(() => exceedanceEstimate(sample([1, 2]), Number.NaN, 0.95)).toThrow(InvalidInput)
  })

  it('the same seed gives the same bootstrap interval, another seed a close one', () => {
    const rows = [4, 4, 5].map((seed) => standardDeviationEstimate(sample(normals(300)), 0.95, seed))
    expect(rows[1]).toEqual(rows[0])
    expect(rows[2].interval).not.toEqual(rows[0].interval)
    expect(rows[2].interval[1] / rows[0].interval[1]).toBeCloseTo(1, 1)
  })

  it('the bootstrap interval scales with the unit and ignores a shift', () => {
    const base = standardDeviationEstimate(sample(normals(100)), 0.95, 1)
    const scaled = standardDeviationEstimate(sample(normals(100).map((x) => 1e-9 * (x + 7))), 0.95, 1)
    expect(scaled.value / base.value).toBeCloseTo(1e-9, 18)
    expect(scaled.interval[0] / base.interval[0]).toBeCloseTo(1e-9, 18)
  })

  it('beyond 20,000 samples the standard deviation takes the closed form, and says so', () => {
    const row = standardDeviationEstimate(sample(normals(20_001)), 0.95, 1)
    expect(row.method).toBe('normal approximation of ln s²')
    expect(row.interval[1] / row.value - 1).toBeCloseTo(1.96 / Math.sqrt(2 * 20_001), 3)
  })

  it('a constant sample has a standard deviation of exactly 0', () => {
    expect(standardDeviationEstimate(sample([3, 3, 3]), 0.95, 1)).toMatchObject({ value: 0, interval: [0, 0] })
  })

  it('too few samples for a quantile: the extreme stands in, and the method says one-sided', () => {
    const few = quantileEstimate(sample(normals(71)), 0.95, 0.95)
    expect(few.interval[1]).toBe(Math.max(...normals(71)))
    expect(few.method).toBe('order statistics, one-sided: upper end is the sample maximum (both sides need 72 samples)')
    expect(quantileEstimate(sample(normals(72)), 0.95, 0.95).method).toBe('order statistics')
    expect(quantileEstimate(sample([1, 2]), 0.5, 0.95).method).toMatch(/unbounded: lower .* minimum, upper .* maximum/)
    expect(samplesForQuantile(0.95, 0.95)).toBe(72)
    expect(samplesForQuantile(0.5, 0.95)).toBe(6)
  })

  it('exceedance counts strictly above and stays in [0, 1]', () => {
    const none = exceedanceEstimate(sample([1, 2, 3]), 3, 0.95)
    expect(none.value).toBe(0)
    expect(none.interval[0]).toBe(0)
    expect(none.interval[1]).toBeCloseTo(1 - 0.025 ** (1 / 3), 12)
    expect(exceedanceEstimate(sample([4, 5]), 3, 0.95).interval[1]).toBe(1)
  })

  it.each([
    ['three values', [1, 1, 2]],
    ['two-valued data', [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2]],
    ['one outlier', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1e9, 1e-9]],
  ])('%s: no infinity and no NaN, so that JSON keeps them', (_, values) => {
    const rows = estimatesOf(sample(values), { level: 0.99, quantiles: [0.01, 0.99], thresholds: [0, 9] }, 1)
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows)
  })
})
