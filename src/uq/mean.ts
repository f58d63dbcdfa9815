import type { Interval } from './estimate.ts'
import { studentQuantile } from './student.ts'

/** Mean and unbiased variance in one pass. */
export const moments = (x: ArrayLike<number>): { readonly mean: number; readonly variance: number } => {
  let mean = 0
  let squares = 0
  for (let i = 0; i < x.length; i++) {
    const d = x[i] - mean
    mean += d / (i + 1)
    squares += d * (x[i] - mean)
  }
  return { mean, variance: squares / (x.length - 1) }
}

/** The half width t·s/√n of Student's interval of the mean. */
export const meanHalfWidth = (variance: number, n: number, level: number): number =>
  studentQuantile(0.5 + level / 2, n - 1) * Math.sqrt(variance / n)

/**
 * x̄ ± t₍ₙ₋₁₎ s/√n. Exact for normal data; for skewed data the coverage falls short by about (skewness²)/n.
 * @source Student, "The probable error of a mean", Biometrika 6 (1908)
 * @verifiedBy test/statistical/coverage.test.ts
 */
export const meanInterval = (x: ArrayLike<number>, level: number): Interval => {
  const { mean, variance } = moments(x)
  const half = meanHalfWidth(variance, x.length, level)
  return { value: mean, interval: [mean - half, mean + half], method: 'Student t' }
}
