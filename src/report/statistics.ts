/** Small statistics that pictures need; intervals and tests are made by `uq/` and arrive as data. */

/** The finite values, ascending. */
export const sortedFinite = (values: ArrayLike<number>): Float64Array =>
  Float64Array.from(values).filter(Number.isFinite).sort()

/** Linear interpolation of the order statistics at (n − 1)p. */
export const quantileOfSorted = (sorted: ArrayLike<number>, p: number): number => {
  if (sorted.length === 0) return Number.NaN
  const position = (sorted.length - 1) * p
  const below = Math.floor(position)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}

/** At each time, the p-quantiles over the histories: result[i] is the curve of probabilities[i]. */
export const pointwiseQuantiles = (
  histories: readonly ArrayLike<number>[],
  length: number,
  probabilities: readonly number[],
): Float64Array[] => {
  const curves = probabilities.map(() => new Float64Array(length))
  for (let t = 0; t < length; t++) {
    const sorted = sortedFinite(histories.map((h) => h[t]))
    probabilities.forEach((p, i) => {
      curves[i][t] = quantileOfSorted(sorted, p)
    })
  }
  return curves
}

/** Counts of ascending values per equal bin of [low, high), as densities that integrate to the share inside. */
export const histogramDensity = (
  sorted: Float64Array,
  [low, high]: readonly [number, number],
  bins: number,
): Float64Array => {
  const density = new Float64Array(bins)
  const width = (high - low) / bins
  for (const v of sorted) {
    const bin = v === high ? bins - 1 : Math.floor((v - low) / width)
    if (bin >= 0 && bin < bins) density[bin] += 1 / (sorted.length * width)
  }
  return density
}

/** Share of ascending values ≤ x. */
export const distributionAt = (sorted: ArrayLike<number>, x: number): number => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] <= x) low = middle + 1
    else high = middle
  }
  return low / sorted.length
}

/** Bins by Freedman & Diaconis' rule (width 2·IQR/n^⅓) over [low, high], from 12 to 32. */
export const binCount = (sorted: Float64Array, [low, high]: readonly [number, number]): number => {
  const spread = quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)
  const width = (2 * spread) / Math.cbrt(sorted.length)
  return width > 0 ? Math.min(32, Math.max(12, Math.round((high - low) / width))) : 12
}

/** Whether two intervals share a point. */
export const overlap = (a: readonly [number, number], b: readonly [number, number]): boolean =>
  a[0] <= b[1] && b[0] <= a[1]
