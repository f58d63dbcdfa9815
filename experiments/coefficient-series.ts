import { type ChunkOutput, rangesOf, type Series } from '../src/study/chunks.ts'
import { setupOf } from '../src/study/full-domain-task.ts'
import type { Job } from '../src/study/job.ts'
import type { LoadSample } from '../src/study/law.ts'
import { driveOf } from '../src/study/replay.ts'
import type { Study } from '../src/study/schema.ts'
import type { Boundary } from '../src/study/submodel-task.ts'
import type { TaskRunner } from '../src/study/task.ts'
import type { Reduction } from '../src/trace/reduction.ts'

/** The submodel under given coefficients [n, r], at the loads they belong to. */
export const coefficientSeries = (
  study: Study,
  samples: readonly LoadSample[],
  coefficients: Float64Array,
  path: string,
): Series<Boundary> => {
  const rank = coefficients.length / samples.length
  return {
    path,
    total: samples.length,
    input: async ({ start, count }) => ({
      ...driveOf(study, samples.slice(start, start + count)),
      coefficients: coefficients.slice(start * rank, (start + count) * rank),
      rank,
    }),
  }
}

/** What the runs of a series are asked with, chunk by chunk. */
const inputsOf = async function* (series: Series<Boundary>) {
  for (const range of rangesOf(series.total)) yield { ...(await series.input(range)), ...range, path: series.path }
}

/** Quantities [n, q] of the submodel under coefficients [n, r], row i at the load of sample i; NaN in the row of a run that failed. */
export const submodelQuantities =
  (job: Omit<Job, 'runner'> & { readonly runner: TaskRunner }, reduction: Reduction, samples: readonly LoadSample[]) =>
  async (coefficients: Float64Array, n: number): Promise<Float64Array> => {
    const width = job.study.quantities.length
    const out = new Float64Array(n * width).fill(Number.NaN)
    const inputs = inputsOf(coefficientSeries(job.study, samples.slice(0, n), coefficients, ''))
    const setup = { ...setupOf(job as Job), reduction }
    for await (const { start, data } of job.runner.map<unknown, ChunkOutput>('submodel', setup, inputs, job.signal)) {
      const values = data['quantities'] as Float64Array
      for (const [k, status] of (data['status'] as string[]).entries())
        if (status === 'ok') out.set(values.subarray(k * width, (k + 1) * width), (start + k) * width)
    }
    return out
  }
