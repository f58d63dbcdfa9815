/** The models of one round (N, seed): fitted once, kept in the folder, loaded from there. */
import type { GanCheckpoint } from '../../src/generative/gan/checkpoint.ts'
import { fitGan } from '../../src/generative/gan/gan-state.ts'
import { type AnyModelState, loadModel } from '../../src/generative/model-registry.ts'
import type { TraceModel } from '../../src/generative/trace-model.ts'
import { selectPairs, type TrainingData } from '../../src/generative/training-data.ts'
import { pack, unpack } from '../../src/numeric/container.ts'
import type { Job } from '../../src/study/job.ts'
import type { ModelName } from '../../src/study/schema.ts'
import { BASELINES } from '../../src/study/train.ts'
import type { TensorExecutor } from '../../src/tensor/executor.ts'

export const MODELS = [...Object.keys(BASELINES), 'gan'] as readonly ModelName[]

export interface Round {
  readonly size: number
  /** Place of the seed in the list: which training runs, and which block of test runs. */
  readonly place: number
  readonly seed: number
}

export const roundPath = ({ size, seed }: Round): string => `comparison/${size}-${seed}`

/** N training runs: a round takes its own where there are enough, and begins anew with the first where there are not. */
export const trainingOf = (all: TrainingData, { size, place }: Round): TrainingData => {
  const parts = Math.max(1, Math.floor(all.count / size))
  const start = (place % parts) * size
  return selectPairs(
    all,
    Array.from({ length: Math.min(size, all.count) }, (_, k) => start + k),
  )
}

const read = async <T>({ folder }: Job, path: string): Promise<T | null> => {
  const bytes = await folder.read(path)
  return bytes === null ? null : (unpack(bytes, path) as T)
}

const fitGenerator = async (
  job: Job,
  executor: TensorExecutor,
  round: Round,
  training: TrainingData,
  validation: TrainingData,
): Promise<AnyModelState> => {
  const { folder, signal, progress, study } = job
  const path = `${roundPath(round)}/training.bin`
  const resume = await read<GanCheckpoint>(job, path)
  const { iterations } = study.generator
  const stage = progress.stage(`generator, N = ${round.size}, seed ${round.seed}`, iterations, resume?.iteration ?? 0)
  const { form, mode, latent, width, blocks, heads, tokens, hidden, batch, checkpointEvery } = study.generator
  const generator = { form, latent, width, blocks, heads, tokens, hidden }
  const options = { generator, mode, iterations, batch, checkpointEvery, seed: round.seed }
  let last = resume?.iteration ?? 0
  const { state } = await fitGan(training, validation, executor, options, {
    signal,
    ...(resume ? { resume } : {}),
    onCheckpoint: (made) => folder.write(path, pack(made)),
    onProgress: ({ iteration, validationDistance }) => {
      stage.advance(iteration - last, `validation distance ${validationDistance.toFixed(4)}`)
      last = iteration
    },
  })
  stage.end()
  return state
}

/** A model of a round, from the folder or fitted now. */
export const modelOf = async (
  job: Job,
  executor: TensorExecutor,
  round: Round,
  name: ModelName,
  training: TrainingData,
  validation: TrainingData,
): Promise<TraceModel> => {
  const path = `${roundPath(round)}/${name}.bin`
  const found = await read<AnyModelState>(job, path)
  if (found !== null) return loadModel(found, executor)
  const state =
    name === 'gan'
      ? await fitGenerator(job, executor, round, training, validation)
      : BASELINES[name](training, validation).state
  await job.folder.write(path, pack(state))
  await job.folder.remove(`${roundPath(round)}/training.bin`)
  return loadModel(state, executor)
}
