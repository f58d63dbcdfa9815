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
