import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'

const ROW_BLOCK = 128

/** [n, n] inner products of rows [n, length]: the lower block triangle is computed, then mirrored. */
export const gramOf = (rows: Float32Array | Float64Array, n: number, length: number): Float64Array => {
  const gram = new Float64Array(n * n)
  for (let i = 0; i < n; i += ROW_BLOCK) {
    const block = Math.min(ROW_BLOCK, n - i)
    const left = rowMajor(rows, length, i * length)
    addProductInto(rowMajor(gram, n, i * n), left, transposed(rowMajor(rows, length)), block, length, i + block)
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) gram[j * n + i] = gram[i * n + j]
  return gram
}
