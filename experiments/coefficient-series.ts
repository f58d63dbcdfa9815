import type { Series } from '../src/study/chunks.ts'
import type { LoadSample } from '../src/study/law.ts'
import { driveOf } from '../src/study/replay.ts'
import type { Study } from '../src/study/schema.ts'
import type { Boundary } from '../src/study/submodel-task.ts'

/** The submodel under given coefficients [n, rank], at the loads they belong to. */
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
