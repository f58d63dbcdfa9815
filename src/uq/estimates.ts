import { InvalidInput } from '../numeric/errors.ts'
import { randomStream } from '../numeric/random.ts'
import { checkLevel, cleanSample, type Estimate, type QuantitySample, toEstimate } from './estimate.ts'
import { countAbove, proportionInterval } from './exceedance.ts'
import { meanInterval } from './mean.ts'
import { quantileInterval } from './quantile.ts'
import { standardDeviationInterval } from './standard-deviation.ts'

/** E[Q] with Student's interval. */
export const meanEstimate = (sample: QuantitySample, level: number): Estimate => {
  checkLevel(level)
  const clean = cleanSample(sample)
  return toEstimate(clean, 'mean', level, meanInterval(clean.sorted, level))
}

/** √V[Q] with a studentised bootstrap interval; the seed fixes the resamples. */
export const standardDeviationEstimate = (sample: QuantitySample, level: number, seed: number): Estimate => {
  checkLevel(level)
  const clean = cleanSample(sample)
  const stream = randomStream(seed, `bootstrap of the standard deviation/${sample.qoi}`)
  return toEstimate(clean, 'standard deviation', level, standardDeviationInterval(clean.sorted, level, stream))
}

/** The p-quantile of Q with a distribution-free interval. */
export const quantileEstimate = (sample: QuantitySample, p: number, level: number): Estimate => {
  checkLevel(level)
  if (!(p > 0 && p < 1)) throw InvalidInput.of('quantile', 'a number between 0 and 1', p)
  const clean = cleanSample(sample)
  return toEstimate(clean, `quantile ${p}`, level, quantileInterval(clean.sorted, p, level))
}

/** P(Q > threshold) with the exact binomial interval. */
export const exceedanceEstimate = (sample: QuantitySample, threshold: number, level: number): Estimate => {
  checkLevel(level)
  if (!Number.isFinite(threshold)) throw InvalidInput.of('threshold', 'a finite number', threshold)
  const clean = cleanSample(sample)
  const interval = proportionInterval(countAbove(clean.sorted, threshold), clean.sorted.length, level)
  return toEstimate(clean, `P(Q > ${threshold} ${sample.unit})`, level, interval, '1')
}

export interface Statistics {
  readonly level: number
  /** Probabilities, each in (0, 1). */
  readonly quantiles: readonly number[]
  /** In the quantity's own SI unit. */
  readonly thresholds: readonly number[]
}

/** Mean, standard deviation, every quantile, every exceedance of one quantity. */
export const estimatesOf = (sample: QuantitySample, statistics: Statistics, seed: number): Estimate[] => [
  meanEstimate(sample, statistics.level),
  standardDeviationEstimate(sample, statistics.level, seed),
  ...statistics.quantiles.map((p) => quantileEstimate(sample, p, statistics.level)),
  ...statistics.thresholds.map((x) => exceedanceEstimate(sample, x, statistics.level)),
]
