import { leftOutPredictions } from './left-out.ts'
import { predict, ridgeFit } from './ridge.ts'

/**
 * How loud the tail of a run is: log variance of each group of tail modes as a polynomial of θ and the leading modes, and a log-normal factor
 * that all groups share. Plain data.
 */
export interface TailScale {
  /** [G, K] */
  readonly weights: Float64Array
  /** [G, 2] smallest and largest log variance over the training runs: no extrapolation. */
  readonly ranges: Float64Array
  /** Standard deviation of the shared log variance factor. */
  readonly common: number
}

/** Tail modes that share a log variance. */
const GROUP = 32
const NEWTON_STEPS = 50
const LEAST_SQUARE = 1e-12

export const tailGroups = (tail: number): number => Math.ceil(tail / GROUP)
export const groupOf = (mode: number): number => Math.floor(mode / GROUP)

/** [N, G] mean squares of the groups. */
const groupSquares = (deviations: Float64Array, count: number): Float64Array => {
  const t = deviations.length / count
  const groups = tailGroups(t)
  const out = new Float64Array(count * groups)
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < t; k++) {
      const size = Math.min(GROUP, t - groupOf(k) * GROUP)
      out[n * groups + groupOf(k)] += deviations[n * t + k] ** 2 / size
    }
  }
  return out.map((q) => Math.max(q, LEAST_SQUARE))
}

/**
 * c and b that make E[q / exp(c + b h)] = 1 and E[(q / exp(c + b h) − 1) h] = 0: the gamma likelihood's, by Newton's method on a convex
 * function. A logarithm's regression misses the mean of what it is the logarithm of, and its slope is that of its own runs.
 */
const levelAndSlope = (q: Float64Array, h: Float64Array): readonly [number, number] => {
  let [c, b] = [0, 1]
  for (let step = 0; step < NEWTON_STEPS; step++) {
    let [g0, g1, h00, h01, h11] = [0, 0, 0, 0, 0]
    q.forEach((value, n) => {
      const ratio = value / Math.exp(c + b * h[n])
      g0 += ratio - 1
      g1 += (ratio - 1) * h[n]
      h00 += ratio
      h01 += ratio * h[n]
      h11 += ratio * h[n] * h[n]
    })
    const determinant = h00 * h11 - h01 * h01
    // One value of h only: the level alone.
    if (!(determinant > 1e-9 * h00 * h11)) return [c + Math.log(h00 / q.length), b]
    const [dc, db] = [(h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant]
    const limit = Math.min(1, 1 / Math.max(Math.abs(dc), Math.abs(db)))
    c += limit * dc
    b += limit * db
    if (Math.abs(dc) + Math.abs(db) < 1e-10) break
  }
  return [c, b]
}

const columnOf = (rows: Float64Array, width: number, k: number): Float64Array =>
  Float64Array.from({ length: rows.length / width }, (_, n) => rows[n * width + k])

/** Covariance of the log mean squares of even and odd tail modes, each about its expectation: what they share is no noise of theirs. */
const sharedVariance = (deviations: Float64Array, logVariance: Float64Array, count: number): number => {
  const t = deviations.length / count
  if (t < 2) return 0
  const groups = tailGroups(t)
  const logs = [0, 1].map((parity) =>
    Float64Array.from({ length: count }, (_, n) => {
      let sum = 0
      for (let k = parity; k < t; k += 2)
        sum += deviations[n * t + k] ** 2 / Math.exp(logVariance[n * groups + groupOf(k)])
      return Math.log(Math.max(sum, LEAST_SQUARE))
    }),
  )
  const [a, b] = logs.map((values) => {
    const mean = values.reduce((x, y) => x + y, 0) / count
    return values.map((v) => v - mean)
  })
  return Math.max(0, a.reduce((sum, v, n) => sum + v * b[n], 0) / count)
}

export interface FittedTailScale {
  readonly scale: TailScale
  /** [N, G] log variances of the runs, each by a fit without it. */
  readonly logVariance: Float64Array
}

/**
 * @param design [N, K] @param deviations [N, t] of runs that the tail's mean was not fitted to, each mode in units of its own deviation
 * @param shared whether there may be a shared factor
 * @verifiedBy test/generative/tail-scale.test.ts
 */
export const fitTailScale = (
  design: Float64Array,
  deviations: Float64Array,
  count: number,
  shared: boolean,
): FittedTailScale => {
  const squares = groupSquares(deviations, count)
  const groups = squares.length / count
  const logs = squares.map(Math.log)
  const weights = ridgeFit(design, logs, count, groups).weights.slice()
  const logVariance = leftOutPredictions(design, logs, count, groups)
  const k = weights.length / groups
  const ranges = new Float64Array(2 * groups)
  for (let g = 0; g < groups; g++) {
    const [c, b] = levelAndSlope(columnOf(squares, groups, g), columnOf(logVariance, groups, g))
    for (let i = 0; i < k; i++) weights[g * k + i] *= b
    weights[g * k] += c
    for (let n = 0; n < count; n++) logVariance[n * groups + g] = c + b * logVariance[n * groups + g]
    const own = columnOf(logVariance, groups, g)
    ranges[2 * g] = Math.min(...own)
    ranges[2 * g + 1] = Math.max(...own)
  }
  const common = shared ? Math.sqrt(sharedVariance(deviations, logVariance, count)) : 0
  return { scale: { weights, ranges, common }, logVariance }
}

/**
 * Standard deviations of the groups, in units of each mode's own: exp(½(h + s v − ½ s²)), h clamped to the training range. [n, G]
 * @param loudness [n] a standard normal per sample, v
 */
export const tailScales = (
  { weights, ranges, common }: TailScale,
  design: Float64Array,
  loudness: Float64Array,
  n: number,
): Float64Array => {
  const groups = ranges.length / 2
  return predict(design, weights, n).map((h, at) => {
    const g = at % groups
    const inside = Math.min(ranges[2 * g + 1], Math.max(ranges[2 * g], h))
    const factor = common * loudness[Math.floor(at / groups)] - common ** 2 / 2
    return Math.exp((inside + factor) / 2)
  })
}
