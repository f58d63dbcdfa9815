import { InvalidInput } from '../numeric/errors.ts'
import type { TensorExecutor } from '../tensor/executor.ts'
import { ganModel } from './gan/gan-model.ts'
import type { GanState } from './gan/gan-state.ts'
import { type GaussianMixtureState, loadGaussianMixture } from './gaussian-mixture.ts'
import { type LocalBootstrapState, loadLocalBootstrap } from './local-bootstrap.ts'
import { loadPcaGauss, type PcaGaussState } from './pca-gauss.ts'
import { loadResidualBootstrap, type ResidualBootstrapState } from './residual-bootstrap.ts'
import { loadScaleGauss, type ScaleGaussState } from './scale-gauss.ts'
import type { TraceModel } from './trace-model.ts'
import { loadTraceReplay, type TraceReplayState } from './trace-replay.ts'

/** Every model's saved form; `kind` tells them apart. */
export type AnyModelState =
  | PcaGaussState
  | ScaleGaussState
  | ResidualBootstrapState
  | LocalBootstrapState
  | TraceReplayState
  | GaussianMixtureState
  | GanState

/**
 * The model that a state was saved from: equal samples to the last bit.
 * @param executor runs the generator; the baselines do without
 * @throws InvalidInput for an unknown kind, and for a generator without an executor
 * @verifiedBy test/generative/baselines.test.ts
 */
export const loadModel = async (state: AnyModelState, executor?: TensorExecutor): Promise<TraceModel> => {
  switch (state.kind) {
    case 'pca-gauss':
      return loadPcaGauss(state)
    case 'scale-gauss':
      return loadScaleGauss(state)
    case 'residual-bootstrap':
      return loadResidualBootstrap(state)
    case 'local-bootstrap':
      return loadLocalBootstrap(state)
    case 'trace-replay':
      return loadTraceReplay(state)
    case 'gaussian-mixture':
      return loadGaussianMixture(state)
    case 'gan':
      if (!executor) throw InvalidInput.of('executor', 'an executor to run the generator', 'none')
      return ganModel(state, executor)
    default:
      throw InvalidInput.of('state.kind', 'a known trace model', (state as { kind: unknown }).kind)
  }
}
