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

/**
 * One Adam step: m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g², p ← p - η·m̂ / (√v̂ + ε) with m̂ = m/(1-β₁ᵗ), v̂ = v/(1-β₂ᵗ).
 * Allocates nothing.
 * @param state overwritten
 * @param gradient [n]
 * @throws InvalidInput when lengths differ or the step is not a positive integer
 * @source Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015
 * @verifiedBy test/tensor/adam.test.ts (PyTorch)
 */
export const adamStepInto = (state: AdamState, gradient: Float32Array, settings: AdamSettings): void => {
  const { parameters, firstMoment, secondMoment } = state
  const n = parameters.length
  if (firstMoment.length !== n || secondMoment.length !== n || gradient.length !== n)
    throw InvalidInput.of(
      'adam',
      `four arrays of ${n}`,
      `${firstMoment.length}, ${secondMoment.length}, ${gradient.length}`,
    )
  const { learningRate, beta1, beta2, epsilon, step } = settings
  if (!Number.isInteger(step) || step < 1) throw InvalidInput.of('adam.step', '1, 2, 3, …', step)
  const rate = learningRate / (1 - beta1 ** step)
  const scale = 1 / Math.sqrt(1 - beta2 ** step)
  for (let i = 0; i < n; i++) {
    const g = gradient[i]
    const m = beta1 * firstMoment[i] + (1 - beta1) * g
    const v = beta2 * secondMoment[i] + (1 - beta2) * g * g
    firstMoment[i] = m
    secondMoment[i] = v
    parameters[i] -= (rate * m) / (Math.sqrt(v) * scale + epsilon)
  }
}
