import type { TensorExecutor } from '../../tensor/executor.ts'
import type { GanState } from './gan-state.ts'
import { type Granularities, uniformGranularity } from './granularity.ts'
import { standAlone } from './stand-alone.ts'
import { type StandAloneModel, standAloneModel } from './stand-alone-model.ts'

export interface GanModel extends StandAloneModel {
  readonly state: GanState
}

/**
 * The generator at one granularity per block.
 * @throws InvalidInput for a combination that has not been calibrated
 * @verifiedBy test/generative/gan-model.test.ts
 */
export const ganModel = async (
  state: GanState,
  executor: TensorExecutor,
  granularities: Granularities = uniformGranularity(1, state.config.blocks),
): Promise<GanModel> => ({ ...(await standAloneModel(standAlone(state, granularities), executor)), state })
