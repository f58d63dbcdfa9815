import { excessEnergyDistance } from './excess-energy.ts'
import type { TrainingData } from './training-data.ts'

/** Whitened rows with every mode's deviation from its mean at θ times a factor: a law of the wrong scale, right in all else. */
export const withScale = (white: TrainingData, factor: number): TrainingData => ({
  ...white,
  coefficients: white.coefficients.map((w) => factor * w),
})

/**
 * The energy distance of (w, θ) between a law and the same law with its scale times `factor`: how far a model may be off to be as good as one
 * with that error. Both are the same rows and a row is never a pair with itself, so that little of their noise is left; unbiased.
 * @param white whitened real rows
 * @verifiedBy test/generative/scale-margin.test.ts
 */
export const scaleMargin = (white: TrainingData, factor: number): number =>
  excessEnergyDistance(withScale(white, factor), white, undefined, { resamples: 2 }).excess
