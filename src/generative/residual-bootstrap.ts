import { categoryUniform, uniformIndex } from './category.ts'
import { type ConditionalLaw, conditionalLawFlops, standardise, unstandardise } from './conditional-law.ts'
import type { ModelState, SavedModel } from './saved-model.ts'
import { fitLaws } from './scale-calibration.ts'
import { latentDimension } from './trace-model.ts'
import { checkSampleArguments, type TrainingData } from './training-data.ts'

export interface ResidualBootstrapState extends ModelState {
  readonly kind: 'residual-bootstrap'
  readonly law: ConditionalLaw
  /** [N, r] standardised residuals of the training pairs. */
  readonly residuals: Float64Array
}

/**
 * a = μ(θ) + Vᵀ(σ(θ) ∘ e_i), i uniform over the training pairs.
 * @param fresh runs that σ is set on; not given: the training runs
 * @verifiedBy test/generative/scale-calibration.test.ts
 */
export const fitResidualBootstrap = (data: TrainingData, fresh?: TrainingData): SavedModel<ResidualBootstrapState> => {
  const { own, law } = fitLaws(data, fresh)
  const residuals = standardise(own, data.conditions, data.coefficients, data.count)
  return loadResidualBootstrap({ kind: 'residual-bootstrap', law, residuals })
}

export const loadResidualBootstrap = (state: ResidualBootstrapState): SavedModel<ResidualBootstrapState> => ({
  state,
  name: state.kind,
  description: 'residuals of the training runs, drawn at random, about a mean and with a scale that depend on θ',
  modes: state.law.modes,
  flopsPerSample: conditionalLawFlops(state.law) - 2 * state.law.modes ** 2,
  sample: async (conditions, latent, n) => {
    const { law, residuals } = state
    const { modes } = law
    checkSampleArguments(conditions, law.conditionCount, latent, latentDimension(modes), n)
    const drawn = new Float64Array(n * modes)
    for (let i = 0; i < n; i++) {
      const from = uniformIndex(categoryUniform(latent, i, modes), residuals.length / modes)
      drawn.set(residuals.subarray(from * modes, (from + 1) * modes), i * modes)
    }
    return unstandardise(law, conditions, drawn, n)
  },
})
