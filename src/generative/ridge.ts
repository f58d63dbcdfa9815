import { EigenvalueDecomposition, Matrix } from 'ml-matrix'

/** Penalties tried, as fractions of the number of samples: from none to "only the constant is left". */
const PENALTIES = [1e-6, 1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.3, 1, 3, 10, 100]

interface Fit {
  readonly score: number
  readonly coordinates: Float64Array
}

/** One penalty's score and solution in the eigenbasis of the design. */
const fitWith = (
  penalty: number,
  projections: Float64Array,
  eigenvalues: readonly number[],
  variance: number,
  count: number,
): Fit => {
  const coordinates = projections.map((b, k) => b / (eigenvalues[k] + penalty))
  const explained = coordinates.reduce((sum, c, k) => sum + c * (2 * projections[k] - c * eigenvalues[k]), 0)
  const freedom = 1 + eigenvalues.reduce((sum, e) => sum + e / (e + penalty), 0)
  return { score: Math.max(variance - explained, 0) / (count - Math.min(freedom, count - 1)) ** 2, coordinates }
}

/**
 * Ridge regression of each column of `targets` on a design whose first column is constant. The constant is not penalised;
 * each column has its own penalty, the minimiser of generalised cross-validation ‖y − ŷ‖² / (N − degrees of freedom)².
 * @param design [N, K] @param targets [N, r]
 * @returns [r, K] weights
 * @source Golub, Heath, Wahba, Technometrics 21 (1979)
 * @verifiedBy test/generative/conditional-law.test.ts
 */
export const ridgeWeights = (design: Float64Array, targets: Float64Array, count: number): Float64Array => {
  const k = design.length / count
  const r = targets.length / count
  const weights = new Float64Array(r * k)
  const y = new Matrix(Array.from({ length: count }, (_, n) => targets.subarray(n * r, (n + 1) * r)))
  const yMean = y.mean('column')
  if (k === 1) return Float64Array.from(yMean)
  const x = new Matrix(Array.from({ length: count }, (_, n) => design.subarray(n * k + 1, (n + 1) * k)))
  const xMean = x.mean('column')
  x.subRowVector(xMean)
  y.subRowVector(yMean)
  const gram = new EigenvalueDecomposition(x.transpose().mmul(x), { assumeSymmetric: true })
  const eigenvalues = gram.realEigenvalues.map((e) => Math.max(e, 1e-12 * count))
  const projected = gram.eigenvectorMatrix.transpose().mmul(x.transpose().mmul(y))
  for (let j = 0; j < r; j++) {
    const b = Float64Array.from({ length: k - 1 }, (_, i) => projected.get(i, j))
    let variance = 0
    for (let n = 0; n < count; n++) variance += y.get(n, j) ** 2
    const fits = PENALTIES.map((p) => fitWith(p * count, b, eigenvalues, variance, count))
    const best = fits.reduce((a, c) => (c.score < a.score ? c : a))
    let constant = yMean[j]
    for (let i = 0; i < k - 1; i++) {
      let w = 0
      for (let l = 0; l < k - 1; l++) w += gram.eigenvectorMatrix.get(i, l) * best.coordinates[l]
      weights[j * k + 1 + i] = w
      constant -= w * xMean[i]
    }
    weights[j * k] = constant
  }
  return weights
}

/** ŷ = design · weightsᵀ: [N, r]. */
export const predict = (design: Float64Array, weights: Float64Array, count: number): Float64Array => {
  const k = design.length / count
  const r = weights.length / k
  const out = new Float64Array(count * r)
  for (let n = 0; n < count; n++) {
    for (let j = 0; j < r; j++) {
      let sum = 0
      for (let i = 0; i < k; i++) sum += design[n * k + i] * weights[j * k + i]
      out[n * r + j] = sum
    }
  }
  return out
}
