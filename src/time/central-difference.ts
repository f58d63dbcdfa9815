import { centralDifferenceInto } from '../numeric/kernels/central-difference.ts'
import type { Integrator, MotionState, MotionSystem, Stepper } from './integrator.ts'

/** 1/m_i, 0 for dofs that do not move. */
const inverseMass = ({ mass, held }: MotionSystem): Float64Array => {
  const inverse = mass.map((m) => (m > 0 ? 1 / m : 0))
  for (const dof of held) inverse[dof] = 0
  return inverse
}

const swap = (state: MotionState): void => {
  const { u } = state
  state.u = state.previous
  state.previous = u
}

/**
 * Explicit central difference with mass damping α:
 * (1 + αΔt/2) u⁺ = 2u − (1 − αΔt/2) u⁻ + Δt² M⁻¹ (F − K u); u⁻¹ = u⁰ − Δt v⁰ + Δt²/2 a⁰. Needs Δt ≤ 2/ω_max, with or without α; ties
 * only lower ω_max.
 * @source Hughes, The Finite Element Method, ch. 9 (Newmark β = 0, γ = ½)
 * @verifiedBy test/verification/observed-order.test.ts, test/verification/energy.test.ts
 */
export const centralDifference: Integrator = {
  name: 'central-difference',
  order: 2,
  stableStep: (omega) => 2 / omega,
  prepare: (system, dt): Stepper => {
    const { lanes, damping, ties } = system
    const inverse = inverseMass(system)
    const lean = 1 + (damping * dt) / 2
    const c = inverse.map((w) => (dt * dt * w) / lean)
    const a = 2 / lean
    const b = (1 - (damping * dt) / 2) / lean
    return {
      start: (state, initial) => {
        state.u.fill(0)
        state.previous.fill(0)
        state.force.fill(0)
        if (initial === undefined) return
        state.u.set(initial.u)
        system.internalForceInto(state.force, state.u)
        initial.load?.(state.force, 0)
        ties?.gatherInto(state.force)
        for (let i = 0; i < inverse.length; i++) {
          for (let k = i * lanes; k < (i + 1) * lanes; k++) {
            const acceleration = -inverse[i] * state.force[k] - damping * initial.v[k]
            state.previous[k] = initial.u[k] - dt * initial.v[k] + (dt * dt * acceleration) / 2
          }
        }
        for (const dof of system.held) for (let l = 0; l < lanes; l++) state.previous[dof * lanes + l] = 0
        ties?.scatterInto(state.previous)
        state.force.fill(0)
      },
      step: (state, step, load) => {
        system.internalForceInto(state.force, state.u)
        load?.(state.force, step)
        ties?.gatherInto(state.force)
        centralDifferenceInto(state.previous, state.u, state.force, c, a, b, lanes)
        ties?.scatterInto(state.previous)
        swap(state)
      },
    }
  },
}
