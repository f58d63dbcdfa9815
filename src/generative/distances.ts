import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'

/** Rows [n, d] of numbers. */
export interface Sample {
  readonly rows: Float64Array
  readonly count: number
  readonly width: number
}

export const sampleOf = (rows: Float64Array, width: number): Sample => ({ rows, count: rows.length / width, width })

export const firstRows = (s: Sample, from: number, to: number): Sample =>
  sampleOf(s.rows.subarray(from * s.width, Math.min(to, s.count) * s.width), s.width)

export const columnMeans = (s: Sample): Float64Array => {
  const mean = new Float64Array(s.width)
  s.rows.forEach((v, at) => {
    mean[at % s.width] += v / s.count
  })
  return mean
}

/** [d, d], divided by n. */
export const covariance = (s: Sample): Float64Array => {
  const { rows, count, width } = s
  const mean = columnMeans(s)
  const centred = rows.map((v, at) => v - mean[at % width])
  const out = new Float64Array(width * width)
  addProductInto(
    rowMajor(out, width),
    transposed(rowMajor(centred, width)),
    rowMajor(centred, width),
    width,
    count,
    width,
  )
  return out.map((v) => v / count)
}

export const columnDeviations = (s: Sample): Float64Array => {
  const mean = columnMeans(s)
  const variance = new Float64Array(s.width)
  s.rows.forEach((v, at) => {
    variance[at % s.width] += (v - mean[at % s.width]) ** 2 / s.count
  })
  return variance.map(Math.sqrt)
}

const spectrum = (s: Sample): number[] => {
  const c = covariance(s)
  const m = new Matrix(Array.from({ length: s.width }, (_, i) => c.subarray(i * s.width, (i + 1) * s.width)))
  return new EigenvalueDecomposition(m, { assumeSymmetric: true }).realEigenvalues.sort((a, b) => b - a)
}

/** Σ |λ_k(x) − λ_k(y)| / Σ λ_k(y) of the sorted covariance eigenvalues. */
export const spectrumError = (x: Sample, y: Sample): number => {
  const [a, b] = [spectrum(x), spectrum(y)]
  return a.reduce((sum, e, k) => sum + Math.abs(e - b[k]), 0) / b.reduce((p, q) => p + q, 0)
}

const relativeNorm = (x: Float64Array, y: Float64Array): number => {
  const difference = x.reduce((sum, v, d) => sum + (v - y[d]) ** 2, 0)
  return Math.sqrt(difference / y.reduce((sum, v) => sum + v * v, 0))
}

/** A linear map from coefficients to fields: field = mean + Σ a_k modes_k. A `Reduction` is one. */
export interface FieldMap {
  readonly mean: Float64Array
  /** [≥ d, D] row-major. */
  readonly modes: Float64Array
}

/** Mean [D] and standard deviation [D] of fields at every node, component and frame. */
export interface FieldMoments {
  readonly mean: Float64Array
  readonly deviation: Float64Array
}

/** Of the decoded fields, from the moments of the coefficients. */
export const fieldMoments = (map: FieldMap, s: Sample): FieldMoments => {
  const size = map.mean.length
  const { width } = s
  const mean = map.mean.slice()
  addProductInto(rowMajor(mean, size), rowMajor(columnMeans(s), width), rowMajor(map.modes, size), 1, width, size)
  const mapped = new Float64Array(width * size)
  addProductInto(rowMajor(mapped, size), rowMajor(covariance(s), width), rowMajor(map.modes, size), width, width, size)
  const variance = new Float64Array(size)
  for (let at = 0; at < mapped.length; at++) variance[at % size] += mapped[at] * map.modes[at]
  return { mean, deviation: variance.map((v) => Math.sqrt(Math.max(v, 0))) }
}

/** ‖μ − μ_ref‖ / ‖μ_ref‖ and ‖σ − σ_ref‖ / ‖σ_ref‖, in the norm over all nodes, components and frames. */
export interface FieldErrors {
  readonly mean: number
  readonly deviation: number
}

export const momentErrors = (x: FieldMoments, reference: FieldMoments): FieldErrors => ({
  mean: relativeNorm(x.mean, reference.mean),
  deviation: relativeNorm(x.deviation, reference.deviation),
})

/** {@link momentErrors} of the decoded fields of x against those of a reference. */
export const fieldErrors = (map: FieldMap, x: Sample, reference: Sample): FieldErrors =>
  momentErrors(fieldMoments(map, x), fieldMoments(map, reference))

const squaredDistance = (a: Sample, i: number, b: Sample, j: number): number => {
  let sum = 0
  for (let k = 0; k < a.width; k++) sum += (a.rows[i * a.width + k] - b.rows[j * b.width + k]) ** 2
  return sum
}

/** Median over the rows of x of the distance to the nearest row of `training`. */
export const medianNearest = (x: Sample, training: Sample): number => {
  const nearest = new Float64Array(x.count)
  for (let i = 0; i < x.count; i++) {
    let best = Number.POSITIVE_INFINITY
    for (let j = 0; j < training.count; j++) best = Math.min(best, squaredDistance(x, i, training, j))
    nearest[i] = Math.sqrt(best)
  }
  return nearest.sort()[Math.floor(x.count / 2)]
}

/** {@link medianNearest} of x over that of fresh real data: well below 1 where training data are reproduced. */
export const nearestTrainingRatio = (x: Sample, fresh: Sample, training: Sample): number =>
  medianNearest(x, training) / medianNearest(fresh, training)
