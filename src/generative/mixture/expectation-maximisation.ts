import { type MixtureLaw, responsibilitiesInto } from './mixture-law.ts'

export interface EmOptions {
  /** Added to the variances of every component: none collapses onto a point. */
  readonly ridge: number
  readonly iterations: number
  /** Least gain of the mean log density that is worth another iteration. */
  readonly tolerance: number
}

export interface EmFit {
  readonly law: MixtureLaw
  /** Mean log density of the rows under the law before its last improvement. */
  readonly logDensity: number
  readonly iterations: number
}

/** Keeps an empty component's division alive; nothing beside any share of a row. */
const FEWEST = 10 * Number.EPSILON

const weightedMeans = (rows: Float64Array, shares: Float64Array, totals: Float64Array, q: number): Float64Array => {
  const count = totals.length
  const means = new Float64Array(count * q)
  for (let n = 0; n < rows.length / q; n++)
    for (let k = 0; k < count; k++) {
      const share = shares[n * count + k]
      for (let i = 0; i < q; i++) means[k * q + i] += share * rows[n * q + i]
    }
  return means.map((v, at) => v / totals[Math.floor(at / q)])
}

/** Lower triangle of Σ_n share (x_n − mean)(x_n − mean)ᵀ of component k. @param out [q, q] zeros */
const addScatterInto = (
  out: Float64Array,
  rows: Float64Array,
  shares: Float64Array,
  means: Float64Array,
  k: number,
  q: number,
): void => {
  const count = means.length / q
  const centred = new Float64Array(q)
  for (let n = 0; n < rows.length / q; n++) {
    const share = shares[n * count + k]
    for (let i = 0; i < q; i++) centred[i] = rows[n * q + i] - means[k * q + i]
    for (let i = 0; i < q; i++) {
      const v = share * centred[i]
      for (let j = 0; j <= i; j++) out[i * q + j] += v * centred[j]
    }
  }
}

/** In place: the lower triangle of a positive definite matrix becomes its Cholesky factor. */
const choleskyInPlace = (a: Float64Array, q: number): void => {
  for (let i = 0; i < q; i++) {
    for (let j = 0; j <= i; j++) {
      let v = a[i * q + j]
      for (let m = 0; m < j; m++) v -= a[i * q + m] * a[j * q + m]
      a[i * q + j] = i === j ? Math.sqrt(v) : v / a[j * q + j]
    }
  }
}

/** The mixture of largest likelihood given each row's shares in the components [N, K]. */
export const maximise = (rows: Float64Array, shares: Float64Array, q: number, ridge: number): MixtureLaw => {
  const n = rows.length / q
  const count = shares.length / n
  const totals = new Float64Array(count).fill(FEWEST)
  shares.forEach((s, at) => {
    totals[at % count] += s
  })
  const means = weightedMeans(rows, shares, totals, q)
  const factors = new Float64Array(count * q * q)
  for (let k = 0; k < count; k++) {
    const factor = factors.subarray(k * q * q, (k + 1) * q * q)
    addScatterInto(factor, rows, shares, means, k, q)
    for (let at = 0; at < factor.length; at++) factor[at] /= totals[k]
    for (let i = 0; i < q; i++) factor[i * q + i] += ridge
    choleskyInPlace(factor, q)
  }
  const total = totals.reduce((a, b) => a + b, 0)
  return { size: q, weights: totals.map((t) => t / total), means, factors }
}

/**
 * Maximum likelihood from a start, full covariances: E and M steps in turn until the mean log density gains less than the tolerance.
 * @param rows [N, q]
 * @source Dempster, Laird, Rubin, JRSS B 39 (1977)
 * @verifiedBy test/generative/mixture.test.ts (scikit-learn from the same start)
 */
export const fitMixture = (rows: Float64Array, start: MixtureLaw, options: EmOptions): EmFit => {
  const shares = new Float64Array((rows.length / start.size) * start.weights.length)
  let law = start
  let logDensity = Number.NEGATIVE_INFINITY
  for (let iteration = 1; iteration <= options.iterations; iteration++) {
    const before = logDensity
    logDensity = responsibilitiesInto(shares, law, rows)
    law = maximise(rows, shares, law.size, options.ridge)
    if (Math.abs(logDensity - before) < options.tolerance) return { law, logDensity, iterations: iteration }
  }
  return { law, logDensity, iterations: options.iterations }
}
