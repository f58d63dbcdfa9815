import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'

/**
 * Rows made orthonormal in order, in place: twice modified Gram-Schmidt ("twice is enough").
 * @source Giraud, Langou, Rozložník, "The loss of orthogonality in the Gram-Schmidt process", 2005
 */
export const orthonormaliseRows = (rows: Float64Array, count: number, length: number): void => {
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * length, (i + 1) * length)
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) removeComponent(row, rows.subarray(j * length, (j + 1) * length))
    }
    const scale = 1 / Math.sqrt(dot(row, row))
    for (let k = 0; k < length; k++) row[k] *= scale
  }
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let even = 0
  let odd = 0
  const paired = a.length - (a.length % 2)
  for (let k = 0; k < paired; k += 2) {
    even += a[k] * b[k]
    odd += a[k + 1] * b[k + 1]
  }
  return paired < a.length ? even + odd + a[paired] * b[paired] : even + odd
}

const removeComponent = (row: Float64Array, unit: Float64Array): void => {
  const amount = dot(row, unit)
  for (let k = 0; k < row.length; k++) row[k] -= amount * unit[k]
}

/** Rows of L⁻¹ of the Cholesky factor L of a well-conditioned [n, n] matrix. */
const inverseCholesky = (matrix: Float64Array, n: number): Float64Array => {
  const l = new Float64Array(n * n)
  const inverse = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]
      for (let k = 0; k < j; k++) sum -= l[i * n + k] * l[j * n + k]
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]
    }
  }
  for (let i = 0; i < n; i++) {
    inverse[i * n + i] = 1 / l[i * n + i]
    for (let j = 0; j < i; j++) {
      let sum = 0
      for (let k = j; k < i; k++) sum += l[i * n + k] * inverse[k * n + j]
      inverse[i * n + j] = -sum / l[i * n + i]
    }
  }
  return inverse
}

/**
 * Rows that are orthogonal up to a small error made orthonormal in order, by Cholesky factorisation of their Gram matrix:
 * a few blocked products, where Gram-Schmidt on long rows would be bound by memory.
 */
export const nearlyOrthogonalRowsToOrthonormal = (rows: Float64Array, count: number, length: number): Float64Array => {
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * length, (i + 1) * length)
    const scale = 1 / Math.sqrt(dot(row, row))
    for (let k = 0; k < length; k++) row[k] *= scale
  }
  const gram = new Float64Array(count * count)
  const view = rowMajor(rows, length)
  addProductInto(rowMajor(gram, count), view, transposed(view), count, length, count)
  const out = new Float64Array(count * length)
  addProductInto(rowMajor(out, length), rowMajor(inverseCholesky(gram, count), count), view, count, count, length)
  return out
}
