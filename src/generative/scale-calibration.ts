import { type ConditionalLaw, fitConditionalLaw, standardise } from './conditional-law.ts'
import { checkTrainingData, checkValidationData, type TrainingData } from './training-data.ts'

/** Neighbouring directions that share their ratio, to each side: it changes slowly with rank, and one direction's is noise. */
const NEIGHBOURS = 8

/** Mean square of each standardised residual over fresh runs: 1 where the law's scale is right. [r] */
export const freshVariance = (law: ConditionalLaw, fresh: TrainingData): Float64Array => {
  const e = standardise(law, fresh.conditions, fresh.coefficients, fresh.count)
  const out = new Float64Array(law.modes)
  e.forEach((v, at) => {
    out[at % law.modes] += (v * v) / fresh.count
  })
  return out
}

const smoothed = (values: Float64Array): Float64Array =>
  values.map((_, j) => {
    const near = values.slice(Math.max(0, j - NEIGHBOURS), j + NEIGHBOURS + 1)
    return near.reduce((sum, v) => sum + v, 0) / near.length
  })

/**
 * The law with σ² of each direction times what fresh runs say of it. Principal directions fitted to N runs bend towards those runs: along
 * the weak ones the N runs scatter less than new ones do (by a factor of about 1 − 2j/N in variance at rank j), and a scale set on them is too
 * small. Only the scale changes; mean, directions and correlation stay.
 * @param fresh runs that the law was not fitted to
 * @verifiedBy test/generative/scale-calibration.test.ts
 */
export const withFreshScale = (law: ConditionalLaw, fresh: TrainingData): ConditionalLaw => {
  const shift = smoothed(freshVariance(law, fresh)).map(Math.log)
  const logVarianceWeights = law.logVarianceWeights.slice()
  const terms = logVarianceWeights.length / law.modes
  for (let j = 0; j < law.modes; j++) logVarianceWeights[j * terms] += shift[j]
  const logVarianceRange = law.logVarianceRange.map((v, at) => v + shift[at >> 1])
  return { ...law, logVarianceWeights, logVarianceRange }
}

/** A conditional law as its training runs have it, and the one to sample from. */
export interface FittedLaw {
  /** The training runs' standardised residuals have unit variance under it. */
  readonly own: ConditionalLaw
  /** The same with the scale of fresh runs; the very same where there are none. */
  readonly law: ConditionalLaw
}

/**
 * The law of the training runs, and with the scale of fresh ones. Shapes (residuals, a mixture's components) are taken under `own`, where
 * they have unit variance, and samples are given the scale of `law`.
 * @throws InvalidInput on data that do not match, and values that are not finite
 */
export const fitLaws = (data: TrainingData, fresh?: TrainingData): FittedLaw => {
  if (fresh) checkValidationData(fresh, checkTrainingData(data))
  const own = fitConditionalLaw(data)
  return { own, law: fresh ? withFreshScale(own, fresh) : own }
}
