import { addProductInto, rowMajor } from '../numeric/blocked-product.ts'
import { gramOf } from './gram.ts'
import { leadingEigenpairs } from './leading-eigenvectors.ts'

/**
 * A few rows B that stand for all rows A seen so far: AᵀA = BᵀB + E with E positive semi-definite, ‖E‖₂ ≤ `discarded`. Hence
 * s_k(B)² ≤ s_k(A)² ≤ s_k(B)² + `discarded` for every k (Weyl).
 */
export interface RowSketch {
  /** The next row to be filled, [length] zeros or old numbers; it counts once {@link RowSketch.push} is called. */
  next(): Float64Array
  push(): void
  /** Orthogonal rows [count, length] in descending order of norm, their norms, and the bound on what they miss. */
  finish(): SketchedRows
}

export interface SketchedRows {
  readonly count: number
  /** [count, length], orthogonal to round-off of the largest */
  readonly rows: Float64Array
  /** [count] singular values, descending */
  readonly norms: Float64Array
  /** Bound on s_k(A)² − s_k(B)², in the unit of the rows squared */
  readonly discarded: number
}

/**
 * Blocked incremental singular value decomposition. Rows are collected; when there are `width + block` of them they are rotated to
 * the axes of their scatter, M ← WᵀM with the eigenvectors W of MMᵀ, and the leading `width` are kept. Each such step discards
 * one positive semi-definite part of MᵀM whose largest eigenvalue is known, so that the bound is counted and not estimated. W's
 * columns are orthonormal to round-off whatever M is: errors do not build up as they would with a basis that has to stay so.
 * @source Baker, Gallivan, Van Dooren, "Low-rank incremental methods for computing dominant singular subspaces", 2012; without
 * the shrinkage of Ghashami, Liberty, Phillips, Woodruff, "Frequent Directions", SIAM J. Comput. 45 (2016)
 * @verifiedBy test/trace/streaming-reduction.test.ts
 */
export const rowSketch = (length: number, width: number, block: number): RowSketch => {
  const capacity = width + block
  const rows = new Float64Array(capacity * length)
  const rotated = new Float64Array(width * length)
  let count = 0
  let discarded = 0
  let norms = new Float64Array(0)

  const compress = (): void => {
    const pairs = leadingEigenpairs(gramOf(rows, count, length), count, Math.min(count, width + 1), 0)
    const kept = Math.min(count, width)
    discarded += Math.max(0, pairs.values[width] ?? 0)
    norms = pairs.values.slice(0, kept).map((v) => Math.sqrt(Math.max(v, 0)))
    rotated.fill(0)
    addProductInto(
      rowMajor(rotated, length),
      rowMajor(pairs.vectors, count),
      rowMajor(rows, length),
      kept,
      count,
      length,
    )
    rows.set(rotated.subarray(0, kept * length))
    count = kept
  }
  return {
    next: () => rows.subarray(count * length, (count + 1) * length),
    push: () => {
      count++
      if (count === capacity) compress()
    },
    finish: () => {
      compress()
      return { count, rows: rows.subarray(0, count * length), norms, discarded }
    },
  }
}
