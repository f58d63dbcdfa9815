import { describe, expect, it } from 'vitest'
import { conditionalMoments, fitConditionalLaw } from '../../src/generative/conditional-law.ts'
import { freshVariance, withFreshScale } from '../../src/generative/scale-calibration.ts'
import { heteroscedastic } from './known-law.ts'

const MODES = 60
const [training, fresh, test] = [
  heteroscedastic(300, MODES, 1),
  heteroscedastic(300, MODES, 2),
  heteroscedastic(2000, MODES, 3),
]
const law = fitConditionalLaw(training)
const calibrated = withFreshScale(law, fresh)
const mean = (values: Float64Array, from: number, to: number): number =>
  values.slice(from, to).reduce((a, b) => a + b, 0) / (to - from)

describe('the scale of a law on fresh runs', () => {
  it('is set on the training runs, and too small along weak directions', () => {
    expect(mean(freshVariance(law, training), 0, MODES)).toBeCloseTo(1, 10)
    expect(mean(freshVariance(law, test), 40, MODES)).toBeGreaterThan(1.25)
  })

  it('is right for other runs once it has seen some', () => {
    for (const [from, to] of [
      [0, 20],
      [20, 40],
      [40, 60],
    ])
      expect(Math.abs(mean(freshVariance(calibrated, test), from, to) - 1)).toBeLessThan(0.06)
  })

  it('depends on θ as before, and does not move the mean', () => {
    const n = 50
    const [a, b] = [law, calibrated].map((l) => conditionalMoments(l, test.conditions.slice(0, 2 * n), n))
    expect(b.mean).toEqual(a.mean)
    for (let j = 0; j < MODES; j++) {
      const ratio = b.sigma[j] / a.sigma[j]
      for (let i = 1; i < n; i++) expect(b.sigma[i * MODES + j] / a.sigma[i * MODES + j]).toBeCloseTo(ratio, 10)
    }
  })
})
