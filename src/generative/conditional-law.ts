import { EigenvalueDecomposition } from 'ml-matrix'
import { addProductInto, rowMajor } from '../numeric/blocked-product.ts'
import { correlationFactors, covarianceOf, mapRows, rowsOf } from './correlation.ts'
import { designMatrix, type LegendreBasis, legendreBasis } from './legendre.ts'
import { predict, ridgeFit } from './ridge.ts'
import { checkTrainingData, type TrainingData } from './training-data.ts'

export const MEAN_DEGREE = 3
export const VARIANCE_DEGREE = 2
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

/** Eigenvectors as rows, by descending eigenvalue. */
const principalRows = (covariance: Float64Array, r: number): Float64Array => {
  const evd = new EigenvalueDecomposition(rowsOf(covariance, r, r), { assumeSymmetric: true })
  const order = Array.from({ length: r }, (_, i) => i).sort((i, j) => evd.realEigenvalues[j] - evd.realEigenvalues[i])
  const vectors = evd.eigenvectorMatrix
  return Float64Array.from({ length: r * r }, (_, at) => vectors.get(at % r, order[Math.floor(at / r)]))
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
  const meanWeights = ridgeFit(meanDesign, coefficients, count).weights
  const fitted = predict(meanDesign, meanWeights, count)
  const raw = coefficients.map((a, at) => a - fitted[at])
  const directions = principalRows(covarianceOf(raw, count, modes), modes)
  const residuals = mapRows(raw, directions, count, modes)
  const design = designMatrix(varianceBasis, conditions, count)
  const logVarianceWeights = ridgeFit(design, logSquares(residuals, count, modes), count).weights
  const { sigma, range } = calibrateVariance(logVarianceWeights, design, residuals, count, modes)
  const standardised = residuals.map((e, at) => e / sigma[at])
  const factors = correlationFactors(standardised, count, modes)
  return {
    ...{ conditionCount, modes, meanWeights, directions, logVarianceWeights, logVarianceRange: range },
    ...factors,
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
