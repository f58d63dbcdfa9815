import { EigenvalueDecomposition, Matrix } from 'ml-matrix'

/** Pooled first and second moments of whitened samples. */
export interface WhiteMoments {
  /** [L] */
  readonly mean: Float64Array
  /** [L, L] */
  readonly covariance: Float64Array
}

/** x ↦ matrix · x + shift: the affine map that gives one sub-network's samples the training moments. */
export interface Calibration {
  /** [L, L] symmetric. */
  readonly matrix: Float64Array
  /** [L] */
  readonly shift: Float64Array
}

/** Relative to the largest eigenvalue: variances below it belong to directions that a sub-network does not reach. */
const EIGENVALUE_FLOOR = 1e-6

export const whiteMoments = (rows: ArrayLike<number>, width: number): WhiteMoments => {
  const count = rows.length / width
  const mean = new Float64Array(width)
  for (let at = 0; at < rows.length; at++) mean[at % width] += rows[at] / count
  const covariance = new Float64Array(width * width)
  const centred = new Float64Array(width)
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < width; i++) centred[i] = rows[n * width + i] - mean[i]
    for (let i = 0; i < width; i++) for (let j = 0; j < width; j++) covariance[i * width + j] += centred[i] * centred[j]
  }
  return { mean, covariance: covariance.map((c) => c / count) }
}

const matrixOf = (values: Float64Array, n: number): Matrix =>
  new Matrix(Array.from({ length: n }, (_, i) => values.subarray(i * n, (i + 1) * n)))

/** The symmetric power S^exponent of a positive semi-definite matrix. */
const symmetricPower = (matrix: Matrix, exponent: number): Matrix => {
  const evd = new EigenvalueDecomposition(matrix, { assumeSymmetric: true })
  const floor = EIGENVALUE_FLOOR * Math.max(...evd.realEigenvalues)
  const powers = evd.realEigenvalues.map((e) => Math.max(e, floor) ** exponent)
  const v = evd.eigenvectorMatrix
  return v.mmul(Matrix.diag(powers)).mmul(v.transpose())
}

/**
 * The optimal transport map between Gaussians, A = S^{-½} (S^{½} T S^{½})^{½} S^{-½}: of all affine maps that turn the
 * moments S into T it moves the samples least, and so keeps their correlation with the other granularities.
 * @source Olkin, Pukelsheim, Linear Algebra Appl. 48 (1982)
 * @verifiedBy test/generative/calibration.test.ts
 */
export const calibrationMap = (from: WhiteMoments, to: WhiteMoments): Calibration => {
  const n = from.mean.length
  const source = matrixOf(from.covariance, n)
  const root = symmetricPower(source, 0.5)
  const inverseRoot = symmetricPower(source, -0.5)
  const middle = symmetricPower(root.mmul(matrixOf(to.covariance, n)).mmul(root), 0.5)
  const matrix = inverseRoot.mmul(middle).mmul(inverseRoot)
  const moved = matrix.mmul(Matrix.columnVector(from.mean)).to1DArray()
  return { matrix: Float64Array.from(matrix.to1DArray()), shift: to.mean.map((m, i) => m - moved[i]) }
}

/** out = matrix · x + shift for n rows of length L. */
export const calibrateInto = (
  out: Float64Array,
  calibration: Calibration,
  rows: ArrayLike<number>,
  n: number,
): void => {
  const { matrix, shift } = calibration
  const width = shift.length
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < width; i++) {
      let sum = shift[i]
      for (let j = 0; j < width; j++) sum += matrix[i * width + j] * rows[row * width + j]
      out[row * width + i] = sum
    }
  }
}
