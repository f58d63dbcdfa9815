import { splineFactors, splineSlopesInto } from '../numeric/kernels/spline.ts'

export interface DriveSpec {
  /** [P·c] dofs of Γ in the order of the trace. */
  readonly dofs: Int32Array
  readonly lanes: number
  readonly frames: number
  /** s between frames */
  readonly frameStep: number
  /** Δt, s */
  readonly step: number
}

export interface DriveBatch {
  readonly count: number
  /** [count, frames, P, c] m, for A = 1 and t₀ = 0 where amplitude and arrival are given */
  readonly traces: Float32Array | Float64Array
  /** A; default 1 */
  readonly amplitude?: ArrayLike<number> | undefined
  /** t₀ ≥ 0, s; default 0 */
  readonly arrival?: ArrayLike<number> | undefined
}

/** Prescribes the motion of Γ. */
export interface Drive {
  load(batch: DriveBatch): void
  /** u [D·B] ← u_Γ(t_step) on Γ. Allocates nothing. */
  imposeInto(u: Float64Array, step: number): void
}

/** [count, frames, width] → [frames, width, B]; lanes without a sample are at rest. */
const interleaveInto = (out: Float64Array, { traces, count }: DriveBatch, { frames, dofs, lanes }: DriveSpec): void => {
  const n = frames * dofs.length
  if (count < lanes) out.fill(0)
  for (let l = 0; l < count; l++) for (let k = 0; k < n; k++) out[k * lanes + l] = traces[l * n + k]
}

const setLanes = (out: Float64Array, values: ArrayLike<number> | undefined, count: number, otherwise: number): void => {
  out.fill(otherwise)
  if (values !== undefined) for (let l = 0; l < count; l++) out[l] = values[l]
}

/**
 * u_Γ(t) = A · s(t − t₀), s the C² cubic spline through the frames, zero before t₀. Linear and time-invariant equations make that
 * exact in A, and in t₀ up to the interpolation.
 * @verifiedBy test/submodel/spline.test.ts, test/verification/kept-frames.test.ts
 */
export const splineDrive = (spec: DriveSpec): Drive => {
  const { dofs, lanes, frames, frameStep, step: dt } = spec
  const width = dofs.length * lanes
  const values = new Float64Array(frames * width)
  const slopes = new Float64Array(frames * width)
  const factors = splineFactors(frames)
  const amplitude = new Float64Array(lanes)
  const arrival = new Float64Array(lanes)
  const from = new Int32Array(lanes)
  const [h0, g0, h1, g1] = [0, 1, 2, 3].map(() => new Float64Array(lanes))

  /** Hermite weights of every lane at a step, amplitude included; all zero before its arrival. */
  const weigh = (step: number): void => {
    for (let l = 0; l < lanes; l++) {
      const tau = (step * dt - arrival[l]) / frameStep
      const k = Math.min(Math.max(Math.floor(tau), 0), frames - 2)
      const x = tau - k
      const a = tau < 0 ? 0 : amplitude[l]
      from[l] = k * width
      h0[l] = a * (1 + 2 * x) * (1 - x) * (1 - x)
      g0[l] = a * x * (1 - x) * (1 - x)
      h1[l] = a * x * x * (3 - 2 * x)
      g1[l] = a * x * x * (x - 1)
    }
  }
  return {
    load: (batch) => {
      interleaveInto(values, batch, spec)
      splineSlopesInto(slopes, values, factors, frames, width)
      setLanes(amplitude, batch.amplitude, batch.count, 1)
      setLanes(arrival, batch.arrival, batch.count, 0)
    },
    imposeInto: (u, step) => {
      weigh(step)
      for (let d = 0; d < dofs.length; d++) {
        const at = dofs[d] * lanes
        for (let l = 0; l < lanes; l++) {
          const k = from[l] + d * lanes + l
          const next = k + width
          u[at + l] = h0[l] * values[k] + g0[l] * slopes[k] + h1[l] * values[next] + g1[l] * slopes[next]
        }
      }
    },
  }
}

/** u_Γ taken from a history of every step, without interpolation: the golden test. */
export const everyStepDrive = (spec: DriveSpec): Drive => {
  const { dofs, lanes, frames } = spec
  const width = dofs.length * lanes
  const values = new Float64Array(frames * width)
  const amplitude = new Float64Array(lanes)
  return {
    load: (batch) => {
      interleaveInto(values, batch, spec)
      setLanes(amplitude, batch.amplitude, batch.count, 1)
    },
    imposeInto: (u, step) => {
      for (let d = 0; d < dofs.length; d++) {
        const at = dofs[d] * lanes
        const k = step * width + d * lanes
        for (let l = 0; l < lanes; l++) u[at + l] = amplitude[l] * values[k + l]
      }
    },
  }
}
