import { categoryUniform, uniformIndex } from './category.ts'
import type { ModelState, SavedModel } from './saved-model.ts'
import { latentDimension } from './trace-model.ts'
import { checkSampleArguments, checkTrainingData, type TrainingData } from './training-data.ts'

export interface TraceReplayState extends ModelState {
  readonly kind: 'trace-replay'
  readonly conditionCount: number
  readonly modes: number
  /** [N, r] the training coefficients themselves. */
  readonly atoms: Float64Array
}

/** a = a_i, i uniform over the training pairs: no model error, N atoms, and the training law of θ whatever is asked. */
export const fitTraceReplay = (data: TrainingData): SavedModel<TraceReplayState> => {
  const { conditionCount, modes, coefficients } = checkTrainingData(data)
  return loadTraceReplay({ kind: 'trace-replay', conditionCount, modes, atoms: coefficients.slice() })
}

export const loadTraceReplay = (state: TraceReplayState): SavedModel<TraceReplayState> => ({
  state,
  name: state.kind,
  description:
    'the stored training runs, drawn at random: nothing is learnt, load parameters are those of the stored run',
  modes: state.modes,
  flopsPerSample: 0,
  sample: async (conditions, latent, n) => {
    const { modes, atoms, conditionCount } = state
    checkSampleArguments(conditions, conditionCount, latent, latentDimension(modes), n)
    const out = new Float64Array(n * modes)
    for (let i = 0; i < n; i++) {
      const from = uniformIndex(categoryUniform(latent, i, modes), atoms.length / modes)
      out.set(atoms.subarray(from * modes, (from + 1) * modes), i * modes)
    }
    return out
  },
})
