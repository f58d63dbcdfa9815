import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { normalCdf, normalQuantile } from '../../src/numeric/normal.ts'
import { betaCdf, betaQuantile, binomialCdf, logGamma } from '../../src/uq/beta.ts'
import { proportionInterval } from '../../src/uq/exceedance.ts'
import { cdf, type Marginal, quantile } from '../../src/uq/marginal.ts'
import { meanInterval, moments } from '../../src/uq/mean.ts'
import { quantileRanks, sampleQuantile } from '../../src/uq/quantile.ts'
import { studentQuantile } from '../../src/uq/student.ts'

type Rows = readonly (readonly number[])[]
interface Fixture {
  readonly program: string
  readonly script: string
  readonly sha256: string
  readonly normalQuantile: Rows
  readonly normalCdf: Rows
  readonly logGamma: Rows
  readonly betaCdf: Rows
  readonly betaQuantile: Rows
  readonly studentQuantile: Rows
  readonly binomialCdf: Rows
  readonly clopperPearson: Rows
  readonly quantileRanks: Rows
  readonly sample: readonly number[]
  readonly mean: { readonly value: number; readonly interval: readonly [number, number] }
  readonly standardDeviation: number
  readonly quantiles: Rows
  readonly marginals: readonly {
    readonly marginal: Marginal
    readonly u: readonly number[]
    readonly quantile: readonly number[]
  }[]
}

const FOLDER = join(import.meta.dirname, '../fixtures/scipy-stats')
const fixture = JSON.parse(readFileSync(join(FOLDER, 'values.json'), 'utf8')) as Fixture

/** |a − b| / |b|, or |a| where b is 0. */
const relative = (a: number, b: number): number => Math.abs(a - b) / (Math.abs(b) || 1)
const worst = (rows: Rows, f: (...x: number[]) => number): number =>
  Math.max(...rows.map((row) => relative(f(...row.slice(0, -1)), row.at(-1)!)))

describe('against SciPy', () => {
  it('uses a fixture made by the script beside it', () => {
    const script = readFileSync(join(FOLDER, fixture.script))
    expect(createHash('sha256').update(script).digest('hex')).toBe(fixture.sha256)
    expect(fixture.program).toMatch(/^scipy \d/)
  })

  it('normal quantile', () => expect(worst(fixture.normalQuantile, normalQuantile)).toBeLessThan(2e-15))
  it('normal distribution function', () => expect(worst(fixture.normalCdf, normalCdf)).toBeLessThan(2e-13))
  it('log gamma (absolute near its zeros at 1 and 2)', () => {
    const errors = fixture.logGamma.map(([x, value]) => Math.abs(logGamma(x) - value) / Math.max(Math.abs(value), 1))
    expect(Math.max(...errors)).toBeLessThan(1e-14)
  })
  it('beta distribution function', () => expect(worst(fixture.betaCdf, betaCdf)).toBeLessThan(1e-11))
  it('beta quantile', () => expect(worst(fixture.betaQuantile, betaQuantile)).toBeLessThan(1e-11))
  it('Student quantile', () => expect(worst(fixture.studentQuantile, studentQuantile)).toBeLessThan(1e-11))
  it('binomial distribution function', () => expect(worst(fixture.binomialCdf, binomialCdf)).toBeLessThan(1e-11))

  it.each(fixture.clopperPearson)('Clopper-Pearson of %i in %i at %f', (k, n, level, low, high) => {
    const { interval } = proportionInterval(k, n, level)
    expect(relative(interval[0], low)).toBeLessThan(1e-9)
    expect(relative(interval[1], high)).toBeLessThan(1e-9)
  })

  it.each(fixture.quantileRanks)('ranks for n = %i, p = %f, level %f', (n, p, level, lower, upper) => {
    expect(quantileRanks(n, p, level)).toEqual([lower, upper])
  })

  it('mean with its interval, standard deviation, quantiles of a sample', () => {
    const { value, interval } = meanInterval(fixture.sample, 0.95)
    expect(relative(value, fixture.mean.value)).toBeLessThan(1e-14)
    expect(relative(interval[0], fixture.mean.interval[0])).toBeLessThan(1e-12)
    expect(relative(interval[1], fixture.mean.interval[1])).toBeLessThan(1e-12)
    expect(relative(Math.sqrt(moments(fixture.sample).variance), fixture.standardDeviation)).toBeLessThan(1e-14)
    const sorted = Float64Array.from(fixture.sample).sort()
    expect(worst(fixture.quantiles, (p) => sampleQuantile(sorted, p))).toBeLessThan(1e-14)
  })

  it.each(fixture.marginals.map((m) => [m.marginal.law, m] as const))('%s marginal', (_, {
    marginal,
    u,
    quantile: x,
  }) => {
    u.forEach((ui, i) => {
      expect(relative(quantile(marginal, ui), x[i])).toBeLessThan(2e-10)
      expect(Math.abs(cdf(marginal, x[i]) - ui)).toBeLessThan(1e-9)
    })
  })
})
