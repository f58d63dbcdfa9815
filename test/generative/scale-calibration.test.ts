import { describe, expect, it } from 'vitest'
import { conditionalMoments, fitConditionalLaw } from '../../src/generative/conditional-law.ts'
import { fitGaussianMixture } from '../../src/generative/gaussian-mixture.ts'
import { fitResidualBootstrap } from '../../src/generative/residual-bootstrap.ts'
import { freshVariance, withFreshScale } from '../../src/generative/scale-calibration.ts'
import { fitScaleGauss } from '../../src/generative/scale-gauss.ts'
import type { TraceModel } from '../../src/generative/trace-model.ts'
import { heteroscedastic, latentOf } from './known-law.ts'

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

const MODELS = [
  ['scale-gauss', fitScaleGauss],
  ['residual-bootstrap', fitResidualBootstrap],
  ['gaussian-mixture', fitGaussianMixture],
] as const

describe.each(MODELS)('%s', (_, fitModel) => {
  // The mixture of two modes has a tail whose levels are common to 32 directions: the parts end where its groups do.
  const PARTS = [
    [0, 34],
    [34, 60],
  ] as const
  /** Variance of a model's samples over that of the test runs, about the same mean: strong directions, weak ones. */
  const ratios = async (model: TraceModel): Promise<number[]> => {
    const { count, conditions } = test
    const coefficients = await model.sample(conditions, latentOf(count, MODES, 5), count)
    const [ours, theirs] = [freshVariance(law, { ...test, coefficients }), freshVariance(law, test)]
    return PARTS.map(([from, to]) => mean(ours, from, to) / mean(theirs, from, to))
  }

  it('scatters too little along weak directions with the scale of its training runs', async () => {
    expect((await ratios(fitModel(training)))[1]).toBeLessThan(0.85)
  })

  it('scatters as new runs do with the scale of fresh ones', async () => {
    for (const ratio of await ratios(fitModel(training, fresh))) expect(Math.abs(ratio - 1)).toBeLessThan(0.06)
  })

  it('refuses fresh runs of other modes', () =>
    expect(() => fitModel(training, heteroscedastic(300, MODES - 1, 2))).toThrow(/validation.modes: expected 60/))
})
