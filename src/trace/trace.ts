/**
 * The waist: the wave field on the submodel's boundary Γ over time. The full-domain solver writes it, the generator
 * learns and emits it, the submodel consumes it. It knows no finite elements.
 */
export interface TraceGrid {
  /** [2·P] coordinates of the interface nodes, m: how a submodel with other node numbers finds its boundary. */
  readonly points: Float64Array
  /** Components per node: 1 (scalar) or 2 (elastic). */
  readonly components: 1 | 2
  /** Kept frames: times are `frameStep`·(0 … frames−1), s. Frame 0 is the state at rest. */
  readonly frames: number
  readonly frameStep: number
}

export const traceSize = (grid: TraceGrid): number => grid.frames * (grid.points.length / 2) * grid.components

/** One history: values [frames, P, components] row-major, m. */
export interface InterfaceTrace {
  readonly grid: TraceGrid
  readonly values: Float64Array
}

/** N histories: values [N, frames, P, components] row-major. */
export interface TraceBatch {
  readonly grid: TraceGrid
  readonly count: number
  readonly values: Float32Array
}
