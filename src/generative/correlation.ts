import { CholeskyDecomposition, Matrix } from 'ml-matrix'
import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'

/** Rows [n, length] of an array as an ml-matrix. */
export const rowsOf = (values: Float64Array, count: number, length: number): Matrix =>
  new Matrix(Array.from({ length: count }, (_, n) => values.subarray(n * length, (n + 1) * length)))
const flat = (m: Matrix): Float64Array => Float64Array.from(m.to1DArray())

/** out = X · Mᵀ: every row of X [n, r] mapped by M [r, r]. */
export const mapRows = (rows: Float64Array, matrix: Float64Array, n: number, r: number): Float64Array => {
  const out = new Float64Array(n * r)
  addProductInto(rowMajor(out, r), rowMajor(rows, r), transposed(rowMajor(matrix, r)), n, r, r)
  return out
}

/** X Xᵀ / n of rows that are already centred: [r, r]. */
export const covarianceOf = (rows: Float64Array, n: number, r: number): Float64Array => {
  const out = new Float64Array(r * r)
  addProductInto(rowMajor(out, r), transposed(rowMajor(rows, r)), rowMajor(rows, r), r, n, r)
  return out.map((v) => v / n)
}

/**
 * Shrinks a correlation matrix of n samples towards the identity by the amount that minimises the expected squared error.
 * @source Schäfer, Strimmer, Stat. Appl. Genet. Mol. Biol. 4(1) (2005), target "D" with unit variances
 */
const shrunkCorrelation = (standardised: Float64Array, n: number, r: number): Float64Array => {
  const correlation = covarianceOf(standardised, n, r)
  const fourth = covarianceOf(
    standardised.map((e) => e * e),
    n,
    r,
  )
  let noise = 0
  let signal = 0
  for (let i = 0; i < r; i++) {
    for (let j = 0; j < i; j++) {
      const c = correlation[i * r + j]
      noise += (fourth[i * r + j] - c * c) / n
      signal += c * c
    }
  }
  const keep = 1 - Math.min(1, Math.max(0, noise / Math.max(signal, Number.MIN_VALUE)))
  return correlation.map((c, at) => (Math.floor(at / r) === at % r ? 1 : keep * c))
}

const inverseLower = (l: Matrix): Matrix => {
  const n = l.rows
  const inverse = Matrix.zeros(n, n)
  for (let i = 0; i < n; i++) {
    inverse.set(i, i, 1 / l.get(i, i))
    for (let j = 0; j < i; j++) {
      let sum = 0
      for (let k = j; k < i; k++) sum += l.get(i, k) * inverse.get(k, j)
      inverse.set(i, j, -sum / l.get(i, i))
    }
  }
  return inverse
}

/** The lower Cholesky factor K of the shrunk correlation of standardised rows, and its inverse, both [r, r]. */
export const correlationFactors = (
  standardised: Float64Array,
  n: number,
  r: number,
): { readonly colouring: Float64Array; readonly whitening: Float64Array } => {
  const correlation = rowsOf(shrunkCorrelation(standardised, n, r), r, r)
  const lower = new CholeskyDecomposition(correlation).lowerTriangularMatrix
  return { colouring: flat(lower), whitening: flat(inverseLower(lower)) }
}
