import { betaQuantile } from './beta.ts'

/**
 * The p-quantile of Student's t with ν degrees of freedom: y = t²/(ν + t²) is Beta(½, ν/2) distributed, and 1 − y is
 * Beta(ν/2, ½); whichever is the smaller number is solved for, so that neither tail loses digits.
 * @param degrees ν > 0
 * @source Abramowitz & Stegun, Handbook of Mathematical Functions, 26.7.1 and 26.5.27
 * @verifiedBy test/uq/scipy-stats.test.ts
 */
export const studentQuantile = (p: number, degrees: number): number => {
  if (p === 0.5) return 0
  const sign = Math.sign(p - 0.5)
  const y = betaQuantile(Math.abs(2 * p - 1), 0.5, degrees / 2)
  if (y < 0.5) return sign * Math.sqrt((degrees * y) / (1 - y))
  const rest = betaQuantile(2 * Math.min(p, 1 - p), degrees / 2, 0.5)
  return sign * Math.sqrt((degrees * (1 - rest)) / rest)
}
