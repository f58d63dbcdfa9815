import type { GanCheckpoint, TrainingRecord } from '../generative/gan/checkpoint.ts'
import type { GanState } from '../generative/gan/gan-state.ts'
import { ganShapes, type NamedGan, withFlatWeights, withNamedWeights } from '../generative/gan/gan-tensors.ts'
import type { AnyModelState } from '../generative/model-registry.ts'
import { pack, unpack } from '../numeric/container.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { cardText } from './card-text.ts'
import { type StudyFolder, writeJson } from './folder.ts'
import { type CardFacts, checkCard, checkNamed, type ModelCard, modelCard } from './model-card.ts'
import type { ChosenReduction } from './reduce.ts'
import type { ModelName } from './schema.ts'
import { dataOfTensorFile, type TensorFormat, tensorFile } from './tensor-file.ts'

/** What the training of the generator was like, for the report. */
export interface TrainingStory {
  readonly history: readonly TrainingRecord[]
  /** Iteration whose weights are used. */
  readonly best: number
}

/** Files of a model folder that say what a generator is, and hold it. */
export const WEIGHTS = 'weights.safetensors'
export const REDUCTION = 'reduction.safetensors'
export const CARD = 'card.json'
export const CARD_TEXT = 'card.md'

const STORY = 'model/training-story.bin'
const CHECKPOINT = 'model/training.bin'
const inModel = (name: string): string => `model/${name}`
type Baseline = Exclude<ModelName, 'gan'>
const baselineFile = (name: Baseline): string => inModel(`${name}.bin`)

export const GENERATOR_FORMAT: TensorFormat<NamedGan> = { format: 'nestwave-generator', shapesOf: ganShapes }
export const REDUCTION_FORMAT: TensorFormat<ChosenReduction> = {
  format: 'nestwave-reduction',
  shapesOf: ({ reduction: { grid, modeCount, mean } }) => ({
    'reduction.mean': [grid.frames, grid.points.length / 2, grid.components],
    'reduction.modes': [modeCount, grid.frames, grid.points.length / 2, grid.components],
    'reduction.singularValues': [modeCount],
    'reduction.grid.points': [mean.length / grid.frames / grid.components, 2],
  }),
}

const readPacked = async <T>(folder: StudyFolder, path: string): Promise<T | null> => {
  const bytes = await folder.read(path)
  return bytes === null ? null : (unpack(bytes, path) as T)
}

const needed = <T>(value: T | null, path: string): T => {
  if (value === null) throw InvalidInput.of(path, 'the result of `nestwave train`', 'no such file (run train first)')
  return value
}

/** The card of a trained generator: written last, so that where it is the others are. */
export const findCard = async (folder: StudyFolder): Promise<ModelCard | null> => {
  const bytes = await folder.read(inModel(CARD))
  return bytes === null ? null : checkCard(bytes, inModel(CARD))
}
export const loadCard = async (folder: StudyFolder): Promise<ModelCard> => needed(await findCard(folder), inModel(CARD))

/** A file's bytes, those that the card means where there is one. */
const readNamed = async (folder: StudyFolder, name: string): Promise<Uint8Array | null> => {
  const bytes = await folder.read(inModel(name))
  if (bytes === null) return null
  const card = await findCard(folder)
  return card === null ? bytes : checkNamed(card, name, bytes, inModel(name))
}

export const saveReduction = (folder: StudyFolder, chosen: ChosenReduction): Promise<void> =>
  folder.write(inModel(REDUCTION), tensorFile(REDUCTION_FORMAT, chosen))
export const findReduction = async (folder: StudyFolder): Promise<ChosenReduction | null> => {
  const bytes = await readNamed(folder, REDUCTION)
  return bytes === null ? null : dataOfTensorFile(REDUCTION_FORMAT, bytes, inModel(REDUCTION))
}
export const loadReduction = async (folder: StudyFolder): Promise<ChosenReduction> =>
  needed(await findReduction(folder), inModel(REDUCTION))

/** Weights and card of a trained generator, beside the reduction that is there. */
export const saveGenerator = async (folder: StudyFolder, state: GanState, facts: CardFacts): Promise<void> => {
  const weights = tensorFile(GENERATOR_FORMAT, withNamedWeights(state))
  const reduction = needed(await folder.read(inModel(REDUCTION)), inModel(REDUCTION))
  const files = { [WEIGHTS]: weights, [REDUCTION]: reduction }
  const card = modelCard(facts, state, await loadReduction(folder), files)
  await folder.write(inModel(WEIGHTS), weights)
  await folder.write(inModel(CARD_TEXT), cardText(card, null))
  await writeJson(folder, inModel(CARD), card)
}

/**
 * The trained generator; null while there is none.
 * @throws InvalidInput for files of another format, version, shape or hash than the card says
 * @verifiedBy test/study/model-files.test.ts
 */
export const findGenerator = async (folder: StudyFolder): Promise<GanState | null> => {
  const card = await findCard(folder)
  if (card === null) return null
  const path = inModel(WEIGHTS)
  const bytes = await folder.read(path)
  if (bytes === null)
    throw InvalidInput.of(
      path,
      'the file that card.json names (without model/card.json it is trained again)',
      'no such file',
    )
  return withFlatWeights(dataOfTensorFile(GENERATOR_FORMAT, checkNamed(card, WEIGHTS, bytes, path), path))
}
export const loadGenerator = async (folder: StudyFolder): Promise<GanState> =>
  needed(await findGenerator(folder), inModel(CARD))

export const saveModel = (folder: StudyFolder, name: Baseline, state: AnyModelState): Promise<void> =>
  folder.write(baselineFile(name), pack(state))
export const loadModelState = async (folder: StudyFolder, name: ModelName): Promise<AnyModelState> =>
  name === 'gan' ? loadGenerator(folder) : needed(await readPacked(folder, baselineFile(name)), baselineFile(name))

export const saveCheckpoint = (folder: StudyFolder, checkpoint: GanCheckpoint): Promise<void> =>
  folder.write(CHECKPOINT, pack(checkpoint))
export const findCheckpoint = (folder: StudyFolder): Promise<GanCheckpoint | null> => readPacked(folder, CHECKPOINT)

export const saveStory = (folder: StudyFolder, story: TrainingStory): Promise<void> => folder.write(STORY, pack(story))
export const loadStory = async (folder: StudyFolder): Promise<TrainingStory> =>
  needed(await readPacked<TrainingStory>(folder, STORY), STORY)
