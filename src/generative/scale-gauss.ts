import { leadingNormals } from './category.ts'
import { type ConditionalLaw, colour, conditionalLawFlops, unstandardise } from './conditional-law.ts'
import type { ModelState, SavedModel } from './saved-model.ts'
import { fitLaws } from './scale-calibration.ts'
import { latentDimension } from './trace-model.ts'
import { checkSampleArguments, type TrainingData } from './training-data.ts'

export interface ScaleGaussState extends ModelState {
  readonly kind: 'scale-gauss'
  readonly law: ConditionalLaw
}

/**
 * a = μ(θ) + Vᵀ(σ(θ) ∘ K z), z standard normal.
 * @param fresh runs that σ is set on; not given: the training runs
 * @verifiedBy test/generative/scale-calibration.test.ts
 */
export const fitScaleGauss = (data: TrainingData, fresh?: TrainingData): SavedModel<ScaleGaussState> =>
  loadScaleGauss({ kind: 'scale-gauss', law: fitLaws(data, fresh).law })

export const loadScaleGauss = (state: ScaleGaussState): SavedModel<ScaleGaussState> => ({
  state,
  name: state.kind,
  description: 'Gaussian residuals about a mean and with a scale that depend on the load parameters',
  modes: state.law.modes,
  flopsPerSample: conditionalLawFlops(state.law),
  sample: async (conditions, latent, n) => {
    const { law } = state
    checkSampleArguments(conditions, law.conditionCount, latent, latentDimension(law.modes), n)
    return unstandardise(law, conditions, colour(law, leadingNormals(latent, n, law.modes), n), n)
  },
})
