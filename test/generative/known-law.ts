import type { TrainingData } from '../../src/generative/training-data.ts'
import { randomStream } from '../../src/numeric/random.ts'

/** Draws pairs (θ, a) of a known law: `draw` fills one row of coefficients from θ and standard normals. */
export const pairsOf = (
  count: number,
  conditionCount: number,
  modes: number,
  seed: number,
  draw: (out: Float64Array, theta: Float64Array, normals: Float64Array) => void,
): TrainingData => {
  const conditions = new Float64Array(count * conditionCount)
  const coefficients = new Float64Array(count * modes)
  const thetas = randomStream(seed, 'test/theta')
  const noise = randomStream(seed, 'test/noise')
  const normals = new Float64Array(modes + 2)
  for (let n = 0; n < count; n++) {
    const theta = conditions.subarray(n * conditionCount, (n + 1) * conditionCount)
    thetas.uniformsInto(theta, n)
    for (let k = 0; k < conditionCount; k++) theta[k] = 2 * theta[k] - 1
    noise.normalsInto(normals, n)
    draw(coefficients.subarray(n * modes, (n + 1) * modes), theta, normals)
  }
  return { count, conditionCount, conditions, modes, coefficients }
}

/** Decaying scale of mode k: coefficients of a real reduction span orders of magnitude. */
export const scaleOf = (k: number): number => 2 * 0.9 ** k

/** Mean μ_k(θ) and deviation σ_k(θ) of {@link heteroscedastic}. */
export const meanAt = (k: number, t: ArrayLike<number>): number =>
  scaleOf(k) * (t[0] - 0.5 * t[1] * t[1] * ((k % 3) - 1))
export const deviationAt = (k: number, t: ArrayLike<number>): number => scaleOf(k) * Math.exp(0.6 * t[0] - 0.3 * t[1])

/** Gaussian residuals, neighbours correlated by ½, scale depending on θ: p = 2. */
export const heteroscedastic = (count: number, modes: number, seed: number): TrainingData =>
  pairsOf(count, 2, modes, seed, (out, theta, z) => {
    for (let k = 0; k < modes; k++) {
      const residual = k === 0 ? z[0] : 0.5 * z[k - 1] + Math.sqrt(0.75) * z[k]
      out[k] = meanAt(k, theta) + deviationAt(k, theta) * residual
    }
  })

/** Two branches ±(1.5 + θ/2) along the first two coefficients: no Gaussian about any mean comes near it. */
export const bimodal = (count: number, modes: number, seed: number): TrainingData =>
  pairsOf(count, 1, modes, seed, (out, theta, z) => {
    const side = z[modes] > 0 ? 1 : -1
    for (let k = 0; k < modes; k++) out[k] = scaleOf(k) * (0.35 * z[k] + (k < 2 ? side * (1.5 + 0.5 * theta[0]) : 0))
  })

/** [n, r + 1] latent normals. */
export const latentOf = (n: number, modes: number, seed: number): Float64Array => {
  const out = new Float64Array(n * (modes + 1))
  const stream = randomStream(seed, 'test/latent')
  for (let i = 0; i < n; i++) stream.normalsInto(out.subarray(i * (modes + 1), (i + 1) * (modes + 1)), i)
  return out
}
