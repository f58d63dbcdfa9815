import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'
import type { Sample } from './distances.ts'

/** Distances between all rows of two samples: [n, m] row-major. */
export type PairDistances = (x: Sample, y: Sample) => Float64Array

const squaredNorms = ({ rows, count, width }: Sample): Float64Array => {
  const out = new Float64Array(count)
  for (let at = 0; at < rows.length; at++) out[Math.floor(at / width)] += rows[at] * rows[at]
  return out
}

/** ‖x_i − y_j‖, by ‖x_i‖² + ‖y_j‖² − 2 x_i·y_j: one dense product. */
export const euclideanDistances: PairDistances = (x, y) => {
  const [n, m, d] = [x.count, y.count, x.width]
  const out = new Float64Array(n * m)
  addProductInto(rowMajor(out, m), rowMajor(x.rows, d), transposed(rowMajor(y.rows, d)), n, d, m)
  const [a, b] = [squaredNorms(x), squaredNorms(y)]
  for (let i = 0; i < n; i++) {
    const row = i * m
    for (let j = 0; j < m; j++) out[row + j] = Math.sqrt(Math.max(0, a[i] + b[j] - 2 * out[row + j]))
  }
  return out
}

/**
 * Σ_g √(‖x_i[g] − y_j[g]‖² + ‖θ_i − θ_j‖²) over groups g of neighbouring columns, θ the last p columns. Its energy distance is the
 * sum of those of the groups' joint laws with θ. In many dimensions ‖x − y‖ is nearly the same for all pairs, and its energy distance sees
 * means and total variance only; this one sees the law of every group.
 * @source Chakraborty, Zhang, "A new framework for distance and kernel-based metrics in high dimensions", EJS 15 (2021)
 */
export const groupedDistances =
  (group: number, p: number): PairDistances =>
  (x, y) => {
    const [n, m, d] = [x.count, y.count, x.width]
    const [a, b] = [x.rows, y.rows]
    const r = d - p
    const out = new Float64Array(n * m)
    const within = x === y
    for (let i = 0; i < n; i++) {
      const u = i * d
      for (let j = within ? i + 1 : 0; j < m; j++) {
        const v = j * d
        let shared = 0
        for (let k = r; k < d; k++) shared += (a[u + k] - b[v + k]) * (a[u + k] - b[v + k])
        let sum = 0
        for (let from = 0; from < r; from += group) {
          const to = Math.min(r, from + group)
          let squared = shared
          for (let k = from; k < to; k++) squared += (a[u + k] - b[v + k]) * (a[u + k] - b[v + k])
          sum += Math.sqrt(squared)
        }
        out[i * m + j] = sum
        if (within) out[j * m + i] = sum
      }
    }
    return out
  }

/** Distances within one sample: [n, n], zero on the diagonal, where round-off would stand. */
export const distancesWithin = (distances: PairDistances, x: Sample): Float64Array =>
  withoutDiagonal(distances(x, x), x.count)

/** Sets entries (i, i) of a square matrix to zero. */
export const withoutDiagonal = (matrix: Float64Array, n: number): Float64Array => {
  for (let i = 0; i < n; i++) matrix[i * n + i] = 0
  return matrix
}

/** −(d(x_i, x_j) + d(y_i, y_j) − d(x_i, y_j) − d(y_i, x_j)) of pairs (x_i, y_i): [n, n], symmetric. */
export const pairKernel = (distances: PairDistances, x: Sample, y: Sample): Float64Array => {
  const n = x.count
  const out = distancesWithin(distances, x)
  const other = distancesWithin(distances, y)
  const cross = distances(x, y)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const at = i * n + j
      out[at] = cross[at] + cross[j * n + i] - out[at] - other[at]
    }
  return out
}
