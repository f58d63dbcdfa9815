import { binomialCdf } from './beta.ts'
import type { Interval } from './estimate.ts'

/**
 * The sample p-quantile: linear interpolation of the order statistics at 1 + (n − 1)p.
 * @source Hyndman & Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996), type 7
 */
export const sampleQuantile = (sorted: ArrayLike<number>, p: number): number => {
  const position = (sorted.length - 1) * p
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}

/** The largest k in [0, n] with P(B < k) ≤ tail, B ~ binomial(n, p): P(B < k) grows with k. */
const largestRank = (n: number, p: number, tail: number): number => {
  let low = 0
  let high = n
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (binomialCdf(middle - 1, n, p) <= tail) low = middle
    else high = middle - 1
  }
  return low
}

/** 1-based ranks of the interval's ends; 0 and n + 1 where n samples are too few to bound that side. */
export const quantileRanks = (n: number, p: number, level: number): readonly [number, number] => {
  const tail = 0.5 - level / 2
  return [largestRank(n, p, tail), n + 1 - largestRank(n, 1 - p, tail)]
}

/** The fewest samples that bound the p-quantile on both sides. */
export const samplesForQuantile = (p: number, level: number): number =>
  Math.ceil(Math.log(0.5 - level / 2) / Math.log(Math.max(p, 1 - p)))

const methodOf = (n: number, p: number, level: number, [lower, upper]: readonly [number, number]): string => {
  const ends = [lower < 1 ? 'lower end is the sample minimum' : '', upper > n ? 'upper end is the sample maximum' : '']
  const open = ends.filter((e) => e !== '')
  if (open.length === 0) return 'order statistics'
  const need = samplesForQuantile(p, level)
  const kind = open.length === 2 ? 'unbounded' : 'one-sided'
  return `order statistics, ${kind}: ${open.join(', ')} (both sides need ${need} samples)`
}

/**
 * [X₍ₗ₎, X₍ᵤ₎] with P(X₍ₗ₎ > q) ≤ α/2 and P(X₍ᵤ₎ < q) ≤ α/2 for every continuous law. Too few samples for an end: the
 * sample's extreme stands in, and the method says 'one-sided'.
 * @source David & Nagaraja, Order Statistics (2003), 7.1
 * @verifiedBy test/statistical/coverage.test.ts
 */
export const quantileInterval = (sorted: ArrayLike<number>, p: number, level: number): Interval => {
  const n = sorted.length
  const ranks = quantileRanks(n, p, level)
  const low = sorted[Math.max(ranks[0], 1) - 1]
  const high = sorted[Math.min(ranks[1], n) - 1]
  return { value: sampleQuantile(sorted, p), interval: [low, high], method: methodOf(n, p, level, ranks) }
}
