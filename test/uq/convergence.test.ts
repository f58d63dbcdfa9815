import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/random.ts'
import { logSpaced, runningMean } from '../../src/uq/convergence.ts'
import { meanEstimate } from '../../src/uq/estimates.ts'

const normals = (n: number): Float64Array => {
  const z = new Float64Array(n)
  randomStream(5, 'convergence test').normalsInto(z, 0)
  return z
}

describe('convergence of the mean', () => {
  it('ends in the estimate itself', () => {
    const values = normals(1234)
    const last = runningMean(values, 0.95).at(-1)!
    const estimate = meanEstimate({ qoi: 'q', unit: '1', values }, 0.95)
    expect(last.n).toBe(1234)
    expect(last.mean).toBeCloseTo(estimate.value, 12)
    expect(last.low).toBeCloseTo(estimate.interval[0], 12)
    expect(last.high).toBeCloseTo(estimate.interval[1], 12)
  })

  it('has log-spaced n from 10 and a width that falls like 1/√n', () => {
    const curve = runningMean(normals(4000), 0.95)
    const widths = curve.map((c) => c.high - c.low)
    expect(curve[0].n).toBe(10)
    expect(curve.length).toBeGreaterThan(40)
    expect(curve.every((c, i) => i === 0 || c.n > curve[i - 1].n)).toBe(true)
    const at = curve.findIndex((c) => c.n >= 250)
    const expected = Math.sqrt(4000 / curve[at].n)
    expect(widths[at] / widths.at(-1)!).toBeGreaterThan(0.85 * expected)
    expect(widths[at] / widths.at(-1)!).toBeLessThan(1.15 * expected)
  })

  it('leaves failed samples out, and is empty without two finite values', () => {
    const values = normals(50)
    const holes = Float64Array.from([Number.NaN, ...values, Number.NaN])
    expect(runningMean(holes, 0.9)).toEqual(runningMean(values, 0.9))
    expect(runningMean([1, Number.NaN], 0.9)).toEqual([])
    expect(runningMean([1, 2, 3], 0.9).map((c) => c.n)).toEqual([3])
  })

  it('log-spaced numbers are whole, ascending, unique and end where asked', () => {
    expect(logSpaced(1, 1000, 4)).toEqual([1, 10, 100, 1000])
    expect(logSpaced(10, 13, 20)).toEqual([10, 11, 12, 13])
    expect(logSpaced(5, 5, 3)).toEqual([5])
  })
})
