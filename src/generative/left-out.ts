import { predict, ridgeFit } from './ridge.ts'
import { gatherRows } from './training-data.ts'

const FOLDS = 5

/**
 * Predictions of every row by a ridge regression that was fitted without it, in five folds: run n is in fold n mod 5. Deviations from
 * these are those of new runs; deviations from a fit with hundreds of weights are too small on its own runs.
 * @param design [N, K] with a constant first column @param targets [N, r] @returns [N, r]
 * @verifiedBy test/generative/left-out.test.ts
 */
export const leftOutPredictions = (
  design: Float64Array,
  targets: Float64Array,
  count: number,
  group = 1,
): Float64Array => {
  const r = targets.length / count
  const out = new Float64Array(count * r)
  const rows = Array.from({ length: count }, (_, n) => n)
  const part = (values: Float64Array, indices: readonly number[]): Float64Array =>
    gatherRows(values, values.length / count, indices)
  for (let fold = 0; fold < FOLDS; fold++) {
    const inside = rows.filter((n) => n % FOLDS === fold)
    const outside = rows.filter((n) => n % FOLDS !== fold)
    const { weights } = ridgeFit(part(design, outside), part(targets, outside), outside.length, group)
    const predicted = predict(part(design, inside), weights, inside.length)
    inside.forEach((n, i) => {
      out.set(predicted.subarray(i * r, (i + 1) * r), n * r)
    })
  }
  return out
}
