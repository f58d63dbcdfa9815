/** Trace models that are fitted once, kept in the folder of a job, and loaded from there. */
import type { GanCheckpoint } from '../src/generative/gan/checkpoint.ts'
import { fitGan } from '../src/generative/gan/gan-state.ts'
import { type AnyModelState, loadModel } from '../src/generative/model-registry.ts'
import type { TraceModel } from '../src/generative/trace-model.ts'
import type { TrainingData } from '../src/generative/training-data.ts'
import { pack, unpack } from '../src/numeric/container.ts'
import { generatorOptions } from '../src/study/generator-options.ts'
import type { Job } from '../src/study/job.ts'
import type { ModelName } from '../src/study/schema.ts'
import { BASELINES } from '../src/study/train.ts'
import type { TensorExecutor } from '../src/tensor/executor.ts'

export const MODELS = [...Object.keys(BASELINES), 'gan'] as readonly ModelName[]

/** Where the models of one training set are kept, and what tells them from those of another. */
export interface Place {
  readonly path: string
  /** Of the generator's training. */
  readonly seed: number
  /** For the one who waits. */
  readonly label: string
}

/** What a model is fitted to, and what its training is judged on. */
export interface Splits {
  readonly training: TrainingData
  readonly validation: TrainingData
}

const read = async <T>({ folder }: Job, path: string): Promise<T | null> => {
  const bytes = await folder.read(path)
  return bytes === null ? null : (unpack(bytes, path) as T)
}

const checkpointPath = ({ path }: Place): string => `${path}/training.bin`

/** The study's generator at the place's seed; a training that was interrupted goes on. */
const fitGenerator = async (
  job: Job,
  executor: TensorExecutor,
  place: Place,
  { training, validation }: Splits,
): Promise<AnyModelState> => {
  const { folder, signal, progress, study } = job
  const resume = await read<GanCheckpoint>(job, checkpointPath(place))
  let last = resume?.iteration ?? 0
  const stage = progress.stage(`generator, ${place.label}`, study.generator.iterations, last)
  const { state } = await fitGan(
    training,
    validation,
    executor,
    { ...generatorOptions(study), seed: place.seed },
    {
      signal,
      ...(resume ? { resume } : {}),
      onCheckpoint: (made) => folder.write(checkpointPath(place), pack(made)),
      onProgress: ({ iteration, validationDistance }) => {
        stage.advance(iteration - last, `validation distance ${validationDistance.toFixed(4)}`)
        last = iteration
      },
    },
  )
  stage.end()
  return state
}

const stateOf = async (
  job: Job,
  executor: TensorExecutor,
  place: Place,
  name: ModelName,
  splits: Splits,
): Promise<AnyModelState> => {
  const path = `${place.path}/${name}.bin`
  const found = await read<AnyModelState>(job, path)
  if (found !== null) return found
  const state =
    name === 'gan'
      ? await fitGenerator(job, executor, place, splits)
      : BASELINES[name](splits.training, splits.validation).state
  await job.folder.write(path, pack(state))
  await job.folder.remove(checkpointPath(place))
  return state
}

/** Does something with a model of a place, from the folder or fitted now, and lets go of what it held. */
export const useModel = async <T>(
  job: Job,
  executor: TensorExecutor,
  place: Place,
  name: ModelName,
  splits: Splits,
  use: (model: TraceModel) => Promise<T>,
): Promise<T> => {
  const model = await loadModel(await stateOf(job, executor, place, name, splits), executor)
  try {
    return await use(model)
  } finally {
    if ('release' in model) await (model.release as () => Promise<void>)()
  }
}
