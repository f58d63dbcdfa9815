import { categoryUniform, lastNormals, leadingNormals } from './category.ts'
import {
  type ConditionalLaw,
  colour,
  conditionalLawFlops,
  standardise,
  unstandardise,
  whiten,
} from './conditional-law.ts'
import { chooseMixture, type MixtureChoice } from './mixture/mixture-choice.ts'
import { componentAt, type MixtureLaw, placeInComponent } from './mixture/mixture-law.ts'
import type { ModelState, SavedModel } from './saved-model.ts'
import { fitLaws } from './scale-calibration.ts'
import { fillTail, fitTailLaw, type TailLaw, tailFlops } from './tail-law.ts'
import { latentDimension } from './trace-model.ts'
import { checkSampleArguments, type TrainingData } from './training-data.ts'

export interface GaussianMixtureState extends ModelState {
  readonly kind: 'gaussian-mixture'
  readonly law: ConditionalLaw
  readonly mixture: MixtureLaw
  /** The white modes beyond the mixture's; null where it has all. */
  readonly tail: TailLaw | null
  /** How the numbers of modes and components were chosen. */
  readonly tried: MixtureChoice['tried']
}

/**
 * a = μ(θ) + Vᵀ(σ(θ) ∘ K w), the leading w of a mixture of Gaussians, the rest Gaussian about a polynomial of θ and those. Its weights
 * and components do not depend on θ but through the conditional law.
 * @param fresh runs that σ and the levels of the tail are set on; not given: the training runs
 * @param seed of the starts
 * @verifiedBy test/generative/mixture.test.ts, scale-calibration.test.ts
 */
export const fitGaussianMixture = (
  data: TrainingData,
  fresh?: TrainingData,
  seed = 0,
): SavedModel<GaussianMixtureState> => {
  const { own, law } = fitLaws(data, fresh)
  const white = whiten(own, standardise(own, data.conditions, data.coefficients, data.count), data.count)
  const { law: mixture, tried } = chooseMixture(white, law.modes, seed)
  const shared = mixture.weights.length === 1
  const tail =
    mixture.size < law.modes ? fitTailLaw(law, data, mixture.size, { shared, ...(fresh && { fresh }) }) : null
  return loadGaussianMixture({ kind: 'gaussian-mixture', law, mixture, tail, tried })
}

const describe = ({ mixture }: GaussianMixtureState): string =>
  `mixture of ${mixture.weights.length} Gaussian${mixture.weights.length === 1 ? '' : 's'} on the leading ${mixture.size} whitened modes, about a mean and with a scale that depend on θ; a tail beyond, normal given them`

export const loadGaussianMixture = (state: GaussianMixtureState): SavedModel<GaussianMixtureState> => ({
  state,
  name: state.kind,
  description: describe(state),
  modes: state.law.modes,
  flopsPerSample:
    conditionalLawFlops(state.law) + state.mixture.size ** 2 + (state.tail === null ? 0 : tailFlops(state.tail)),
  sample: async (conditions, latent, n) => {
    const { law, mixture, tail } = state
    const { modes } = law
    checkSampleArguments(conditions, law.conditionCount, latent, latentDimension(modes), n)
    const white = leadingNormals(latent, n, modes)
    for (let i = 0; i < n; i++)
      placeInComponent(white, i * modes, mixture, componentAt(mixture, categoryUniform(latent, i, modes)))
    if (tail) fillTail(tail, conditions, white, lastNormals(latent, n, modes), n)
    return unstandardise(law, conditions, colour(law, white, n), n)
  },
})
