import type { GanCheckpoint, TrainingRecord } from '../generative/gan/checkpoint.ts'
import type { AnyModelState } from '../generative/model-registry.ts'
import { pack, unpack } from '../numeric/container.ts'
import { InvalidInput } from '../numeric/errors.ts'
import type { StudyFolder } from './folder.ts'
import type { ChosenReduction } from './reduce.ts'
import type { ModelName } from './schema.ts'

/** What the training of the generator was like, for the report. */
export interface TrainingStory {
  readonly history: readonly TrainingRecord[]
  /** Iteration whose weights are used. */
  readonly best: number
}

const REDUCTION = 'model/reduction.bin'
const STORY = 'model/training-story.bin'
const CHECKPOINT = 'model/training.bin'
const modelFile = (name: ModelName): string => `model/${name}.bin`

const readPacked = async <T>(folder: StudyFolder, path: string): Promise<T | null> => {
  const bytes = await folder.read(path)
  return bytes === null ? null : (unpack(bytes, path) as T)
}

const needed = <T>(value: T | null, path: string): T => {
  if (value === null) throw InvalidInput.of(path, 'the result of `nestwave train`', 'no such file (run train first)')
  return value
}

export const saveReduction = (folder: StudyFolder, chosen: ChosenReduction): Promise<void> =>
  folder.write(REDUCTION, pack(chosen))
export const findReduction = (folder: StudyFolder): Promise<ChosenReduction | null> => readPacked(folder, REDUCTION)
export const loadReduction = async (folder: StudyFolder): Promise<ChosenReduction> =>
  needed(await findReduction(folder), REDUCTION)

export const saveModel = (folder: StudyFolder, name: ModelName, state: AnyModelState): Promise<void> =>
  folder.write(modelFile(name), pack(state))
export const findModel = (folder: StudyFolder, name: ModelName): Promise<AnyModelState | null> =>
  readPacked(folder, modelFile(name))
export const loadModelState = async (folder: StudyFolder, name: ModelName): Promise<AnyModelState> =>
  needed(await findModel(folder, name), modelFile(name))

export const saveCheckpoint = (folder: StudyFolder, checkpoint: GanCheckpoint): Promise<void> =>
  folder.write(CHECKPOINT, pack(checkpoint))
export const findCheckpoint = (folder: StudyFolder): Promise<GanCheckpoint | null> => readPacked(folder, CHECKPOINT)

export const saveStory = (folder: StudyFolder, story: TrainingStory): Promise<void> => folder.write(STORY, pack(story))
export const loadStory = async (folder: StudyFolder): Promise<TrainingStory> =>
  needed(await readPacked<TrainingStory>(folder, STORY), STORY)
