import { categoryUniform } from './category.ts'
import {
  type ConditionalLaw,
  conditionalLawFlops,
  fitConditionalLaw,
  standardise,
  unstandardise,
} from './conditional-law.ts'
import type { ModelState, SavedModel } from './saved-model.ts'
import { latentDimension } from './trace-model.ts'
import { checkSampleArguments, type TrainingData } from './training-data.ts'

export interface LocalBootstrapState extends ModelState {
  readonly kind: 'local-bootstrap'
  readonly law: ConditionalLaw
  /** [N, p] training conditions. */
  readonly conditions: Float64Array
  /** [N, r] standardised residuals of the training pairs. */
  readonly residuals: Float64Array
  /** Training pairs with a positive weight at a condition. */
  readonly neighbours: number
}

/** N^{4/(p+4)}: the optimal rate of a nearest-neighbour estimate of a twice differentiable function of p variables. */
const defaultNeighbours = (count: number, p: number): number =>
  Math.min(count, Math.max(10, Math.round(count ** (4 / (p + 4)))))

/** a = μ(θ) + Vᵀ(σ(θ) ∘ e_i), i drawn near θ: tricube weights over the nearest training conditions. */
export const fitLocalBootstrap = (
  data: TrainingData,
  options: { readonly neighbours?: number } = {},
): SavedModel<LocalBootstrapState> => {
  const law = fitConditionalLaw(data)
  const residuals = standardise(law, data.conditions, data.coefficients, data.count)
  const neighbours = options.neighbours ?? defaultNeighbours(data.count, data.conditionCount)
  return loadLocalBootstrap({ kind: 'local-bootstrap', law, conditions: data.conditions, residuals, neighbours })
}

/** Tricube weights (1 − (d/h)³)³, h the distance of the first pair left out. @source Cleveland, JASA 74 (1979) */
const weightsAt = (state: LocalBootstrapState, theta: Float64Array): Float64Array => {
  const p = theta.length
  const count = state.residuals.length / state.law.modes
  const distances = new Float64Array(count).map((_, n) => {
    let sum = 0
    for (let i = 0; i < p; i++) sum += (state.conditions[n * p + i] - theta[i]) ** 2
    return Math.sqrt(sum)
  })
  if (state.neighbours >= count) return distances.fill(1)
  const reach = distances.toSorted()[state.neighbours]
  if (reach === 0) return distances.map((d) => (d === 0 ? 1 : 0))
  return distances.map((d) => (d < reach ? (1 - (d / reach) ** 3) ** 3 : 0))
}

/** The index at fraction u of the total weight. */
const weightedIndex = (weights: Float64Array, u: number): number => {
  let left = u * weights.reduce((a, b) => a + b)
  const last = weights.findLastIndex((w) => w > 0)
  for (let n = 0; n < last; n++) {
    left -= weights[n]
    if (left < 0) return n
  }
  return last
}

export const loadLocalBootstrap = (state: LocalBootstrapState): SavedModel<LocalBootstrapState> => ({
  state,
  name: state.kind,
  description:
    'residuals of training runs with similar load parameters, about a mean and with a scale that depend on θ',
  modes: state.law.modes,
  flopsPerSample:
    conditionalLawFlops(state.law) - 2 * state.law.modes ** 2 + (state.residuals.length / state.law.modes) * 10,
  sample: async (conditions, latent, n) => {
    const { law, residuals } = state
    const { modes, conditionCount: p } = law
    checkSampleArguments(conditions, p, latent, latentDimension(modes), n)
    const drawn = new Float64Array(n * modes)
    for (let i = 0; i < n; i++) {
      const weights = weightsAt(state, conditions.subarray(i * p, (i + 1) * p))
      const from = weightedIndex(weights, categoryUniform(latent, i, modes))
      drawn.set(residuals.subarray(from * modes, (from + 1) * modes), i * modes)
    }
    return unstandardise(law, conditions, drawn, n)
  },
})
