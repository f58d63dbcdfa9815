import { InvalidInput } from '../numeric/errors.ts'
import { columnDeviations, sampleOf } from './distances.ts'

/** Parts of each condition's range. */
const PARTS = 3

/** Which third of its range each condition lies in, as one number: [n]. */
export const strataOf = (conditions: ArrayLike<number>, n: number): Int32Array => {
  const p = conditions.length / n
  return Int32Array.from({ length: n }, (_, i) => {
    let code = 0
    for (let k = 0; k < p; k++) {
      const part = Math.floor(((conditions[i * p + k] + 1) / 2) * PARTS)
      code = PARTS * code + Math.min(PARTS - 1, Math.max(0, part))
    }
    return code
  })
}

/** Σ over columns of (mean of the differences)² less what noise alone gives, var/n. */
const squaredError = (rows: readonly number[], x: Float64Array, y: Float64Array, d: number): number => {
  let sum = 0
  for (let k = 0; k < d; k++) {
    const differences = rows.map((n) => x[n * d + k] - y[n * d + k])
    const mean = differences.reduce((a, b) => a + b, 0) / rows.length
    const variance = differences.reduce((a, b) => a + (b - mean) ** 2, 0) / (rows.length - 1)
    sum += mean ** 2 - variance / rows.length
  }
  return sum
}

/**
 * Squared error of the conditional mean, E‖E[x|θ] − E[y|θ]‖² / E‖y − E y‖², with θ in thirds of its range. The noise of the
 * means is taken off, so that two samples of one law have 0 on average, sometimes less.
 * @param x,y [n, d] rows at the same conditions
 * @param conditions [n, p] in [−1, 1]
 * @verifiedBy test/generative/stratified-mean.test.ts
 */
export const conditionalMeanError = (x: Float64Array, y: Float64Array, conditions: Float64Array, d: number): number => {
  const n = y.length / d
  if (x.length !== y.length) throw InvalidInput.of('x', `${n} rows of ${d}, one for each of y`, x.length / d)
  const strata = strataOf(conditions, n)
  const members = new Map<number, number[]>()
  strata.forEach((code, i) => {
    const list = members.get(code)
    if (list) list.push(i)
    else members.set(code, [i])
  })
  const full = [...members.values()].filter((rows) => rows.length > 1)
  const counted = full.reduce((sum, rows) => sum + rows.length, 0)
  const error = full.reduce((sum, rows) => sum + (rows.length / counted) * squaredError(rows, x, y, d), 0)
  return error / columnDeviations(sampleOf(y, d)).reduce((sum, s) => sum + s * s, 0)
}
