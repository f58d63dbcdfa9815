import { EigenvalueDecomposition } from 'ml-matrix'
import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'
import { rowsOf } from './correlation.ts'

/** Penalties tried, as fractions of the number of samples: from none to "only the constant is left". */
const PENALTIES = [1e-6, 1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1, 3, 10, 100, 1e6]
/** Eigenvalues below this fraction of the number of samples are round-off. */
const EIGENVALUE_FLOOR = 1e-12

export interface RidgeFit {
  /** [r, K] */
  readonly weights: Float64Array
  /** [r] N ‖y − ŷ‖² / (N − degrees of freedom)²: the cross-validated variance of a new observation about its prediction. */
  readonly predictionVariance: Float64Array
}

/** The centred problem in the eigenbasis of the design's Gram matrix. */
interface Spectral {
  readonly count: number
  /** [K−1] */
  readonly eigenvalues: Float64Array
  /** [K−1, r] Qᵀ Xᵀ y */
  readonly projected: Float64Array
  /** [r] Σ (y − ȳ)² */
  readonly variation: Float64Array
}

const columnMeans = (rows: Float64Array, n: number, width: number): Float64Array => {
  const mean = new Float64Array(width)
  rows.forEach((v, at) => {
    mean[at % width] += v / n
  })
  return mean
}

const product = (a: Float64Array, b: Float64Array, n: number, ka: number, kb: number): Float64Array => {
  const out = new Float64Array(ka * kb)
  addProductInto(rowMajor(out, kb), transposed(rowMajor(a, ka)), rowMajor(b, kb), ka, n, kb)
  return out
}

const freedom = (s: Spectral, penalty: number): number =>
  Math.min(s.count - 1, 1 + s.eigenvalues.reduce((sum, e) => sum + e / (e + penalty), 0))

/** ‖y_j − ŷ_j‖² at a penalty. */
const residualSum = (s: Spectral, j: number, penalty: number): number => {
  const r = s.variation.length
  let explained = 0
  s.eigenvalues.forEach((e, k) => {
    const b = s.projected[k * r + j]
    explained += (b * b * (e + 2 * penalty)) / (e + penalty) ** 2
  })
  return Math.max(0, s.variation[j] - explained)
}

/** The penalty that minimises the summed cross-validation score of columns from … to−1, each in units of its variation. */
const bestPenalty = (s: Spectral, from: number, to: number): number => {
  const score = (penalty: number): number => {
    let sum = 0
    for (let j = from; j < to; j++) sum += residualSum(s, j, penalty) / Math.max(s.variation[j], Number.MIN_VALUE)
    return sum / (s.count - freedom(s, penalty)) ** 2
  }
  const scores = PENALTIES.map((p) => score(p * s.count))
  return PENALTIES[scores.indexOf(Math.min(...scores))] * s.count
}

/**
 * Ridge regression of each column of `targets` on a design whose first column is constant. The constant is not penalised;
 * `group` neighbouring columns share a penalty, the minimiser of generalised cross-validation ‖y − ŷ‖² / (N − freedom)².
 * @param design [N, K] @param targets [N, r]
 * @source Golub, Heath, Wahba, Technometrics 21 (1979)
 * @verifiedBy test/generative/conditional-law.test.ts
 */
export const ridgeFit = (design: Float64Array, targets: Float64Array, count: number, group = 1): RidgeFit => {
  const k = design.length / count - 1
  const r = targets.length / count
  const yMean = columnMeans(targets, count, r)
  const y = targets.map((v, at) => v - yMean[at % r])
  const variation = columnMeans(
    y.map((v) => v * v),
    count,
    r,
  ).map((v) => v * count)
  if (k === 0) return { weights: yMean, predictionVariance: variation.map((v) => (v * count) / (count - 1) ** 2) }
  const x = new Float64Array(count * k)
  for (let n = 0; n < count; n++) x.set(design.subarray(n * (k + 1) + 1, (n + 1) * (k + 1)), n * k)
  const xMean = columnMeans(x, count, k)
  x.forEach((v, at) => {
    x[at] = v - xMean[at % k]
  })
  const gram = new EigenvalueDecomposition(rowsOf(product(x, x, count, k, k), k, k), { assumeSymmetric: true })
  const vectors = Float64Array.from(gram.eigenvectorMatrix.to1DArray())
  const spectral: Spectral = {
    count,
    eigenvalues: Float64Array.from(gram.realEigenvalues, (e) => Math.max(e, EIGENVALUE_FLOOR * count)),
    projected: product(vectors, product(x, y, count, k, r), k, k, r),
    variation,
  }
  return solve(spectral, vectors, xMean, yMean, group)
}

const solve = (
  s: Spectral,
  vectors: Float64Array,
  xMean: Float64Array,
  yMean: Float64Array,
  group: number,
): RidgeFit => {
  const [k, r] = [s.eigenvalues.length, s.variation.length]
  const coordinates = new Float64Array(r * k)
  const predictionVariance = new Float64Array(r)
  for (let from = 0; from < r; from += group) {
    const to = Math.min(r, from + group)
    const penalty = bestPenalty(s, from, to)
    const free = freedom(s, penalty)
    for (let j = from; j < to; j++) {
      predictionVariance[j] = (s.count * residualSum(s, j, penalty)) / (s.count - free) ** 2
      for (let i = 0; i < k; i++) coordinates[j * k + i] = s.projected[i * r + j] / (s.eigenvalues[i] + penalty)
    }
  }
  const slopes = new Float64Array(r * k)
  addProductInto(rowMajor(slopes, k), rowMajor(coordinates, k), transposed(rowMajor(vectors, k)), r, k, k)
  const weights = new Float64Array(r * (k + 1))
  for (let j = 0; j < r; j++) {
    weights[j * (k + 1)] = xMean.reduce((sum, m, i) => sum - m * slopes[j * k + i], yMean[j])
    weights.set(slopes.subarray(j * k, (j + 1) * k), j * (k + 1) + 1)
  }
  return { weights, predictionVariance }
}

/** ŷ = design · weightsᵀ: [N, r]. */
export const predict = (design: Float64Array, weights: Float64Array, count: number): Float64Array => {
  const k = design.length / count
  const r = weights.length / k
  const out = new Float64Array(count * r)
  addProductInto(rowMajor(out, r), rowMajor(design, k), transposed(rowMajor(weights, k)), count, k, r)
  return out
}
