import { checkLevel } from './estimate.ts'
import { meanHalfWidth } from './mean.ts'

/** The estimate of the mean after n samples. */
export interface RunningMean {
  readonly n: number
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** `count` whole numbers from `first` to `last`, log-spaced, ascending, without repeats. */
export const logSpaced = (first: number, last: number, count: number): number[] => {
  const step = Math.log(last / first) / Math.max(count - 1, 1)
  const all = Array.from({ length: count }, (_, i) => Math.round(first * Math.exp(i * step)))
  return [...new Set([...all.filter((n) => n < last), last])]
}

const FIRST = 10
const POINTS = 48

/**
 * The running mean with Student's interval at log-spaced n, in the order the samples came. Failed (non-finite) samples are
 * left out and do not count. Each interval holds its level at its own n, not along the whole curve.
 * @returns empty when fewer than two samples are finite
 * @verifiedBy test/uq/convergence.test.ts
 */
export const runningMean = (values: ArrayLike<number>, level: number): RunningMean[] => {
  checkLevel(level)
  const finite = Float64Array.from(values).filter(Number.isFinite)
  if (finite.length < 2) return []
  const stops = new Set(logSpaced(Math.min(FIRST, finite.length), finite.length, POINTS))
  const curve: RunningMean[] = []
  let mean = 0
  let squares = 0
  finite.forEach((x, i) => {
    const n = i + 1
    const d = x - mean
    mean += d / n
    squares += d * (x - mean)
    if (!stops.has(n)) return
    const half = meanHalfWidth(squares / (n - 1), n, level)
    curve.push({ n, mean, low: mean - half, high: mean + half })
  })
  return curve
}
