import { describe, expect, it } from 'vitest'
import { centralDifferenceInto } from '../../src/numeric/kernels/central-difference.ts'
import { centralDifference } from '../../src/time/central-difference.ts'
import { motionState } from '../../src/time/integrator.ts'

describe('central difference', () => {
  it('follows the recurrence of one undamped oscillator: u_n = cos(nθ), 2 sin(θ/2) = ωΔt', () => {
    const [omega, dt] = [3, 0.2]
    const system = {
      lanes: 2,
      mass: Float64Array.of(2),
      damping: 0,
      held: new Int32Array(0),
      internalForceInto: (out: Float64Array, u: Float64Array) => {
        for (let l = 0; l < 2; l++) out[l] += 2 * omega ** 2 * u[l]
      },
    }
    const stepper = centralDifference.prepare(system, dt)
    const state = motionState(1, 2)
    stepper.start(state, { u: Float64Array.of(1, -4), v: new Float64Array(2) })
    for (let n = 0; n < 50; n++) stepper.step(state, n)
    const theta = 2 * Math.asin((omega * dt) / 2)
    expect(state.u[0]).toBeCloseTo(Math.cos(50 * theta), 12)
    expect(state.u[1]).toBeCloseTo(-4 * Math.cos(50 * theta), 12)
  })

  it('holds dofs and dofs without mass at zero', () => {
    const system = {
      lanes: 1,
      mass: Float64Array.of(1, 0, 1),
      damping: 1,
      held: Int32Array.of(2),
      internalForceInto: () => undefined,
    }
    const stepper = centralDifference.prepare(system, 0.1)
    const state = motionState(3, 1)
    stepper.start(state)
    for (let n = 0; n < 5; n++) stepper.step(state, n, (force) => void force.fill(-1))
    expect(state.u[0]).toBeGreaterThan(0)
    expect([...state.u.slice(1)]).toEqual([0, 0])
  })

  it('flushes what would become denormal, and nothing that counts', () => {
    const previous = Float64Array.of(0, 0, 0)
    centralDifferenceInto(
      previous,
      Float64Array.of(1e-310, 1e-200, 0.1),
      new Float64Array(3),
      new Float64Array(3),
      1,
      1,
      1,
    )
    expect([...previous]).toEqual([0, 1e-200, 0.1])
  })
})
