import { type ConditionalLaw, standardise, whiten } from './conditional-law.ts'
import { correlationFactors, mapRows } from './correlation.ts'
import { predict, ridgeFit } from './ridge.ts'
import type { TrainingData } from './training-data.ts'

/**
 * The whitened modes beyond the leading L, given those and θ: Gaussian about a quadratic polynomial. The tail modes of a
 * wave are to a large part functions of the leading ones (a delayed pulse is a curve, not a line, in the space of
 * traces); drawn independently of them they would add incoherent noise.
 */
export interface TailLaw {
  /** L */
  readonly leading: number
  readonly conditionCount: number
  /** [q] leading modes in the polynomial, each times its share of the amplitude of mode 0: small modes bend little. */
  readonly scales: Float64Array
  /** [q, 2] training range of those modes: the polynomial is not extrapolated. */
  readonly ranges: Float64Array
  /** [r − L, K] */
  readonly weights: Float64Array
  /** [r − L] standard deviation about the polynomial. */
  readonly deviations: Float64Array
  /** [r − L, r − L] Cholesky factor of the correlation about the polynomial. */
  readonly colouring: Float64Array
}

/** Beyond these a quadratic feature would be smaller than the noise of its weight. */
const MOST_VARIABLES = 32
/** Exponent of a mode's relative amplitude in its feature's scale. */
const SCALE_EXPONENT = 0.75
/** Tail modes that share a ridge penalty. */
const PENALTY_GROUP = 8

export const tailFeatureCount = (variables: number): number => 1 + variables + (variables * (variables + 1)) / 2

/** [n, K]: 1, v, v_a v_b with v = [√3 θ, scaled leading modes]. @param white [n, stride] */
const features = (
  law: Pick<TailLaw, 'conditionCount' | 'scales' | 'ranges'>,
  conditions: Float64Array,
  white: Float64Array,
  stride: number,
  n: number,
): Float64Array => {
  const { conditionCount: p, scales, ranges } = law
  const variables = p + scales.length
  const k = tailFeatureCount(variables)
  const out = new Float64Array(n * k)
  const v = new Float64Array(variables)
  for (let i = 0, at = 0; i < n; i++) {
    for (let c = 0; c < p; c++) v[c] = Math.sqrt(3) * conditions[i * p + c]
    for (let c = 0; c < scales.length; c++) {
      v[p + c] = scales[c] * Math.min(ranges[2 * c + 1], Math.max(ranges[2 * c], white[i * stride + c]))
    }
    out[at++] = 1
    for (let a = 0; a < variables; a++) out[at++] = v[a]
    for (let a = 0; a < variables; a++)
      for (let b = 0; b <= a; b++) out[at++] = v[a] * v[b] * (a === b ? Math.SQRT1_2 : 1)
  }
  return out
}

const rangesOf = (white: Float64Array, stride: number, count: number, q: number): Float64Array => {
  const out = new Float64Array(2 * q).map((_, at) =>
    at % 2 === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY,
  )
  for (let n = 0; n < count; n++) {
    for (let c = 0; c < q; c++) {
      out[2 * c] = Math.min(out[2 * c], white[n * stride + c])
      out[2 * c + 1] = Math.max(out[2 * c + 1], white[n * stride + c])
    }
  }
  return out
}

/** Amplitudes σ_k relative to σ_0, from the constants of log σ². */
const relativeAmplitudes = (law: ConditionalLaw, q: number): Float64Array => {
  const k = law.logVarianceWeights.length / law.modes
  return new Float64Array(q).map((_, c) =>
    Math.exp((SCALE_EXPONENT / 2) * (law.logVarianceWeights[c * k] - law.logVarianceWeights[0])),
  )
}

/**
 * @param leading L < r
 * @verifiedBy test/generative/tail-law.test.ts (a quadratic law recovered)
 */
export const fitTailLaw = (law: ConditionalLaw, data: TrainingData, leading: number): TailLaw => {
  const { count, modes, conditions, conditionCount } = data
  const white = whiten(law, standardise(law, conditions, data.coefficients, count), count)
  const q = Math.min(leading, MOST_VARIABLES)
  const shape = { conditionCount, scales: relativeAmplitudes(law, q), ranges: rangesOf(white, modes, count, q) }
  const design = features(shape, conditions, white, modes, count)
  const tail = modes - leading
  const targets = new Float64Array(count * tail)
  for (let n = 0; n < count; n++) targets.set(white.subarray(n * modes + leading, (n + 1) * modes), n * tail)
  const { weights, predictionVariance } = ridgeFit(design, targets, count, PENALTY_GROUP)
  const fitted = predict(design, weights, count)
  const residuals = targets.map((w, at) => w - fitted[at])
  const rms = new Float64Array(tail)
  residuals.forEach((e, at) => {
    rms[at % tail] += (e * e) / count
  })
  const standardised = residuals.map((e, at) => e / Math.sqrt(Math.max(rms[at % tail], Number.MIN_VALUE)))
  const { colouring } = correlationFactors(standardised, count, tail)
  return { leading, ...shape, weights, deviations: predictionVariance.map(Math.sqrt), colouring }
}

/**
 * Fills the tail of whitened samples: w_tail = polynomial(θ, w_lead) + deviations ∘ (colouring · z).
 * @param white [n, r] leading L columns are read, the tail holds standard normals z and is overwritten
 */
export const fillTail = (law: TailLaw, conditions: Float64Array, white: Float64Array, n: number): void => {
  const tail = law.deviations.length
  const modes = law.leading + tail
  const mean = predict(features(law, conditions, white, modes, n), law.weights, n)
  const normals = new Float64Array(n * tail)
  for (let i = 0; i < n; i++) normals.set(white.subarray(i * modes + law.leading, (i + 1) * modes), i * tail)
  const noise = mapRows(normals, law.colouring, n, tail)
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < tail; c++) {
      white[i * modes + law.leading + c] = mean[i * tail + c] + law.deviations[c] * noise[i * tail + c]
    }
  }
}

/** Multiplications and additions of one {@link fillTail}. */
export const tailFlops = (law: TailLaw): number => 2 * law.weights.length + 2 * law.colouring.length
