/** Σ_k weight_k N(mean_k, L_k L_kᵀ) in ℝ^q. Plain data. */
export interface MixtureLaw {
  /** q */
  readonly size: number
  /** [K] */
  readonly weights: Float64Array
  /** [K, q] */
  readonly means: Float64Array
  /** [K, q, q] lower Cholesky factors of the covariances. */
  readonly factors: Float64Array
}

const HALF_LOG_2_PI = 0.5 * Math.log(2 * Math.PI)

/** log |L_k|: half the logarithm of the covariance's determinant. */
const logDeterminant = ({ size: q, factors }: MixtureLaw, k: number): number => {
  let sum = 0
  for (let i = 0; i < q; i++) sum += Math.log(factors[(k * q + i) * q + i])
  return sum
}

/** ‖L_k⁻¹ (x_n − mean_k)‖² by forward substitution. @param y [q] work space */
const squaredNorm = (law: MixtureLaw, k: number, rows: Float64Array, n: number, y: Float64Array): number => {
  const { size: q, means, factors } = law
  let norm = 0
  for (let i = 0; i < q; i++) {
    const row = (k * q + i) * q
    let v = rows[n * q + i] - means[k * q + i]
    for (let j = 0; j < i; j++) v -= factors[row + j] * y[j]
    y[i] = v / factors[row + i]
    norm += y[i] * y[i]
  }
  return norm
}

/**
 * Responsibilities P(k | x_n) of N rows, and the mean of log p(x_n).
 * @param out [N, K] @param rows [N, q]
 */
export const responsibilitiesInto = (out: Float64Array, law: MixtureLaw, rows: Float64Array): number => {
  const { size: q, weights } = law
  const count = weights.length
  const constants = weights.map((w, k) => Math.log(w) - q * HALF_LOG_2_PI - logDeterminant(law, k))
  const y = new Float64Array(q)
  const n = rows.length / q
  let total = 0
  for (let i = 0; i < n; i++) {
    let largest = Number.NEGATIVE_INFINITY
    for (let k = 0; k < count; k++) {
      out[i * count + k] = constants[k] - 0.5 * squaredNorm(law, k, rows, i, y)
      largest = Math.max(largest, out[i * count + k])
    }
    let sum = 0
    for (let k = 0; k < count; k++) sum += Math.exp(out[i * count + k] - largest)
    const logDensity = largest + Math.log(sum)
    for (let k = 0; k < count; k++) out[i * count + k] = Math.exp(out[i * count + k] - logDensity)
    total += logDensity
  }
  return total / n
}

/** Mean over rows [N, q] of log p. */
export const meanLogDensity = (law: MixtureLaw, rows: Float64Array): number =>
  responsibilitiesInto(new Float64Array((rows.length / law.size) * law.weights.length), law, rows)

/** The component at fraction u of the total weight. */
export const componentAt = ({ weights }: MixtureLaw, u: number): number => {
  let left = u
  for (let k = 0; k < weights.length - 1; k++) {
    left -= weights[k]
    if (left < 0) return k
  }
  return weights.length - 1
}

/** white[at … at + q) ← mean_k + L_k z, z what stands there. */
export const placeInComponent = (white: Float64Array, at: number, law: MixtureLaw, k: number): void => {
  const { size: q, means, factors } = law
  for (let i = q - 1; i >= 0; i--) {
    let v = means[k * q + i]
    for (let j = 0; j <= i; j++) v += factors[(k * q + i) * q + j] * white[at + j]
    white[at + i] = v
  }
}
