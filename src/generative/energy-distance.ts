import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { randomStream } from '../numeric/random.ts'

export interface EnergyTest {
  /** 2 E|X − Y| − E|X − X'| − E|Y − Y'| ≥ 0 (V-statistic); zero only for equal laws. */
  readonly distance: number
  /** Share of random relabellings with at least this distance, (1 + #) / (1 + permutations). */
  readonly pValue: number
  readonly n: number
  readonly m: number
}

/** Euclidean distances between all pairs of rows: [t, t]. */
const pairDistances = (rows: Float64Array, t: number, d: number): Float32Array => {
  const gram = new Float64Array(t * t)
  addProductInto(rowMajor(gram, t), rowMajor(rows, d), transposed(rowMajor(rows, d)), t, d, t)
  const out = new Float32Array(t * t)
  for (let i = 0; i < t; i++) {
    for (let j = 0; j < i; j++) {
      const squared = gram[i * t + i] + gram[j * t + j] - 2 * gram[i * t + j]
      out[i * t + j] = out[j * t + i] = Math.sqrt(Math.max(0, squared))
    }
  }
  return out
}

/** With labels a_i = 1/n on X and −1/m on Y the distance is −Σ a_i a_j d_ij. */
const distanceOf = (distances: Float32Array, labels: Float64Array): number => {
  const t = labels.length
  let sum = 0
  for (let i = 0; i < t; i++) {
    let row = 0
    for (let j = 0; j < i; j++) row += labels[j] * distances[i * t + j]
    sum += labels[i] * row
  }
  return -2 * sum
}

/** Fisher-Yates with the uniforms of one stream index. */
const shuffle = (labels: Float64Array, uniforms: Float64Array): void => {
  for (let i = labels.length - 1; i > 0; i--) {
    const j = Math.floor(uniforms[i] * (i + 1))
    const kept = labels[i]
    labels[i] = labels[j]
    labels[j] = kept
  }
}

/** Exchanges the labels of rows i and n + i for a random half of the pairs. */
const swapWithinPairs = (labels: Float64Array, uniforms: Float64Array): void => {
  const n = labels.length / 2
  for (let i = 0; i < n; i++) {
    const sign = uniforms[i] < 0.5 ? 1 : -1
    labels[i] = sign / n
    labels[n + i] = -sign / n
  }
}

/**
 * Energy distance of two samples with a permutation test of equal laws. Its power grows with n: a p-value means nothing
 * without it.
 * @param x [n, d] @param y [m, d] in comparable units per column
 * @param paired rows i of x and y share a condition: they may be exchanged with each other only. Free relabelling would take the
 * pairs' likeness for that of the laws, and give p-values that are too large.
 * @source Székely, Rizzo, "Energy statistics", J. Stat. Plan. Inference 143 (2013)
 * @verifiedBy test/generative/distances.test.ts
 */
export const energyTest = (
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  d: number,
  permutations: number,
  seed = 0,
  paired = false,
): EnergyTest => {
  const [n, m] = [x.length / d, y.length / d]
  if (!Number.isInteger(n) || !Number.isInteger(m) || n < 2 || m < 2)
    throw InvalidInput.of('energyTest', `two or more rows of ${d} in each sample`, `${n} and ${m}`)
  if (paired && n !== m) throw InvalidInput.of('energyTest', 'as many rows in each sample, in pairs', `${n} and ${m}`)
  const pooled = new Float64Array((n + m) * d)
  pooled.set(x)
  pooled.set(y, n * d)
  const distances = pairDistances(pooled, n + m, d)
  const labels = new Float64Array(n + m).map((_, i) => (i < n ? 1 / n : -1 / m))
  const distance = distanceOf(distances, labels)
  const stream = randomStream(seed, 'distances/permutations')
  const relabel = paired ? swapWithinPairs : shuffle
  const uniforms = new Float64Array(n + m)
  let atLeast = 0
  for (let p = 0; p < permutations; p++) {
    stream.uniformsInto(uniforms, p)
    relabel(labels, uniforms)
    if (distanceOf(distances, labels) >= distance) atLeast++
  }
  return { distance, pValue: (1 + atLeast) / (1 + permutations), n, m }
}
