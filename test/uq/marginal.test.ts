import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/random.ts'
import { cdf, type Marginal, marginalProblems, quantile, scaledToSupport, supportOf } from '../../src/uq/marginal.ts'
import { moments } from '../../src/uq/mean.ts'

const LAWS: readonly Marginal[] = [
  { law: 'uniform', low: 2, high: 6 },
  { law: 'normal', mean: -1, standardDeviation: 0.3 },
  { law: 'log-normal', mean: 2.1e11, standardDeviation: 1.5e10 },
  { law: 'truncated-normal', mean: 1, standardDeviation: 0.5, low: 0.4, high: 1.2 },
]
const named = LAWS.map((m) => [m.law, m] as const)

const draws = (m: Marginal, n: number): Float64Array => {
  const u = new Float64Array(n)
  randomStream(7, 'marginal test').uniformsInto(u, 0)
  return u.map((x) => quantile(m, x))
}

describe('marginals', () => {
  it.each(named)('%s: the distribution function undoes the quantile', (_, m) => {
    for (const u of [0.001, 0.1, 0.37, 0.5, 0.9, 0.9999]) expect(cdf(m, quantile(m, u))).toBeCloseTo(u, 12)
  })

  it('have the moments they are named by', () => {
    const n = 40_000
    const normal = moments(draws(LAWS[1], n))
    expect(Math.abs(normal.mean + 1)).toBeLessThan((4 * 0.3) / Math.sqrt(n))
    const steel = moments(draws(LAWS[2], n))
    expect(Math.abs(steel.mean / 2.1e11 - 1)).toBeLessThan((4 * (1.5 / 21)) / Math.sqrt(n))
    expect(Math.abs(Math.sqrt(steel.variance) / 1.5e10 - 1)).toBeLessThan(0.02)
  })

  it('a constant is always itself', () => {
    const m: Marginal = { law: 'constant', value: 3 }
    expect([quantile(m, 0.01), quantile(m, 0.99)]).toEqual([3, 3])
    expect(supportOf(m)).toEqual([3, 3])
    expect(scaledToSupport(m, 3)).toBe(0)
    expect([cdf(m, 2.9), cdf(m, 3)]).toEqual([0, 1])
  })

  it('supports: the bounds, or the .001 and .999 quantiles', () => {
    expect(supportOf(LAWS[0])).toEqual([2, 6])
    expect(supportOf(LAWS[3])).toEqual([0.4, 1.2])
    const [low, high] = supportOf(LAWS[1])
    expect(low).toBeCloseTo(-1 - 0.3 * 3.090232306167813, 12)
    expect(high).toBeCloseTo(-1 + 0.3 * 3.090232306167813, 12)
  })

  it('scale to [−1, 1]', () => {
    expect([2, 4, 6].map((x) => scaledToSupport(LAWS[0], x))).toEqual([-1, 0, 1])
    expect(scaledToSupport(LAWS[1], quantile(LAWS[1], 0.9999))).toBeGreaterThan(1)
  })

  it('a truncated law stays in its bounds far out in the tail', () => {
    const far: Marginal = { law: 'truncated-normal', mean: 0, standardDeviation: 1, low: 30, high: 31 }
    const x = [1e-12, 0.5, 1 - 1e-12].map((u) => quantile(far, u))
    expect(x.every((v) => v >= 30 && v <= 31)).toBe(true)
    expect(x[1]).toBeGreaterThan(30.01)
    expect(x[1]).toBeLessThan(30.05)
  })

  it('name every problem with its path', () => {
    expect(named.flatMap(([, m]) => marginalProblems(m, 'x'))).toEqual([])
    const bad: Marginal = { law: 'log-normal', mean: -1, standardDeviation: 0 }
    expect(marginalProblems(bad, 'load.amplitude').map((p) => p.path)).toEqual([
      'load.amplitude.mean',
      'load.amplitude.standardDeviation',
    ])
    const swapped: Marginal = { law: 'uniform', low: 2, high: 1 }
    expect(marginalProblems(swapped, 'x')).toEqual([{ path: 'x.high', expected: 'a number > low (2)', received: '1' }])
    expect(marginalProblems({ law: 'constant', value: Number.NaN }, 'x')[0].path).toBe('x.value')
  })
})
