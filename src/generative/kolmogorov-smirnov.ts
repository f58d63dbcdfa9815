/**
 * Two-sample Kolmogorov-Smirnov distance max |F − G|; NaN if one of the values is.
 * @verifiedBy test/generative/distances.test.ts
 */
export const ksDistance = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
  const a = Float64Array.from(x).sort()
  const b = Float64Array.from(y).sort()
  if (Number.isNaN(a.at(-1)) || Number.isNaN(b.at(-1))) return Number.NaN
  let i = 0
  let j = 0
  let largest = 0
  while (i < a.length && j < b.length) {
    const at = Math.min(a[i], b[j])
    while (i < a.length && a[i] <= at) i++
    while (j < b.length && b[j] <= at) j++
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length))
  }
  return largest
}

/** Mean of {@link ksDistance} over the columns of two samples [n, d], [m, d]. */
export const meanColumnKs = (x: ArrayLike<number>, y: ArrayLike<number>, d: number, columns: number = d): number => {
  let sum = 0
  for (let k = 0; k < columns; k++) sum += ksDistance(column(x, d, k), column(y, d, k))
  return sum / columns
}

export const column = (rows: ArrayLike<number>, d: number, k: number): Float64Array =>
  new Float64Array(rows.length / d).map((_, n) => rows[n * d + k])
