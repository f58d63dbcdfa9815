import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'
import { columnMeans, covariance, type FieldMap, type Sample } from './distances.ts'

/** A linear map to fields that are histories: each row is [frames, D / frames]. */
export interface HistoryMap extends FieldMap {
  readonly frames: number
}

/** Traces are short; this leaves the sum over frames to a dense product. [2F, frames]: cosines, then sines, of frequency f / frames. */
const fourierRows = (frames: number): Float64Array => {
  const count = Math.floor(frames / 2) + 1
  const out = new Float64Array(2 * count * frames)
  for (let f = 0; f < count; f++)
    for (let t = 0; t < frames; t++) {
      const angle = (2 * Math.PI * f * t) / frames
      out[f * frames + t] = Math.cos(angle)
      out[(count + f) * frames + t] = Math.sin(angle)
    }
  return out
}

/** Fourier coefficients of one history [frames, points]: [2F, points]. */
const transformInto = (out: Float64Array, rows: Float64Array, history: Float64Array, frames: number): void => {
  const points = history.length / frames
  out.fill(0)
  addProductInto(
    rowMajor(out, points),
    rowMajor(rows, frames),
    rowMajor(history, points),
    rows.length / frames,
    frames,
    points,
  )
}

/** Power of random histories, by frequency: [F]. */
export type PowerSpectrum = (sample: Sample) => Float64Array

/**
 * Σ_x E|û(f, x)|² of the histories that coefficients stand for, from mean and covariance of the coefficients: the transforms of the
 * modes are multiplied once, for all samples.
 * @param width coefficients used, at most the rows of the map
 * @verifiedBy test/generative/power-spectrum.test.ts (decoded histories, transformed one by one)
 */
export const powerSpectrumOf = (map: HistoryMap, width: number): PowerSpectrum => {
  const { frames, mean, modes } = map
  const size = mean.length
  const points = size / frames
  const rows = fourierRows(frames)
  const count = rows.length / frames / 2
  const part = width + 1
  const transforms = new Float64Array(part * 2 * count * points)
  for (let k = 0; k < part; k++) {
    const history = k === 0 ? mean : modes.subarray((k - 1) * size, k * size)
    transformInto(transforms.subarray(k * 2 * count * points, (k + 1) * 2 * count * points), rows, history, frames)
  }
  const grams = Array.from({ length: count }, (_, f) => gramAt(transforms, part, f, count, points))
  return (sample) => {
    const second = secondMoments(sample)
    return Float64Array.from(grams, (gram) => gram.reduce((sum, g, at) => sum + g * second[at], 0))
  }
}

/** Re Σ_x m̂_k(f, x) m̂_l(f, x)*: [1 + r, 1 + r], the mean first. */
const gramAt = (transforms: Float64Array, part: number, f: number, count: number, points: number): Float64Array => {
  const out = new Float64Array(part * part)
  for (const row of [f, count + f]) {
    const rows = { ...rowMajor(transforms, 2 * count * points), offset: row * points }
    addProductInto(rowMajor(out, part), rows, transposed(rows), part, points, part)
  }
  return out
}

/** E[(1, a)(1, a)ᵀ]: [1 + r, 1 + r]. */
const secondMoments = (sample: Sample): Float64Array => {
  const { width } = sample
  const mean = columnMeans(sample)
  const c = covariance(sample)
  const full = Float64Array.of(1, ...mean)
  return new Float64Array((width + 1) ** 2).map((_, at) => {
    const [k, l] = [Math.floor(at / (width + 1)), at % (width + 1)]
    return full[k] * full[l] + (k > 0 && l > 0 ? c[(k - 1) * width + l - 1] : 0)
  })
}

/** Σ_f |P(f) − Q(f)| / Σ_f Q(f). */
export const spectralError = (p: Float64Array, q: Float64Array): number =>
  p.reduce((sum, v, f) => sum + Math.abs(v - q[f]), 0) / q.reduce((a, b) => a + b, 0)
