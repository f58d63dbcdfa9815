import { randomStream } from '../numeric/random.ts'

/** ∫|F − G| dx of two sorted samples: the 1-Wasserstein distance of their empirical laws. NaN, sorted last, gives NaN. */
const sortedWasserstein = (a: Float64Array, b: Float64Array): number => {
  if (Number.isNaN(a.at(-1)) || Number.isNaN(b.at(-1))) return Number.NaN
  let i = 0
  let j = 0
  let distance = 0
  let at = Math.min(a[0], b[0])
  while (i < a.length || j < b.length) {
    const next = j >= b.length || (i < a.length && a[i] <= b[j]) ? a[i] : b[j]
    distance += Math.abs(i / a.length - j / b.length) * (next - at)
    at = next
    while (i < a.length && a[i] === at) i++
    while (j < b.length && b[j] === at) j++
  }
  return distance
}

/** k unit vectors of ℝᵈ, fixed by the seed: [k, d]. */
export const sliceDirections = (d: number, k: number, seed: number): Float64Array => {
  const out = new Float64Array(k * d)
  const stream = randomStream(seed, 'distances/directions')
  for (let i = 0; i < k; i++) {
    const row = out.subarray(i * d, (i + 1) * d)
    stream.normalsInto(row, i)
    const norm = Math.hypot(...row)
    for (let c = 0; c < d; c++) row[c] /= norm
  }
  return out
}

/**
 * The d axes, then k unit vectors in the planes of two random axes, then k dense ones: [d + 2k, d]. A dense projection of
 * many variables is nearly Gaussian whatever their law and shows little but moments; few variables show the shape.
 */
export const shapeDirections = (d: number, k: number, seed: number): Float64Array => {
  const out = new Float64Array((d + 2 * k) * d)
  for (let i = 0; i < d; i++) out[i * d + i] = 1
  const stream = randomStream(seed, 'distances/planes')
  const u = new Float64Array(3)
  for (let i = 0; i < k; i++) {
    stream.uniformsInto(u, i)
    const row = (d + i) * d
    const first = Math.floor(u[0] * d)
    out[row + first] = Math.cos(Math.PI * u[2])
    if (d > 1) out[row + ((first + 1 + Math.floor(u[1] * (d - 1))) % d)] = Math.sin(Math.PI * u[2])
    else out[row] = 1
  }
  out.set(sliceDirections(d, k, seed), (d + k) * d)
  return out
}

const project = (rows: ArrayLike<number>, d: number, direction: Float64Array): Float64Array =>
  new Float64Array(rows.length / d).map((_, n) => {
    let sum = 0
    for (let c = 0; c < d; c++) sum += rows[n * d + c] * direction[c]
    return sum
  })

/**
 * Mean over directions of the 1-Wasserstein distance of the projected samples.
 * @param x [n, d] @param y [m, d] @param directions [k, d]
 * @source Bonneel et al., "Sliced and Radon Wasserstein barycenters", 2015
 * @verifiedBy test/generative/distances.test.ts (shifted Gaussians)
 */
export const slicedWasserstein = (
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  d: number,
  directions: Float64Array,
): number => {
  const k = directions.length / d
  let sum = 0
  for (let i = 0; i < k; i++) {
    const direction = directions.subarray(i * d, (i + 1) * d)
    sum += sortedWasserstein(project(x, d, direction).sort(), project(y, d, direction).sort())
  }
  return sum / k
}
