import { InvalidInput } from '../numeric/errors.ts'

/** One statistic of one quantity of interest with its interval: a row of report.json. */
export interface Estimate {
  readonly qoi: string
  /** 'mean' | 'standard deviation' | 'quantile 0.95' | 'P(Q > 1.8e8 Pa)' */
  readonly statistic: string
  readonly value: number
  /** Always two finite numbers; where the data cannot give an end, the sample's extreme, and `method` says so. */
  readonly interval: readonly [number, number]
  /** Nominal two-sided coverage of the interval, e.g. 0.95. */
  readonly level: number
  readonly method: string
  /** SI; '1' for a probability. */
  readonly unit: string
  /** Samples the value rests on. */
  readonly samples: number
  /** Samples whose numerics failed: not in the value, never silent. */
  readonly failed: number
}

/** Samples of one quantity; a failed sample is NaN (any non-finite number). */
export interface QuantitySample {
  readonly qoi: string
  readonly unit: string
  readonly values: ArrayLike<number>
}

/** A sample without its failures, ascending. */
export interface CleanSample {
  readonly qoi: string
  readonly unit: string
  readonly sorted: Float64Array
  readonly failed: number
}

const MINIMUM = 2

/** @throws InvalidInput with fewer than two finite values: no interval exists then */
export const cleanSample = ({ qoi, unit, values }: QuantitySample): CleanSample => {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort()
  if (sorted.length < MINIMUM)
    throw InvalidInput.of(
      `samples of ${qoi}`,
      `at least ${MINIMUM} finite values`,
      `${sorted.length} of ${values.length}`,
    )
  return { qoi, unit, sorted, failed: values.length - sorted.length }
}

/** @throws InvalidInput unless 0 < level < 1 */
export const checkLevel = (level: number): void => {
  if (!(level > 0 && level < 1)) throw InvalidInput.of('level', 'a number between 0 and 1', level)
}

/** What every estimator hands to {@link toEstimate}: the numbers without the sample's labels. */
export interface Interval {
  readonly value: number
  readonly interval: readonly [number, number]
  readonly method: string
}

export const toEstimate = (
  sample: CleanSample,
  statistic: string,
  level: number,
  { value, interval, method }: Interval,
  unit = sample.unit,
): Estimate => ({
  qoi: sample.qoi,
  statistic,
  value,
  interval,
  level,
  method,
  unit,
  samples: sample.sorted.length,
  failed: sample.failed,
})
