import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'
import { randomStream } from '../numeric/random.ts'
import { orthonormaliseRows } from './orthonormal-rows.ts'

/** Eigenpairs of a symmetric positive semi-definite matrix, values descending, vectors [count, n] row by row. */
export interface Eigenpairs {
  readonly values: Float64Array
  readonly vectors: Float64Array
}

/** All n eigenpairs cost ~2 s at this size and grow with n³; beyond it only the leading subspace is iterated. */
const DENSE_LIMIT = 1500
const OVERSAMPLING = 24
const SUBSPACE_STEPS = 8

const denseEigenpairs = (matrix: Float64Array, n: number, count: number): Eigenpairs => {
  const rows = Array.from({ length: n }, (_, i) => matrix.subarray(i * n, (i + 1) * n))
  const evd = new EigenvalueDecomposition(new Matrix(rows), { assumeSymmetric: true })
  const order = evd.realEigenvalues
    .map((_, i) => i)
    .sort((i, j) => evd.realEigenvalues[j] - evd.realEigenvalues[i])
    .slice(0, count)
  const v = evd.eigenvectorMatrix
  const vectors = new Float64Array(order.length * n)
  order.forEach((column, k) => {
    for (let i = 0; i < n; i++) vectors[k * n + i] = v.get(i, column)
  })
  return { values: Float64Array.from(order, (i) => evd.realEigenvalues[i]), vectors }
}

const product = (a: Float64Array, b: Float64Array, rows: number, depth: number, columns: number): Float64Array => {
  const out = new Float64Array(rows * columns)
  addProductInto(rowMajor(out, columns), rowMajor(a, depth), rowMajor(b, columns), rows, depth, columns)
  return out
}

/** Subspace iteration with a Rayleigh-Ritz step. @source Halko, Martinsson, Tropp, SIAM Review 53 (2011), §4.5 */
const subspaceEigenpairs = (matrix: Float64Array, n: number, count: number, seed: number): Eigenpairs => {
  const width = Math.min(n, count + OVERSAMPLING)
  let basis = new Float64Array(width * n)
  randomStream(seed, 'trace/reduction').normalsInto(basis, 0)
  for (let step = 0; step < SUBSPACE_STEPS; step++) {
    orthonormaliseRows(basis, width, n)
    basis = Float64Array.from(product(basis, matrix, width, n, n))
  }
  orthonormaliseRows(basis, width, n)
  const image = product(basis, matrix, width, n, n)
  const small = new Float64Array(width * width)
  addProductInto(rowMajor(small, width), rowMajor(image, n), transposed(rowMajor(basis, n)), width, n, width)
  const ritz = denseEigenpairs(small, width, count)
  return { values: ritz.values, vectors: product(ritz.vectors, basis, ritz.values.length, width, n) }
}

/** The `count` largest eigenvalues of an [n, n] Gram matrix. The seed starts the iteration, used only for large n. */
export const leadingEigenpairs = (matrix: Float64Array, n: number, count: number, seed: number): Eigenpairs =>
  n <= DENSE_LIMIT ? denseEigenpairs(matrix, n, count) : subspaceEigenpairs(matrix, n, count, seed)
