import type { TraceBatch, TraceGrid } from './trace.ts'
import { traceSize } from './trace.ts'

/**
 * The inner product in which traces are reduced: ⟨u, v⟩ = uᵀWv, W = I + λDᵀD along the frames, (Du)_t = u_{t+1} − u_t. With
 * λ = (τ/Δ)² it is that of H¹ in time, ∫ u v + τ² u̇ v̇ dt / Δ; λ = 0 is L². W = LLᵀ with L lower bidiagonal, so that traces
 * Lᵀu have plain inner products.
 */
export interface TimeMetric {
  /** λ */
  readonly derivativeWeight: number
  /** Values per frame: P · components. */
  readonly width: number
  /** [frames] the diagonal of L. */
  readonly diagonal: Float64Array
  /** [frames − 1] what stands below it. */
  readonly below: Float64Array
}

/** @source Golub, Van Loan, Matrix Computations, §4.3.6 (Cholesky factor of a tridiagonal matrix) */
export const timeMetric = (grid: TraceGrid, derivativeWeight: number): TimeMetric => {
  const { frames } = grid
  const diagonal = new Float64Array(frames)
  const below = new Float64Array(frames - 1)
  const entry = (t: number): number => 1 + derivativeWeight * ((t > 0 ? 1 : 0) + (t < frames - 1 ? 1 : 0))
  for (let t = 0; t < frames; t++) {
    diagonal[t] = Math.sqrt(entry(t) - (t > 0 ? below[t - 1] ** 2 : 0))
    if (t < frames - 1) below[t] = -derivativeWeight / diagonal[t]
  }
  return { derivativeWeight, width: traceSize(grid) / frames, diagonal, below }
}

/** rows [count, D] ← Lᵀ rows, in place. */
export const toPlainInto = (
  rows: Float64Array,
  count: number,
  { width, diagonal, below }: TimeMetric,
  offset = 0,
): void => {
  const { length } = diagonal
  for (let n = 0, at = offset; n < count; n++) {
    for (let t = 0; t < length; t++) {
      const next = t < length - 1 ? below[t] : 0
      for (let i = 0; i < width; i++, at++)
        rows[at] = diagonal[t] * rows[at] + (next === 0 ? 0 : next * rows[at + width])
    }
  }
}

/** rows [count, D] ← L⁻ᵀ rows, in place: the inverse of {@link toPlainInto}. */
export const fromPlainInto = (rows: Float64Array, count: number, { width, diagonal, below }: TimeMetric): void => {
  const { length } = diagonal
  for (let n = 0; n < count; n++) {
    for (let t = length - 1; t >= 0; t--) {
      const from = (n * length + t) * width
      const next = t < length - 1 ? below[t] : 0
      for (let at = from; at < from + width; at++)
        rows[at] = (rows[at] - (next === 0 ? 0 : next * rows[at + width])) / diagonal[t]
    }
  }
}

/** out [count, D] ← W rows, for λ > 0. */
export const weighInto = (
  out: Float64Array,
  rows: Float64Array | Float32Array,
  count: number,
  grid: TraceGrid,
  derivativeWeight: number,
): void => {
  const { frames } = grid
  const width = traceSize(grid) / frames
  for (let n = 0, at = 0; n < count; n++) {
    for (let t = 0; t < frames; t++) {
      for (let i = 0; i < width; i++, at++) {
        const here = rows[at]
        const before = t > 0 ? here - rows[at - width] : 0
        const after = t < frames - 1 ? here - rows[at + width] : 0
        out[at] = here + derivativeWeight * (before + after)
      }
    }
  }
}

/**
 * λ for which value and derivative weigh alike: Σ|u − ū|² = λ Σ|D(u − ū)|² over the batch. The time scale τ = √λ Δ is then the
 * traces' own, and no number has to be asked for.
 */
export const balancedDerivativeWeight = ({ grid, count, values }: TraceBatch): number => {
  const size = traceSize(grid)
  const width = size / grid.frames
  const mean = new Float64Array(size)
  for (let n = 0, at = 0; n < count; n++) for (let d = 0; d < size; d++, at++) mean[d] += values[at] / count
  let energy = 0
  let change = 0
  for (let n = 0, at = 0; n < count; n++) {
    for (let d = 0; d < size; d++, at++) {
      const u = values[at] - mean[d]
      energy += u * u
      if (d + width < size) change += (values[at + width] - mean[d + width] - u) ** 2
    }
  }
  return change > 0 ? energy / change : 0
}
