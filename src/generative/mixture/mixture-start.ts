import type { RandomStream } from '../../numeric/random.ts'
import { maximise } from './expectation-maximisation.ts'
import type { MixtureLaw } from './mixture-law.ts'

const LLOYD_ITERATIONS = 20

const squaredDistance = (a: Float64Array, i: number, b: Float64Array, j: number, q: number): number => {
  let sum = 0
  for (let c = 0; c < q; c++) sum += (a[i * q + c] - b[j * q + c]) ** 2
  return sum
}

/** The row at fraction u of the total weight; of equal rows, all of weight zero, any. */
const drawn = (weights: Float64Array, u: number): number => {
  const total = weights.reduce((a, b) => a + b, 0)
  if (total === 0) return Math.min(weights.length - 1, Math.floor(u * weights.length))
  let left = u * total
  const last = weights.findLastIndex((w) => w > 0)
  for (let n = 0; n < last; n++) {
    left -= weights[n]
    if (left < 0) return n
  }
  return last
}

/**
 * K rows far apart: each is drawn with probability proportional to the squared distance from those before it.
 * @source Arthur, Vassilvitskii, "k-means++", SODA 2007
 */
const spreadCentres = (rows: Float64Array, q: number, uniforms: Float64Array): Float64Array => {
  const n = rows.length / q
  const centres = new Float64Array(uniforms.length * q)
  const nearest = new Float64Array(n).fill(1)
  uniforms.forEach((u, k) => {
    const from = drawn(nearest, u)
    centres.set(rows.subarray(from * q, (from + 1) * q), k * q)
    for (let i = 0; i < n; i++) {
      const d = squaredDistance(rows, i, centres, k, q)
      nearest[i] = k === 0 ? d : Math.min(nearest[i], d)
    }
  })
  return centres
}

/** Shares [N, K], one for each row's nearest centre. */
const nearestShares = (rows: Float64Array, centres: Float64Array, q: number): Float64Array => {
  const [n, count] = [rows.length / q, centres.length / q]
  const shares = new Float64Array(n * count)
  for (let i = 0; i < n; i++) {
    let best = 0
    for (let k = 1; k < count; k++)
      if (squaredDistance(rows, i, centres, k, q) < squaredDistance(rows, i, centres, best, q)) best = k
    shares[i * count + best] = 1
  }
  return shares
}

/** Means of the rows of each centre; a centre without rows stays. */
const movedCentres = (rows: Float64Array, shares: Float64Array, centres: Float64Array, q: number): Float64Array => {
  const count = centres.length / q
  const sums = new Float64Array(centres.length)
  const totals = new Float64Array(count)
  shares.forEach((share, at) => {
    if (share === 0) return
    const [n, k] = [Math.floor(at / count), at % count]
    totals[k]++
    for (let c = 0; c < q; c++) sums[k * q + c] += rows[n * q + c]
  })
  return sums.map((v, at) => (totals[Math.floor(at / q)] > 0 ? v / totals[Math.floor(at / q)] : centres[at]))
}

/** A start for EM: k-means from well spread rows, then the mixture of its clusters. */
export const mixtureStart = (
  rows: Float64Array,
  q: number,
  components: number,
  ridge: number,
  stream: RandomStream,
  attempt: number,
): MixtureLaw => {
  const uniforms = new Float64Array(components)
  stream.uniformsInto(uniforms, attempt)
  let centres = spreadCentres(rows, q, uniforms)
  let shares = nearestShares(rows, centres, q)
  for (let iteration = 0; iteration < LLOYD_ITERATIONS; iteration++) {
    centres = movedCentres(rows, shares, centres, q)
    const next = nearestShares(rows, centres, q)
    if (next.every((share, at) => share === shares[at])) break
    shares = next
  }
  return maximise(rows, shares, q, ridge)
}
