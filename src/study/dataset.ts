import { type FailureReason, InvalidInput, NumericalFailure } from '../numeric/errors.ts'
import { type TraceBatch, traceSize } from '../trace/trace.ts'
import { completeSeries, readSeries, type Series } from './chunks.ts'
import { setupOf } from './full-domain-task.ts'
import type { Job } from './job.ts'
import type { Split, Study } from './schema.ts'
import { datasetInputs, openStage } from './stage.ts'
import { submodelOf, traceGridOf } from './submodel-task.ts'

export const SPLITS: readonly Split[] = ['train', 'validation', 'test']
export const splitPath = (split: Split): string => `dataset/${split}`

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

/** A split's traces of successful runs, with the sample index of each. */
export interface LoadedTraces {
  readonly batch: TraceBatch
  readonly indices: readonly number[]
}

/** The least that any split of a study asks for; with fewer good runs nothing can be learnt or chosen. */
const FEWEST = 20

/**
 * Reads a split; failed runs are left out and warned of.
 * @throws NumericalFailure when too few runs are left
 * @verifiedBy test/study/dataset.test.ts
 */
export const loadTraces = async (job: Job, split: Split): Promise<LoadedTraces> => {
  const grid = traceGridOf(job.domain)
  const size = traceSize(grid)
  const total = job.study.dataset[split]
  const values = new Float32Array(total * size)
  const indices: number[] = []
  let reason: FailureReason | null = null
  for await (const { start, count, data } of readSeries(job.folder, splitPath(split), total)) {
    const traces = data['traces'] as Float32Array
    const status = data['status'] as ('ok' | FailureReason)[]
    if (traces.length !== count * size)
      throw InvalidInput.of(
        splitPath(split),
        `${size} values per trace`,
        `${traces.length / count} (made by another version of nestwave)`,
      )
    for (let k = 0; k < count; k++) {
      const state = status[k]
      if (state !== 'ok') {
        reason = state
        continue
      }
      values.set(traces.subarray(k * size, (k + 1) * size), indices.length * size)
      indices.push(start + k)
    }
  }
  if (reason !== null && indices.length < FEWEST)
    throw new NumericalFailure(
      reason,
      `${total - indices.length} of ${total} ${split} runs failed and ${FEWEST} good ones are needed (try a smaller time.courant or modulusField.coefficientOfVariation)`,
    )
  if (indices.length < total)
    job.progress.warn(`${total - indices.length} of ${total} ${split} runs failed and are left out of what is learnt`)
  return { batch: { grid, count: indices.length, values: values.subarray(0, indices.length * size) }, indices }
}
