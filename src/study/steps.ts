import { dataset } from './dataset.ts'
import { estimate } from './estimate.ts'
import type { Job } from './job.ts'
import type { StepName } from './job-kinds.ts'
import type { Study } from './schema.ts'
import { simulate } from './simulate.ts'
import { datasetInputs, estimateInputs, modelInputs, type StageInputs } from './stage.ts'
import { executorOf, train } from './train.ts'

/** The stages of a study whose results jobs can share: folders addressed by the hash of their inputs. */
export type StageName = 'dataset' | 'model' | 'estimate'

export interface StepOptions {
  /** Which sample to simulate. */
  readonly sample: number
  /** Tensor runtime: `auto` or a name. */
  readonly executor: string
}

/** One recipe of a job. */
export interface Step {
  /** The stage it writes; null: only the job's own files. */
  readonly writes: StageName | null
  readonly run: (job: Job, options: StepOptions) => Promise<unknown>
}

export const STEPS: Readonly<Record<StepName, Step>> = {
  simulate: { writes: null, run: (job, { sample }) => simulate(job, sample) },
  dataset: { writes: 'dataset', run: (job) => dataset(job) },
  train: { writes: 'model', run: (job, { executor }) => train(job, executor) },
  estimate: { writes: 'estimate', run: (job) => estimate(job) },
}

/** The inputs that address each stage of a study, under a tensor runtime. */
export const stageInputs = (
  study: Study,
  meshHash: string,
  executor: string,
): Readonly<Record<StageName, StageInputs>> => {
  const dataset = datasetInputs(study, meshHash)
  const model = modelInputs(study, dataset, executor)
  return { dataset, model, estimate: estimateInputs(model) }
}

/** The tensor runtime that a job will use, found without training anything. */
export const executorNameOf = async (job: Job, requested: string): Promise<string> =>
  (await executorOf(job, requested)).name
