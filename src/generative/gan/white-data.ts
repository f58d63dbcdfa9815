import { type ConditionalLaw, standardise, whiten } from '../conditional-law.ts'
import type { TrainingData } from '../training-data.ts'

/** What the networks see: N pairs of whitened leading modes and conditions. */
export interface WhiteData {
  readonly count: number
  /** [N, latent] */
  readonly x: Float32Array
  /** [N, p] */
  readonly theta: Float32Array
}

export const whiteData = (law: ConditionalLaw, data: TrainingData, latent: number): WhiteData => {
  const { count, modes, conditions, coefficients } = data
  const white = whiten(law, standardise(law, conditions, coefficients, count), count)
  const x = new Float32Array(count * latent)
  for (let n = 0; n < count; n++) x.set(white.subarray(n * modes, n * modes + latent), n * latent)
  return { count, x, theta: Float32Array.from(conditions) }
}

/** Copies the rows with these numbers: out [indices.length, width]. */
export const gatherInto = (out: Float32Array, from: Float32Array, indices: Int32Array, width: number): void => {
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i] * width
    for (let k = 0; k < width; k++) out[i * width + k] = from[row + k]
  }
}

/** [n, d + p] rows [x, √3 θ]: θ uniform on [-1, 1] has variance 1/3, so each column has unit variance. */
export const jointRows = (x: ArrayLike<number>, theta: ArrayLike<number>, count: number): Float64Array => {
  const d = x.length / count
  const p = theta.length / count
  const out = new Float64Array(count * (d + p))
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < d; k++) out[n * (d + p) + k] = x[n * d + k]
    for (let k = 0; k < p; k++) out[n * (d + p) + d + k] = Math.sqrt(3) * theta[n * p + k]
  }
  return out
}
