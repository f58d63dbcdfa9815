import { ganModel } from '../generative/gan/gan-model.ts'
import { calibrateGan, type GanState } from '../generative/gan/gan-state.ts'
import { loadModel } from '../generative/model-registry.ts'
import type { TraceModel } from '../generative/trace-model.ts'
import type { StudyFolder } from './folder.ts'
import type { ModelChoice } from './model-choice.ts'
import { loadModelState } from './model-files.ts'
import { executorOf } from './train.ts'

export interface LoadedModel {
  readonly model: TraceModel
  release(): Promise<void>
}

/** A trained model of a folder, ready to sample; the generator at the granularities asked, calibrated for them. */
export const loadChosenModel = async (folder: StudyFolder, choice: ModelChoice): Promise<LoadedModel> => {
  const state = await loadModelState(folder, choice.name)
  if (choice.name !== 'gan') return { model: await loadModel(state), release: async () => {} }
  const executor = await executorOf({ folder })
  const { granularities } = choice
  const model = await ganModel(
    await calibrateGan(state as GanState, executor, [granularities]),
    executor,
    granularities,
  )
  return { model, release: () => model.release() }
}
