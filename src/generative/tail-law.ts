import { type ConditionalLaw, standardise, whiten } from './conditional-law.ts'
import { correlationFactors, mapRows } from './correlation.ts'
import { leftOutPredictions } from './left-out.ts'
import { predict, ridgeFit } from './ridge.ts'
import { fitTailScale, groupOf, type TailScale, tailGroups, tailScales } from './tail-scale.ts'
import type { TrainingData } from './training-data.ts'

/**
 * The whitened modes beyond the leading L, given those and θ: normal about a quadratic polynomial, with a scale that depends on them too.
 * The tail modes of a wave are to a large part functions of the leading ones (a delayed pulse is a curve, not a line, in the space of
 * traces), and a run that is far out is loud in all of them; drawn independently they would add incoherent noise.
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
  /** [r − L] standard deviation about the polynomial, in units of the scale. */
  readonly deviations: Float64Array
  readonly scale: TailScale
  /** [r − L, r − L] Cholesky factor of the correlation about the polynomial. */
  readonly colouring: Float64Array
}

export interface TailOptions {
  /** Runs that neither the law nor the directions were fitted to: they set the level of mean and deviations. */
  readonly fresh?: TrainingData
  /** Whether the latent's last number is free to be the loudness of the whole tail; it is not where it chooses a category. */
  readonly shared: boolean
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

/** [n, r − L] of [n, r] */
const beyond = (white: Float64Array, modes: number, leading: number, n: number): Float64Array => {
  const tail = modes - leading
  const out = new Float64Array(n * tail)
  for (let i = 0; i < n; i++) out.set(white.subarray(i * modes + leading, (i + 1) * modes), i * tail)
  return out
}

const whiteOf = (law: ConditionalLaw, { count, conditions, coefficients }: TrainingData): Float64Array =>
  whiten(law, standardise(law, conditions, coefficients, count), count)

const columnRms = (rows: Float64Array, width: number): Float64Array => {
  const out = new Float64Array(width)
  rows.forEach((v, at) => {
    out[at % width] += (v * v * width) / rows.length
  })
  return out.map((q) => Math.sqrt(Math.max(q, Number.MIN_VALUE)))
}

/** Sums over the columns of each group. */
const perGroup = (values: Float64Array, width: number): Float64Array => {
  const out = new Float64Array(tailGroups(width))
  values.forEach((v, at) => {
    out[groupOf(at % width)] += v
  })
  return out
}

/**
 * Factors of mean and deviation, per group, that give new runs w their second moments: the mean is as long as what it explains of w
 * (its error makes it longer), and the deviations make up the rest.
 * @param mean, target [n, t] @param variance [n, t] of the deviations
 */
const levels = (mean: Float64Array, variance: Float64Array, target: Float64Array, width: number) => {
  const sum = (values: Float64Array): Float64Array => perGroup(values, width)
  const [mm, mw, ww, vv] = [
    sum(mean.map((m) => m * m)),
    sum(mean.map((m, at) => m * target[at])),
    sum(target.map((w) => w * w)),
    sum(variance),
  ]
  const slopes = mm.map((q, g) => (q > 0 ? Math.min(1, Math.max(0, mw[g] / q)) : 0))
  return { slopes, deviations: vv.map((v, g) => Math.sqrt(Math.max(ww[g] - slopes[g] ** 2 * mm[g], 0) / v)) }
}

/**
 * @param leading L < r
 * @verifiedBy test/generative/tail-law.test.ts (a quadratic law and a loud one recovered)
 */
export const fitTailLaw = (
  law: ConditionalLaw,
  data: TrainingData,
  leading: number,
  { fresh, shared }: TailOptions,
): TailLaw => {
  const { count, modes, conditions, conditionCount } = data
  const white = whiteOf(law, data)
  const q = Math.min(leading, MOST_VARIABLES)
  const shape = { conditionCount, scales: relativeAmplitudes(law, q), ranges: rangesOf(white, modes, count, q) }
  const design = features(shape, conditions, white, modes, count)
  const tail = modes - leading
  const targets = beyond(white, modes, leading, count)
  const { weights } = ridgeFit(design, targets, count, PENALTY_GROUP)
  const predicted = leftOutPredictions(design, targets, count, PENALTY_GROUP)
  const residuals = targets.map((w, at) => w - predicted[at])
  const rms = columnRms(residuals, tail)
  const { scale, logVariance } = fitTailScale(
    design,
    residuals.map((e, at) => e / rms[at % tail]),
    count,
    shared,
  )
  const groups = tailGroups(tail)
  const loud = (n: number, c: number): number => Math.exp(logVariance[n * groups + groupOf(c)] / 2)
  const standardised = residuals.map((e, at) => e / loud(Math.floor(at / tail), at % tail))
  const deviations = columnRms(standardised, tail)
  const { colouring } = correlationFactors(
    standardised.map((e, at) => e / deviations[at % tail]),
    count,
    tail,
  )
  const fitted: TailLaw = { leading, ...shape, weights: weights.slice(), deviations, scale, colouring }
  const level = fresh
    ? freshLevels(fitted, law, fresh)
    : levels(
        predicted,
        predicted.map((_, at) => (deviations[at % tail] * loud(Math.floor(at / tail), at % tail)) ** 2),
        targets,
        tail,
      )
  const k = weights.length / tail
  return {
    ...fitted,
    weights: weights.map((v, at) => v * level.slopes[groupOf(Math.floor(at / k))]),
    deviations: deviations.map((d, c) => d * level.deviations[groupOf(c)]),
  }
}

const freshLevels = (tailLaw: TailLaw, law: ConditionalLaw, fresh: TrainingData) => {
  const { leading, weights, deviations, scale } = tailLaw
  const white = whiteOf(law, fresh)
  const design = features(tailLaw, fresh.conditions, white, law.modes, fresh.count)
  const tail = deviations.length
  const groups = tailGroups(tail)
  const sizes = tailScales({ ...scale, common: 0 }, design, new Float64Array(fresh.count), fresh.count)
  const variance = new Float64Array(fresh.count * tail).map(
    (_, at) => (deviations[at % tail] * sizes[Math.floor(at / tail) * groups + groupOf(at % tail)]) ** 2,
  )
  return levels(predict(design, weights, fresh.count), variance, beyond(white, law.modes, leading, fresh.count), tail)
}

/**
 * Fills the tail of whitened samples: w_tail = polynomial(θ, w_lead) + scale(θ, w_lead, v) deviations ∘ (colouring · z).
 * @param white [n, r] leading L columns are read, the tail holds standard normals z and is overwritten
 * @param loudness [n] v, a standard normal per sample: the latent's last number
 */
export const fillTail = (
  law: TailLaw,
  conditions: Float64Array,
  white: Float64Array,
  loudness: Float64Array,
  n: number,
): void => {
  const tail = law.deviations.length
  const modes = law.leading + tail
  const groups = tailGroups(tail)
  const design = features(law, conditions, white, modes, n)
  const mean = predict(design, law.weights, n)
  const sizes = tailScales(law.scale, design, loudness, n)
  const noise = mapRows(beyond(white, modes, law.leading, n), law.colouring, n, tail)
  for (let i = 0; i < n; i++) {
    for (let c = 0; c < tail; c++) {
      white[i * modes + law.leading + c] =
        mean[i * tail + c] + sizes[i * groups + groupOf(c)] * law.deviations[c] * noise[i * tail + c]
    }
  }
}

/** Multiplications and additions of one {@link fillTail}. */
export const tailFlops = (law: TailLaw): number =>
  2 * (law.weights.length + law.scale.weights.length + law.colouring.length)
