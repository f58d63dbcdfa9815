import { betaQuantile } from './beta.ts'
import type { Interval } from './estimate.ts'

/**
 * k/n with the exact binomial interval: [B⁻¹(α/2; k, n−k+1), B⁻¹(1−α/2; k+1, n−k)]. Covers at least its level always.
 * @source Clopper & Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934)
 * @verifiedBy test/statistical/coverage.test.ts
 */
export const proportionInterval = (k: number, n: number, level: number): Interval => {
  const tail = 0.5 - level / 2
  const low = k === 0 ? 0 : betaQuantile(tail, k, n - k + 1)
  const high = k === n ? 1 : betaQuantile(1 - tail, k + 1, n - k)
  return { value: k / n, interval: [low, high], method: 'Clopper-Pearson' }
}

/** How many values lie above the threshold. */
export const countAbove = (values: ArrayLike<number>, threshold: number): number => {
  let count = 0
  for (let i = 0; i < values.length; i++) if (values[i] > threshold) count++
  return count
}
