import { CholeskyDecomposition, EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'
import { designMatrix, type LegendreBasis, legendreBasis } from './legendre.ts'
import { predict, ridgeWeights } from './ridge.ts'
import { checkTrainingData, type TrainingData } from './training-data.ts'

const MEAN_DEGREE = 3
const VARIANCE_DEGREE = 2
/** −E[log χ²₁]: what the logarithm of one squared residual falls short of the logarithm of its variance. */
const LOG_CHI_SQUARE_BIAS = 1.2703628454614782
/** Residuals below this fraction of their standard deviation tell nothing of the variance: round-off. */
const RESIDUAL_FLOOR = 1e-6

/**
 * a = μ(θ) + Vᵀ (σ(θ) ∘ (K w)): the preconditioner of every conditional model. μ is a cubic, log σ² a quadratic Legendre
 * polynomial; the rows of V are the principal directions of the residuals, by energy; K is the Cholesky factor of the
 * correlation of the standardised residuals, so that w is white and its leading numbers carry the most energetic
 * directions. Plain data: saved and loaded to the same bits.
 */
export interface ConditionalLaw {
  readonly conditionCount: number
  /** r */
  readonly modes: number
  /** [r, K₃] */
  readonly meanWeights: Float64Array
  /** [r, r] orthonormal rows. */
  readonly directions: Float64Array
  /** [r, K₂] */
  readonly logVarianceWeights: Float64Array
  /** [r, 2] smallest and largest log σ² over the training conditions: no extrapolation. */
  readonly logVarianceRange: Float64Array
  /** K [r, r] lower triangular. */
  readonly colouring: Float64Array
  /** K⁻¹ [r, r] lower triangular. */
  readonly whitening: Float64Array
}

const rowsOf = (values: Float64Array, count: number, length: number): Matrix =>
  new Matrix(Array.from({ length: count }, (_, n) => values.subarray(n * length, (n + 1) * length)))
const flat = (m: Matrix): Float64Array => Float64Array.from(m.to1DArray())

/** out = X · Mᵀ: every row of X [n, r] mapped by M [r, r]. */
const mapRows = (rows: Float64Array, matrix: Float64Array, n: number, r: number): Float64Array => {
  const out = new Float64Array(n * r)
  addProductInto(rowMajor(out, r), rowMajor(rows, r), transposed(rowMajor(matrix, r)), n, r, r)
  return out
}

const covarianceOf = (rows: Float64Array, n: number, r: number): Float64Array => {
  const out = new Float64Array(r * r)
  addProductInto(rowMajor(out, r), transposed(rowMajor(rows, r)), rowMajor(rows, r), r, n, r)
  return out.map((v) => v / n)
}

/** Eigenvectors as rows, by descending eigenvalue. */
const principalRows = (covariance: Float64Array, r: number): Float64Array => {
  const evd = new EigenvalueDecomposition(rowsOf(covariance, r, r), { assumeSymmetric: true })
  const order = Array.from({ length: r }, (_, i) => i).sort((i, j) => evd.realEigenvalues[j] - evd.realEigenvalues[i])
  const vectors = evd.eigenvectorMatrix
  return Float64Array.from({ length: r * r }, (_, at) => vectors.get(at % r, order[Math.floor(at / r)]))
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

const logSquares = (residuals: Float64Array, n: number, r: number): Float64Array => {
  const scale = new Float64Array(r)
  residuals.forEach((e, at) => {
    scale[at % r] += (e * e) / n
  })
  return residuals.map((e, at) => Math.log(Math.max(e * e, RESIDUAL_FLOOR ** 2 * scale[at % r], 1e-300)))
}

/** Shifts the constants so that Σ e² / σ² = N exactly for every direction; returns σ [N, r] and the range of log σ². */
const calibrateVariance = (
  weights: Float64Array,
  design: Float64Array,
  residuals: Float64Array,
  n: number,
  r: number,
): { readonly sigma: Float64Array; readonly range: Float64Array } => {
  const k = weights.length / r
  for (let j = 0; j < r; j++) weights[j * k] += LOG_CHI_SQUARE_BIAS
  const logVariance = predict(design, weights, n)
  const ratio = new Float64Array(r)
  residuals.forEach((e, at) => {
    ratio[at % r] += (e * e) / Math.exp(logVariance[at]) / n
  })
  const shift = ratio.map((q) => Math.log(Math.max(q, 1e-300)))
  for (let j = 0; j < r; j++) weights[j * k] += shift[j]
  const range = new Float64Array(2 * r).map((_, at) => (at % 2 === 0 ? Number.POSITIVE_INFINITY : -Infinity))
  const sigma = logVariance.map((v, at) => {
    const j = at % r
    range[2 * j] = Math.min(range[2 * j], v + shift[j])
    range[2 * j + 1] = Math.max(range[2 * j + 1], v + shift[j])
    return Math.exp(0.5 * (v + shift[j]))
  })
  return { sigma, range }
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

const bases = (p: number): readonly [LegendreBasis, LegendreBasis] => [
  legendreBasis(p, MEAN_DEGREE),
  legendreBasis(p, VARIANCE_DEGREE),
]

/**
 * Fits mean, scale and correlation to N pairs (θ, a).
 * @throws InvalidInput on sizes that do not match and values that are not finite
 * @verifiedBy test/generative/conditional-law.test.ts (a known heteroscedastic law)
 */
export const fitConditionalLaw = (data: TrainingData): ConditionalLaw => {
  const { count, conditionCount, conditions, modes, coefficients } = checkTrainingData(data)
  const [meanBasis, varianceBasis] = bases(conditionCount)
  const meanDesign = designMatrix(meanBasis, conditions, count)
  const meanWeights = ridgeWeights(meanDesign, coefficients, count)
  const fitted = predict(meanDesign, meanWeights, count)
  const raw = coefficients.map((a, at) => a - fitted[at])
  const directions = principalRows(covarianceOf(raw, count, modes), modes)
  const residuals = mapRows(raw, directions, count, modes)
  const design = designMatrix(varianceBasis, conditions, count)
  const logVarianceWeights = ridgeWeights(design, logSquares(residuals, count, modes), count)
  const { sigma, range } = calibrateVariance(logVarianceWeights, design, residuals, count, modes)
  const standardised = residuals.map((e, at) => e / sigma[at])
  const correlation = rowsOf(shrunkCorrelation(standardised, count, modes), modes, modes)
  const lower = new CholeskyDecomposition(correlation).lowerTriangularMatrix
  return {
    ...{ conditionCount, modes, meanWeights, directions, logVarianceWeights, logVarianceRange: range },
    ...{ colouring: flat(lower), whitening: flat(inverseLower(lower)) },
  }
}

interface Moments {
  readonly mean: Float64Array
  readonly sigma: Float64Array
}

/** μ(θ) and σ(θ) at n conditions, both [n, r]. */
export const conditionalMoments = (law: ConditionalLaw, conditions: Float64Array, n: number): Moments => {
  const [meanBasis, varianceBasis] = bases(law.conditionCount)
  const mean = predict(designMatrix(meanBasis, conditions, n), law.meanWeights, n)
  const logVariance = predict(designMatrix(varianceBasis, conditions, n), law.logVarianceWeights, n)
  const sigma = logVariance.map((v, at) => {
    const j = at % law.modes
    return Math.exp(0.5 * Math.min(law.logVarianceRange[2 * j + 1], Math.max(law.logVarianceRange[2 * j], v)))
  })
  return { mean, sigma }
}

/** e = V (a − μ(θ)) / σ(θ): standardised residuals [n, r]. */
export const standardise = (
  law: ConditionalLaw,
  conditions: Float64Array,
  coefficients: Float64Array,
  n: number,
): Float64Array => {
  const { mean, sigma } = conditionalMoments(law, conditions, n)
  const raw = coefficients.map((a, at) => a - mean[at])
  return mapRows(raw, law.directions, n, law.modes).map((e, at) => e / sigma[at])
}

/** a = μ(θ) + Vᵀ (σ(θ) ∘ e): [n, r]. */
export const unstandardise = (
  law: ConditionalLaw,
  conditions: Float64Array,
  standardised: Float64Array,
  n: number,
): Float64Array => {
  const { modes, directions } = law
  const { mean, sigma } = conditionalMoments(law, conditions, n)
  const scaled = standardised.map((e, at) => e * sigma[at])
  addProductInto(rowMajor(mean, modes), rowMajor(scaled, modes), rowMajor(directions, modes), n, modes, modes)
  return mean
}

/** w = K⁻¹ e: [n, r], mean 0 and covariance I over the training data up to shrinkage. */
export const whiten = (law: ConditionalLaw, standardised: Float64Array, n: number): Float64Array =>
  mapRows(standardised, law.whitening, n, law.modes)
/** e = K w. */
export const colour = (law: ConditionalLaw, white: Float64Array, n: number): Float64Array =>
  mapRows(white, law.colouring, n, law.modes)

/** Multiplications and additions of one {@link unstandardise} after {@link colour}. */
export const conditionalLawFlops = (law: ConditionalLaw): number =>
  4 * law.modes ** 2 + 2 * (law.meanWeights.length + law.logVarianceWeights.length)
