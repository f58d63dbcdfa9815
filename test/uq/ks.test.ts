import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { ksFloor, ksPValue, ksStatistic } from '../../src/uq/ks.ts'

interface Fixture {
  readonly ks: {
    readonly a: readonly number[]
    readonly b: readonly number[]
    readonly statistic: number
    readonly exactP: number
    readonly tiedA: readonly number[]
    readonly tiedB: readonly number[]
    readonly tiedStatistic: number
  }
  readonly kolmogorovTail: readonly (readonly [number, number])[]
}
const file = join(import.meta.dirname, '../fixtures/scipy-stats/values.json')
const { ks, kolmogorovTail } = JSON.parse(readFileSync(file, 'utf8')) as Fixture

/** Two uniform samples, stream index r. */
const pair = (n: number, m: number, r: number): [Float64Array, Float64Array] => {
  const u = new Float64Array(n + m)
  randomStream(3, 'ks test').uniformsInto(u, r)
  return [u.slice(0, n), u.slice(n)]
}

describe('Kolmogorov-Smirnov', () => {
  it("gives SciPy's statistic, with and without ties", () => {
    expect(ksStatistic(ks.a, ks.b)).toBeCloseTo(ks.statistic, 14)
    expect(ksStatistic(ks.tiedA, ks.tiedB)).toBeCloseTo(ks.tiedStatistic, 14)
    expect(ksStatistic(ks.b, ks.a)).toBe(ksStatistic(ks.a, ks.b))
  })

  it('is 0 for equal and 1 for separate samples', () => {
    expect(ksStatistic([1, 2, 3], [3, 1, 2])).toBe(0)
    expect(ksStatistic([1, 2], [3, 4, 5])).toBe(1)
  })

  it('has the Kolmogorov law in the limit', () => {
    const n = 1e12
    for (const [lambda, tail] of kolmogorovTail)
      expect(Math.abs(ksPValue(lambda / (Math.sqrt(n / 2) + 0.12), n, n) - tail)).toBeLessThan(1e-11)
  })

  it("is near SciPy's exact p-value at n = 40, m = 55", () => {
    const p = ksPValue(ks.statistic, ks.a.length, ks.b.length)
    expect(Math.abs(p - ks.exactP)).toBeLessThan(0.1 * ks.exactP + 0.005)
  })

  it('leaves failed samples out, and refuses a sample without any finite value', () => {
    expect(ksStatistic([1, Number.NaN, 2], [1, 2, Infinity])).toBe(0)
    expect(() => ksStatistic([Number.NaN], [1])).toThrow(InvalidInput)
  })

  it.each([
    [1000, 1000, 0.0386],
    [100, 60, 0.1387],
  ])('floor at n = %i, m = %i is the mean over samples of one law', (n, m, expected) => {
    const runs = 300
    let sum = 0
    let squares = 0
    for (let r = 0; r < runs; r++) {
      const d = ksStatistic(...pair(n, m, r))
      sum += d
      squares += d * d
    }
    const error = Math.sqrt((squares / runs - (sum / runs) ** 2) / runs)
    expect(ksFloor(n, m)).toBeCloseTo(expected, 3)
    expect(Math.abs(sum / runs - ksFloor(n, m))).toBeLessThan(3.5 * error)
  })

  it('p-values of one law are uniform enough to test with', () => {
    const runs = 400
    let rejected = 0
    for (let r = 0; r < runs; r++) {
      const [a, b] = pair(200, 150, r)
      if (ksPValue(ksStatistic(a, b), 200, 150) < 0.05) rejected++
    }
    expect(rejected / runs).toBeGreaterThan(0.02)
    expect(rejected / runs).toBeLessThan(0.085)
  })
})
