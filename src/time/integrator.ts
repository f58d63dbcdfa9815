import type { Ties } from './ties.ts'

/** M ü + α M u̇ + K u = F for B independent samples: value [dof·B + lane]. It knows nothing of space. */
export interface MotionSystem {
  readonly lanes: number
  /** [D] lumped mass; dofs without mass, and held ones, do not move. */
  readonly mass: Float64Array
  /** α, 1/s */
  readonly damping: number
  /** Dofs kept at zero. */
  readonly held: Int32Array
  /** Pairs of dofs that move as one; the mass of each stays its own. */
  readonly ties?: Ties | undefined
  /** out [D·B] += K u */
  internalForceInto(out: Float64Array, u: Float64Array): void
}

/** Buffers of a run; `step` swaps u and previous. */
export interface MotionState {
  /** u at the current step, [D·B] */
  u: Float64Array
  /** u one step earlier, [D·B] */
  previous: Float64Array
  /** Work, zero between steps, [D·B] */
  readonly force: Float64Array
}

/** Adds −F(t_step) to `force`. */
export type LoadInto = (force: Float64Array, step: number) => void

export interface Stepper {
  /**
   * State at step 0. Without arguments: at rest, with no load at t = 0.
   * @param u0,v0 [D·B] @param load adds −F
   */
  start(state: MotionState, initial?: { u: Float64Array; v: Float64Array; load?: LoadInto }): void
  /** Advances from `step` to `step` + 1. Allocates nothing. */
  step(state: MotionState, step: number, load?: LoadInto): void
}

export interface Integrator {
  readonly name: string
  /** Declared order in Δt; test/verification/observed-order.test.ts measures it. */
  readonly order: number
  /** Largest stable Δt, s, for the largest angular frequency, 1/s. */
  readonly stableStep: (omega: number) => number
  readonly prepare: (system: MotionSystem, dt: number) => Stepper
}

export const motionState = (dofs: number, lanes: number): MotionState => ({
  u: new Float64Array(dofs * lanes),
  previous: new Float64Array(dofs * lanes),
  force: new Float64Array(dofs * lanes),
})
