import { describe, expect, it } from 'vitest'
import { excessEnergyDistance } from '../../src/generative/excess-energy.ts'
import { jointTest } from '../../src/generative/joint-test.ts'
import type { TrainingData } from '../../src/generative/training-data.ts'
import { randomStream } from '../../src/numeric/random.ts'

/** n rows N(0, scale² I) of r coefficients with one uniform θ each; `theta` names the stream that θ comes from. */
const gaussian = (n: number, r: number, seed: number, purpose: string, scale = 1, theta = 'theta'): TrainingData => {
  const conditions = new Float64Array(n)
  const coefficients = new Float64Array(n * r)
  randomStream(seed, `test/${theta}`).uniformsInto(conditions, 0)
  randomStream(seed, `test/${purpose}`).normalsInto(coefficients, 0)
  return {
    ...{ count: n, conditionCount: 1, modes: r },
    conditions: conditions.map((u) => 2 * u - 1),
    coefficients: coefficients.map((z) => scale * z),
  }
}
const times = <T>(count: number, make: (seed: number) => T): T[] =>
  Array.from({ length: count }, (_, seed) => make(seed))
const share = (values: readonly boolean[]): number => values.filter(Boolean).length / values.length
const threeErrors = (p: number, count: number): number => 3 * Math.sqrt((p * (1 - p)) / count)

describe('jointTest', () => {
  const REPLICATIONS = 400
  const rejections = (theta: string): number =>
    share(
      times(REPLICATIONS, (seed) => {
        const [model, real] = [gaussian(40, 12, seed, 'model', 1, theta), gaussian(40, 12, seed, 'real')]
        return jointTest(model, real, { permutations: 59, seed }).pValue <= 0.05
      }),
    )

  it.each([
    ['at the θ of the real rows', 'theta'],
    ['at θ of their own', 'other-theta'],
  ])('rejects equal laws at its level: rows %s', (_, theta) => {
    expect(Math.abs(rejections(theta) - 0.05)).toBeLessThan(threeErrors(0.05, REPLICATIONS))
  })

  it.each([
    [32, 1.1],
    [200, 0.9],
  ])('rejects a scale wrong by a tenth at n = 1,600: %d modes, scale %d', (modes, scale) => {
    const [model, real] = [gaussian(1600, modes, 1, 'model', scale), gaussian(1600, modes, 1, 'real')]
    const { pValue, statistic } = jointTest(model, real, { permutations: 99 })
    expect(pValue).toBe(0.01)
    expect(statistic).toBeGreaterThan(6)
  })
})

/** E‖z‖ of N(0, v I) in d dimensions: √(2v) Γ((d+1)/2) / Γ(d/2). */
const meanNorm = (d: number, v: number): number => {
  let ratio = d % 2 === 1 ? 1 / Math.sqrt(Math.PI) : Math.sqrt(Math.PI) / 2
  for (let k = d % 2 === 1 ? 1 : 2; k < d; k += 2) ratio *= (k + 1) / k
  return Math.sqrt(2 * v) * ratio
}

describe('jointTest by amplitude', () => {
  const MODES = 48
  /** Amplitudes that fall like a wave's. */
  const amplitudes = Float64Array.from({ length: MODES }, (_, k) => (1 + k / 4) ** -1.1)
  /** The last half of the modes in other units. */
  const weakScaled = (data: TrainingData, scale: number): TrainingData => ({
    ...data,
    coefficients: data.coefficients.map((a, at) => (at % MODES < MODES / 2 ? a : scale * a)),
  })
  const parts = (scaleOfAll: number, scaleOfWeak: number) => {
    const model = weakScaled(gaussian(800, MODES, 1, 'model', scaleOfAll), scaleOfWeak)
    const options = { permutations: 99, amplitudes, strict: true }
    const { parts } = jointTest(model, gaussian(800, MODES, 1, 'real'), options)
    return Object.fromEntries(parts.map(({ name, standardised }) => [name, standardised]))
  }

  it('still sees a scale of all modes that is wrong by a tenth', () => {
    expect(parts(1.1, 1)['all']).toBeGreaterThan(4)
  })

  it('minds weak modes less than the statistic in which all are equal', () => {
    const { all, equal } = parts(1, 1.2)
    expect(equal).toBeGreaterThan(3)
    expect(all).toBeLessThan(equal / 2)
  })

  it.each([[new Float64Array(MODES)], [new Float64Array(3).fill(1)]])('refuses amplitudes of no use', (wrong) => {
    const data = gaussian(10, MODES, 1, 'model')
    expect(() => jointTest(data, gaussian(10, MODES, 1, 'real'), { amplitudes: wrong })).toThrow('amplitudes')
  })
})

describe('excessEnergyDistance', () => {
  const R = 6
  const REPLICATIONS = 300
  /** Energy distance of N(0, I) and N(0, s² I) in R dimensions; the test leaves θ out of it. */
  const exact = (s: number): number => 2 * meanNorm(R, 1 + s * s) - meanNorm(R, 2) - meanNorm(R, 2 * s * s)
  const withoutTheta = (d: TrainingData): TrainingData => ({ ...d, conditionCount: 0, conditions: new Float64Array() })
  const unpaired = (scale: number, floor: boolean, n = 60) =>
    times(REPLICATIONS, (seed) => {
      // Rows without θ count as pairs when there are as many of them: one more row each makes them independent.
      const [model, real, other] = [
        gaussian(n + 1, R, seed, 'model', scale),
        gaussian(n, R, seed, 'real'),
        gaussian(n + 2, R, seed, 'floor'),
      ].map(withoutTheta)
      return excessEnergyDistance(model, real, floor ? other : undefined, { resamples: 199, seed })
    })
  const paired = (scale: number) =>
    times(REPLICATIONS, (seed) =>
      excessEnergyDistance(gaussian(60, R, seed, 'model', scale), gaussian(60, R, seed, 'real'), undefined, {
        ...{ resamples: 199, seed },
      }),
    )

  it('knows the mean norm of a Gaussian', () => {
    expect(meanNorm(1, 1)).toBeCloseTo(Math.sqrt(2 / Math.PI), 12)
    expect(meanNorm(2, 1)).toBeCloseTo(Math.sqrt(Math.PI / 2), 12)
    expect(meanNorm(3, 1)).toBeCloseTo(2 * Math.sqrt(2 / Math.PI), 12)
  })

  it.each([
    [1, false],
    [1, true],
    [1.5, false],
    [1.5, true],
  ])('is unbiased, and below its bound as often as stated or more: scale %d, floor %s', (scale, floor) => {
    const results = unpaired(scale, floor)
    const values = results.map((r) => r.excess)
    const mean = values.reduce((a, b) => a + b, 0) / REPLICATIONS
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / REPLICATIONS)
    expect(Math.abs(mean - exact(scale))).toBeLessThan((3 * deviation) / Math.sqrt(REPLICATIONS))
    const covered = share(results.map((r) => r.upper >= exact(scale)))
    expect(covered).toBeGreaterThan(0.95 - threeErrors(0.95, REPLICATIONS))
  })

  it('is zero on average and covered for equal laws at the same θ', () => {
    const results = paired(1)
    const mean = results.reduce((sum, r) => sum + r.excess, 0) / REPLICATIONS
    const error = Math.sqrt(results.reduce((sum, r) => sum + r.excess ** 2, 0)) / REPLICATIONS
    expect(Math.abs(mean)).toBeLessThan(3 * error)
    expect(share(results.map((r) => r.upper >= 0))).toBeGreaterThan(0.95 - threeErrors(0.95, REPLICATIONS))
  })

  it('is no smaller than its lower bound in 95 % of all cases, far from equal laws', () => {
    const covered = share(unpaired(1.5, true).map((r) => r.lower <= exact(1.5)))
    expect(covered).toBeGreaterThan(0.95 - threeErrors(0.95, REPLICATIONS))
  })

  it('refuses other sizes', () => {
    expect(() => excessEnergyDistance(gaussian(20, 3, 1, 'a'), gaussian(20, 4, 1, 'b'))).toThrow(/4 modes and 1 cond/)
    expect(() => excessEnergyDistance(gaussian(9, 3, 1, 'a'), gaussian(20, 3, 1, 'b'))).toThrow(/10 or more rows/)
  })
})
