import { addProductInto, rowMajor, type Strided } from '../numeric/blocked-product.ts'

/** Forms per dense product: their rows times the matrix stay in the cache. */
const BATCH = 128

/**
 * out_b += factor · Σ_ij left_bi matrix_ij right_bj: many relabellings or resamplings of one matrix of distances, by dense products.
 * @param out [B] @param left [B, n] @param matrix [n, m] row-major @param right [B, m]
 */
export const addBilinearFormsInto = (
  out: Float64Array,
  factor: number,
  left: Strided<Float64Array>,
  matrix: Float64Array,
  right: Strided<Float64Array>,
  n: number,
): void => {
  const m = matrix.length / n
  const product = new Float64Array(Math.min(BATCH, out.length) * m)
  for (let start = 0; start < out.length; start += BATCH) {
    const rows = Math.min(BATCH, out.length - start)
    product.fill(0)
    const part = { ...left, offset: left.offset + start * left.rowStride }
    addProductInto(rowMajor(product, m), part, rowMajor(matrix, m), rows, n, m)
    for (let b = 0; b < rows; b++) {
      const at = right.offset + (start + b) * right.rowStride
      let sum = 0
      for (let j = 0; j < m; j++) sum += product[b * m + j] * right.values[at + j * right.columnStride]
      out[start + b] += factor * sum
    }
  }
}
