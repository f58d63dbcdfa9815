import { InvalidInput } from '../numeric/errors.ts'
import type { Reduction } from './reduction.ts'
import { type TraceBatch, type TraceGrid, traceSize } from './trace.ts'

/** Frames before the arrival over which the window opens: a step would kick the zone. */
const RAMP = 3

/** 0 up to `ramp` frames before the arrival, 1 from the arrival on, once continuously differentiable; 0 at frame 0. */
const opening = (frame: number, arrival: number): number => {
  const start = Math.max(0, arrival - RAMP)
  if (frame <= start) return 0
  if (frame >= arrival) return 1
  const x = (frame - start) / (arrival - start)
  return x * x * (3 - 2 * x)
}

/**
 * The window of causality, [D]: 0 where no wave can have come yet, 1 from the first arrival on, and 0 at frame 0, where all is
 * at rest. It opens *before* the arrival, so that it takes nothing of a real trace but what a discrete scheme sends ahead.
 * @param arrivals [P] frames, ≥ 0, not whole in general: the earliest that any run's wave can be at each point
 * @throws InvalidInput for arrivals of another number of points, negative or not finite
 */
export const causalWindow = (grid: TraceGrid, arrivals: Float64Array): Float64Array => {
  const points = grid.points.length / 2
  if (arrivals.length !== points) throw InvalidInput.of('arrivals.length', `${points}, one per point`, arrivals.length)
  const bad = arrivals.findIndex((a) => !(a >= 0 && Number.isFinite(a)))
  if (bad >= 0) throw InvalidInput.of(`arrivals[${bad}]`, 'a frame ≥ 0', arrivals[bad])
  const window = new Float64Array(traceSize(grid))
  for (let t = 0, at = 0; t < grid.frames; t++) {
    for (let p = 0; p < points; p++) {
      const open = opening(t, arrivals[p])
      for (let c = 0; c < grid.components; c++, at++) window[at] = open
    }
  }
  return window
}

/**
 * A reduction whose every trace is causal. Decoding is linear, so the window goes into mean and modes once, and costs nothing
 * afterwards; u = u̇ = 0 at frame 0 holds exactly.
 * @verifiedBy test/trace/causality.test.ts
 */
export const causalReduction = (reduction: Reduction, window: Float64Array): Reduction => {
  const { mean, modes } = reduction
  const size = mean.length
  return {
    ...reduction,
    mean: mean.map((u, d) => window[d] * u),
    modes: modes.map((u, at) => window[at % size] * u),
  }
}

/** What a window takes of real traces: Σ((1 − window) u)² and Σu². */
export interface Cut {
  readonly taken: number
  readonly total: number
}

export const cutOf = ({ count, values }: TraceBatch, window: Float64Array): Cut => {
  let taken = 0
  let total = 0
  for (let n = 0, at = 0; n < count; n++) {
    for (let d = 0; d < window.length; d++, at++) {
      total += values[at] ** 2
      taken += ((1 - window[d]) * values[at]) ** 2
    }
  }
  return { taken, total }
}
