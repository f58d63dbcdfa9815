import { InvalidInput } from '../numeric/errors.ts'

/** All [n], the moments zero at the start of training. Overwritten at each step. */
export interface AdamState {
  readonly parameters: Float32Array
  readonly firstMoment: Float32Array
  readonly secondMoment: Float32Array
}

export interface AdamSettings {
  readonly learningRate: number
  /** Decay of the mean gradient. */
  readonly beta1: number
  /** Decay of the mean squared gradient. */
  readonly beta2: number
  readonly epsilon: number
  /** 1, 2, 3, … */
  readonly step: number
}

/** The numbers of one step that all weights share, in single precision. */
export interface AdamFactors {
  readonly beta1: number
  /** 1 − β₁ */
  readonly keep1: number
  readonly beta2: number
  readonly keep2: number
  /** η / (1 − β₁ᵗ) */
  readonly rate: number
  /** 1 / √(1 − β₂ᵗ) */
  readonly scale: number
  readonly epsilon: number
}

const f32 = Math.fround

/** @throws InvalidInput when the step is not a positive integer */
export const adamFactors = ({ learningRate, beta1, beta2, epsilon, step }: AdamSettings): AdamFactors => {
  if (!Number.isInteger(step) || step < 1) throw InvalidInput.of('adam.step', '1, 2, 3, …', step)
  return {
    ...{ beta1: f32(beta1), keep1: f32(1 - beta1), beta2: f32(beta2), keep2: f32(1 - beta2) },
    rate: f32(learningRate / (1 - beta1 ** step)),
    scale: f32(1 / Math.sqrt(1 - beta2 ** step)),
    epsilon: f32(epsilon),
  }
}

/** @throws InvalidInput when the four arrays are not of one length */
export const checkAdam = ({ parameters, firstMoment, secondMoment }: AdamState, gradient: Float32Array): void => {
  const n = parameters.length
  if (firstMoment.length === n && secondMoment.length === n && gradient.length === n) return
  const received = `${firstMoment.length}, ${secondMoment.length}, ${gradient.length}`
  throw InvalidInput.of('adam', `four arrays of ${n}`, received)
}

/**
 * One Adam step: m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g², p ← p - η·m̂ / (√v̂ + ε) with m̂ = m/(1-β₁ᵗ), v̂ = v/(1-β₂ᵗ).
 * Every operation is rounded to single precision, as the vectors of `adamMemory` do. Allocates nothing per weight.
 * @param state overwritten
 * @param gradient [n]
 * @throws InvalidInput when lengths differ or the step is not a positive integer
 * @source Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015
 * @verifiedBy test/tensor/adam.test.ts (PyTorch)
 */
export const adamStepInto = (state: AdamState, gradient: Float32Array, settings: AdamSettings): void => {
  checkAdam(state, gradient)
  const { parameters, firstMoment, secondMoment } = state
  const { beta1, keep1, beta2, keep2, rate, scale, epsilon } = adamFactors(settings)
  for (let i = 0; i < parameters.length; i++) {
    const g = gradient[i]
    const m = f32(f32(beta1 * firstMoment[i]) + f32(keep1 * g))
    const v = f32(f32(beta2 * secondMoment[i]) + f32(f32(keep2 * g) * g))
    firstMoment[i] = m
    secondMoment[i] = v
    const divisor = f32(f32(f32(Math.sqrt(v)) * scale) + epsilon)
    parameters[i] = f32(parameters[i] - f32(f32(rate * m) / divisor))
  }
}
