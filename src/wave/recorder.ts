import type { FunctionSpace } from '../fem/function-space.ts'
import { dofsOf } from '../fem/function-space.ts'

/** Copies the state at some nodes out of the interleaved lanes. */
export interface NodeRecorder {
  /** Frames · nodes · components of one sample. */
  readonly size: number
  /** out [count, frames, nodes, c] ← u at `frame`, for lanes 0 … count−1. */
  recordInto(out: Float32Array | Float64Array, u: Float64Array, frame: number, count: number): void
}

export const nodeRecorder = (
  space: FunctionSpace,
  nodes: ArrayLike<number>,
  frames: number,
  lanes: number,
): NodeRecorder => {
  const offsets = dofsOf(space, nodes).map((dof) => dof * lanes)
  const n = offsets.length
  return {
    size: frames * n,
    recordInto: (out, u, frame, count) => {
      for (let l = 0; l < count; l++) {
        const at = (l * frames + frame) * n
        for (let d = 0; d < n; d++) out[at + d] = u[offsets[d] + l]
      }
    },
  }
}
