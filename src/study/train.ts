import { fitGan } from '../generative/gan/gan-state.ts'
import { fitGaussianMixture } from '../generative/gaussian-mixture.ts'
import { fitLocalBootstrap } from '../generative/local-bootstrap.ts'
import type { AnyModelState } from '../generative/model-registry.ts'
import { fitPcaGauss } from '../generative/pca-gauss.ts'
import { fitResidualBootstrap } from '../generative/residual-bootstrap.ts'
import { fitScaleGauss } from '../generative/scale-gauss.ts'
import { fitTraceReplay } from '../generative/trace-replay.ts'
import type { TrainingData } from '../generative/training-data.ts'
import { createExecutor, type ExecutorChoice, type ExecutorKind, type TensorExecutor } from '../tensor/executor.ts'
import { encodeBatch } from '../trace/codec.ts'
import type { Reduction } from '../trace/reduction.ts'
import type { LoadedTraces } from './dataset.ts'
import { encodeSource } from './encode.ts'
import { readJson, writeJson } from './folder.ts'
import { generatorOptions } from './generator-options.ts'
import type { Job } from './job.ts'
import { conditionCount } from './law.ts'
import {
  findCheckpoint,
  findGenerator,
  findReduction,
  saveCheckpoint,
  saveGenerator,
  saveModel,
  saveReduction,
  saveStory,
} from './model-files.ts'
import { type ChosenReduction, reduce } from './reduce.ts'
import { conditionsOfTraces } from './replay.ts'
import type { ModelName, Split, Study } from './schema.ts'
import { datasetInputs, modelInputs, openStage } from './stage.ts'
import { openTraces, type TraceSource } from './trace-source.ts'
import { trainingText } from './training-text.ts'

type Baseline = Exclude<ModelName, 'gan'>
/** Fits one to training runs; its scale to validation runs where it has one. */
type Fit = (data: TrainingData, validation: TrainingData) => { readonly state: AnyModelState }
export const BASELINES: Readonly<Record<Baseline, Fit>> = {
  'pca-gauss': fitPcaGauss,
  'scale-gauss': fitScaleGauss,
  'residual-bootstrap': fitResidualBootstrap,
  'local-bootstrap': (data) => fitLocalBootstrap(data),
  'trace-replay': fitTraceReplay,
  'gaussian-mixture': fitGaussianMixture,
}

/** Choices that were measured or found once, and are kept so that a restart makes the same. */
interface Plan {
  readonly executor: ExecutorKind
  /** How it came to be chosen, in the words of the machine that did; absent in folders of earlier versions. */
  readonly choice?: ExecutorChoice
}

/**
 * The tensor runtime of a folder: the planned one, else the best that passes its self-test. One thread, so that the bits do
 * not depend on the number of cores. A planned one keeps the story of its first choice.
 */
export const executorOf = async ({ folder }: Pick<Job, 'folder'>, requested = 'auto'): Promise<TensorExecutor> => {
  const plan = (await readJson(folder, 'plan.json')) as Plan | null
  const kind = requested === 'auto' ? (plan?.executor ?? 'auto') : (requested as ExecutorKind)
  const executor = await createExecutor({ kind, threads: 1 })
  return plan?.choice?.chosen === executor.name ? { ...executor, choice: plan.choice } : executor
}

/** Pairs of condition and leading coefficients of a split that was loaded. */
export const trainingDataOf = (
  study: Study,
  split: Split,
  loaded: LoadedTraces,
  reduction: Reduction,
): TrainingData => ({
  count: loaded.batch.count,
  conditionCount: conditionCount(study),
  conditions: conditionsOfTraces(study, split, loaded),
  modes: reduction.modeCount,
  coefficients: encodeBatch(reduction, loaded.batch),
})

/** As {@link trainingDataOf}, of a split that stays on disk, block by block: the same bits. */
export const encodedDataOf = async (
  study: Study,
  split: Split,
  source: TraceSource,
  reduction: Reduction,
): Promise<TrainingData> => ({
  count: source.count,
  conditionCount: conditionCount(study),
  conditions: conditionsOfTraces(study, split, source),
  modes: reduction.modeCount,
  coefficients: await encodeSource(reduction, source),
})

/**
 * Reduction, baselines and generator from the training and validation runs. What is on disk already is not made again; the
 * training of the generator goes on from its last checkpoint.
 */
export const train = async (job: Job, requested?: string): Promise<void> => {
  const { study, folder, progress } = job
  const executor = await executorOf(job, requested)
  const inputs = datasetInputs(study, job.meshHash)
  const datasetHash = await openStage(folder, 'dataset', inputs)
  const modelHash = await openStage(folder, 'model', modelInputs(study, inputs, executor.name))
  await writeJson(folder, 'plan.json', { executor: executor.name, choice: executor.choice } satisfies Plan)
  if (await findGenerator(folder)) {
    progress.note('training: found finished')
    return
  }
  const training = await openTraces(job, 'train')
  const validation = await openTraces(job, 'validation')
  const { reduction } = await reducedOnce(job, training, validation)
  const data = await encodedDataOf(study, 'train', training, reduction)
  const held = await encodedDataOf(study, 'validation', validation, reduction)
  await fitBaselines(job, data, held)
  await fitGenerator(job, executor, { data, validation: held, datasetHash, modelHash })
}

const reducedOnce = async (job: Job, training: TraceSource, validation: TraceSource): Promise<ChosenReduction> => {
  const found = await findReduction(job.folder)
  if (found) return found
  const chosen = await reduce(job, training, validation)
  await saveReduction(job.folder, chosen)
  return chosen
}

const fitBaselines = async (
  { folder, progress, signal }: Job,
  data: TrainingData,
  validation: TrainingData,
): Promise<void> => {
  const entries = Object.entries(BASELINES) as [Baseline, (typeof BASELINES)[Baseline]][]
  const stage = progress.stage('baseline models', entries.length)
  for (const [name, fitted] of entries) {
    signal.throwIfAborted()
    await saveModel(folder, name, fitted(data, validation).state)
    stage.advance(1, name)
  }
  stage.end()
}

/** What the generator is fitted to, and the addresses of where that came from. */
interface Grounds {
  readonly data: TrainingData
  readonly validation: TrainingData
  readonly datasetHash: string
  readonly modelHash: string
}

const fitGenerator = async (
  job: Job,
  executor: TensorExecutor,
  { data, validation, datasetHash, modelHash }: Grounds,
): Promise<void> => {
  const { study, folder, progress, signal, meshHash } = job
  const { iterations, checkpointSeconds } = study.generator
  const resume = await findCheckpoint(folder)
  const stage = progress.stage('training of the generator', iterations, resume?.iteration ?? 0)
  let told = resume?.history.at(-1) ?? null
  const { state, checkpoint } = await fitGan(data, validation, executor, generatorOptions(study), {
    signal,
    ...(resume ? { resume } : {}),
    onCheckpoint: (made) => saveCheckpoint(folder, made),
    checkpointSeconds,
    onIteration: () => stage.advance(1, told === null ? undefined : trainingText(told)),
    onProgress: (record) => {
      told = record
    },
  })
  stage.end()
  const { history, best } = checkpoint
  await saveStory(folder, { history, best: best.iteration })
  await saveGenerator(folder, state, {
    ...{ study, meshHash, datasetHash, modelHash, executor: executor.name },
    ...{ training: data.count, validation: validation.count },
    best: { iteration: best.iteration, validationDistance: best.distance },
  })
}
