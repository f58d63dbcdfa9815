import type { TraceBatch } from '../trace/trace.ts'
import { completeSeries, type Series } from './chunks.ts'
import { setupOf } from './full-domain-task.ts'
import type { Job } from './job.ts'
import type { Split, Study } from './schema.ts'
import { datasetInputs, openStage } from './stage.ts'
import { submodelOf } from './submodel-task.ts'
import { inMemory, openTraces, splitPath, type TraceSource } from './trace-source.ts'

export const SPLITS: readonly Split[] = ['train', 'validation', 'test']

const series = (study: Study, split: Split): Series<{ readonly split: Split }> => ({
  path: splitPath(split),
  total: study.dataset[split],
  input: async () => ({ split }),
})

/**
 * Runs the full domain for the three splits and keeps traces and quantities. Every check that does not need a run, the
 * submodel's included, is made first.
 */
export const dataset = async (job: Job, splits: readonly Split[] = SPLITS): Promise<void> => {
  const { study, domain, folder, runner, progress, signal } = job
  submodelOf(domain)
  await openStage(folder, 'dataset', datasetInputs(study, job.meshHash))
  await completeSeries({
    ...{ folder, runner, progress, signal },
    task: 'full-domain',
    setup: setupOf(job),
    series: splits.map((split) => series(study, split)),
    stage: 'full-domain runs',
  })
}

/** Traces that were read at once. */
export interface LoadedTraces extends TraceSource {
  readonly batch: TraceBatch
}

/**
 * A split at once, for as many runs as memory holds; {@link openTraces} leaves them on disk.
 * @throws as {@link openTraces}
 * @verifiedBy test/study/dataset.test.ts
 */
export const loadTraces = async (job: Job, split: Split): Promise<LoadedTraces> => {
  const source = await openTraces(job, split)
  return { ...source, batch: await inMemory(source) }
}
