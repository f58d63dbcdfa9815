import { predict, ridgeFit } from './ridge.ts'

const FOLDS = 5

const rowsWhere = (rows: Float64Array, count: number, keep: (n: number) => boolean): Float64Array => {
  const width = rows.length / count
  const kept = Array.from({ length: count }, (_, n) => n).filter(keep)
  const out = new Float64Array(kept.length * width)
  kept.forEach((n, i) => {
    out.set(rows.subarray(n * width, (n + 1) * width), i * width)
  })
  return out
}

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
  for (let fold = 0; fold < FOLDS; fold++) {
    const inside = (n: number): boolean => n % FOLDS === fold
    const outside = (n: number): boolean => !inside(n)
    const fitted = rowsWhere(design, count, outside)
    const kept = Math.ceil((count - fold) / FOLDS)
    const { weights } = ridgeFit(fitted, rowsWhere(targets, count, outside), count - kept, group)
    const predicted = predict(rowsWhere(design, count, inside), weights, kept)
    for (let i = 0; i < kept; i++) out.set(predicted.subarray(i * r, (i + 1) * r), (fold + FOLDS * i) * r)
  }
  return out
}
