import { type ConditionalLaw, standardise, whiten } from './conditional-law.ts'
import { type Sample, sampleOf } from './distances.ts'
import type { TrainingData } from './training-data.ts'

/** The same pairs with whitened coefficients: every direction of the conditional law in units of its own deviation at θ. */
export const whitened = (law: ConditionalLaw, data: TrainingData): TrainingData => {
  const { count, conditions, coefficients } = data
  return { ...data, coefficients: whiten(law, standardise(law, conditions, coefficients, count), count) }
}

/** The same pairs with coefficient k divided by scale_k. */
export const inUnitsOf = (scale: Float64Array, data: TrainingData): TrainingData => ({
  ...data,
  coefficients: data.coefficients.map((a, at) => a / scale[at % data.modes]),
})

/**
 * Rows [c_1 a_1 … c_leading a_leading, √3 θ]: conditions, uniform in [−1, 1], at unit variance like the coefficients.
 * @param weights c, [r]; 1 when left out
 */
export const jointRows = (data: TrainingData, leading = data.modes, weights?: Float64Array): Sample => {
  const { count, conditionCount: p, conditions, modes, coefficients } = data
  const width = leading + p
  const rows = new Float64Array(count * width)
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < leading; k++) rows[n * width + k] = coefficients[n * modes + k] * (weights?.[k] ?? 1)
    for (let k = 0; k < p; k++) rows[n * width + leading + k] = Math.sqrt(3) * conditions[n * p + k]
  }
  return sampleOf(rows, width)
}

/** Whether row i of both has the same θ, for all i. */
export const samePairs = (x: TrainingData, y: TrainingData): boolean =>
  x.count === y.count && x.conditions.every((t, at) => t === y.conditions[at])
