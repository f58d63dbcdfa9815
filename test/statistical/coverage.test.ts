import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/random.ts'
import type { Interval } from '../../src/uq/estimate.ts'
import { countAbove, proportionInterval } from '../../src/uq/exceedance.ts'
import { type Marginal, quantile } from '../../src/uq/marginal.ts'
import { meanInterval } from '../../src/uq/mean.ts'
import { quantileInterval } from '../../src/uq/quantile.ts'
import { standardDeviationInterval } from '../../src/uq/standard-deviation.ts'

/** A law to draw from, with the truths that the intervals should cover. */
interface Law {
  readonly name: string
  readonly inverse: (u: number) => number
  readonly mean: number
  readonly standardDeviation: number
}

const fromMarginal = (name: string, m: Marginal, mean: number, standardDeviation: number): Law => ({
  name,
  inverse: (u) => quantile(m, u),
  mean,
  standardDeviation,
})
const logNormal = (standardDeviation: number): Law =>
  fromMarginal(
    `log-normal with ${100 * standardDeviation} % scatter`,
    { law: 'log-normal', mean: 1, standardDeviation },
    1,
    standardDeviation,
  )

const NORMAL = fromMarginal('normal', { law: 'normal', mean: 2, standardDeviation: 0.7 }, 2, 0.7)
const EXPONENTIAL: Law = { name: 'exponential', inverse: (u) => -Math.log1p(-u), mean: 1, standardDeviation: 1 }
const LAWS: readonly Law[] = [NORMAL, EXPONENTIAL, logNormal(0.3), logNormal(0.5)]

const LEVEL = 0.95
/** Fewer than in use, for the test's time; the coverage is the same to .5 %. */
const RESAMPLES = 399

/** The share of replications whose interval holds the truth; replication r draws from stream index r. */
const coverage = (
  law: Law,
  n: number,
  replications: number,
  intervalOf: (sorted: Float64Array, replication: number) => Interval,
  truth: number,
): number => {
  const stream = randomStream(2026, `coverage/${law.name}/${n}`)
  const u = new Float64Array(n)
  let covered = 0
  for (let r = 0; r < replications; r++) {
    stream.uniformsInto(u, r)
    const { interval } = intervalOf(u.map(law.inverse).sort(), r)
    if (interval[0] <= truth && truth <= interval[1]) covered++
  }
  return covered / replications
}

/** Nominal less three standard errors of the observed share. */
const least = (nominal: number, replications: number): number =>
  nominal - 3 * Math.sqrt((nominal * (1 - nominal)) / replications)

const named = LAWS.map((law) => [law.name, law] as const)

describe('intervals at level 0.95 cover', () => {
  it.each(named)('the mean of %s (Student, n = 500, 2,000 replications)', (_, law) => {
    const share = coverage(law, 500, 2000, (x) => meanInterval(x, LEVEL), law.mean)
    expect(share).toBeGreaterThanOrEqual(least(LEVEL, 2000))
    expect(share).toBeLessThan(0.98)
  })

  it.each(named)('the standard deviation of %s (studentised bootstrap, n = 250, 300 replications)', (_, law) => {
    const interval = (x: Float64Array, r: number) =>
      standardDeviationInterval(x, LEVEL, randomStream(r, 'coverage resamples'), RESAMPLES)
    const share = coverage(law, 250, 300, interval, law.standardDeviation)
    expect(share).toBeGreaterThanOrEqual(least(LEVEL, 300))
    expect(share).toBeLessThan(0.99)
  })

  it.each(named)('the 5, 50 and 95 % quantiles of %s (order statistics, n = 200, 1,000 replications)', (_, law) => {
    for (const p of [0.05, 0.5, 0.95]) {
      const share = coverage(law, 200, 1000, (x) => quantileInterval(x, p, LEVEL), law.inverse(p))
      expect(share).toBeGreaterThanOrEqual(least(LEVEL, 1000))
      expect(share).toBeLessThan(0.99)
    }
  })

  it.each([0.3, 0.05, 0.004])('an exceedance probability of %f (Clopper-Pearson, n = 400, 1,000 replications)', (p) => {
    const threshold = NORMAL.inverse(1 - p)
    const interval = (x: Float64Array) => proportionInterval(countAbove(x, threshold), x.length, LEVEL)
    const share = coverage(NORMAL, 400, 1000, interval, p)
    expect(share).toBeGreaterThanOrEqual(least(LEVEL, 1000))
    expect(share).toBeLessThan(1)
  })
})

/**
 * Student's interval of an exponential mean covers 94.5 % at n = 200 and 94.9 % at n = 1,000 (60,000 and 15,000 replications).
 * Where the level does not hold: heavy tails and few samples. The numbers are documented, and kept from
 * getting worse.
 */
describe('known under-coverage', () => {
  it('the standard deviation of a heavy-tailed law (log-normal, 130 % scatter): about 85 % at n = 200', () => {
    const interval = (x: Float64Array, r: number) =>
      standardDeviationInterval(x, LEVEL, randomStream(r, 'coverage resamples'), RESAMPLES)
    const share = coverage(logNormal(1.3), 200, 300, interval, 1.3)
    expect(share).toBeGreaterThan(0.78)
    expect(share).toBeLessThan(least(LEVEL, 300))
  })

  it('the mean of that law at n = 20 is covered about 87 % of the time', () => {
    const share = coverage(logNormal(1.3), 20, 1000, (x) => meanInterval(x, LEVEL), 1)
    expect(share).toBeGreaterThan(0.83)
    expect(share).toBeLessThan(least(LEVEL, 1000))
  })
})
