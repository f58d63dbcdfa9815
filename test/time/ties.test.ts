import { describe, expect, it } from 'vitest'
import { centralDifference } from '../../src/time/central-difference.ts'
import type { MotionSystem } from '../../src/time/integrator.ts'
import { motionState } from '../../src/time/integrator.ts'
import { preparedTies } from '../../src/time/ties.ts'

const DT = 0.05
const STEPS = 400
const [M0, M1, M2, M3, KA, KB] = [1, 0.7, 1.9, 2, 40, 25]

/** Two springs m0 -ka- m1 and m2 -kb- m3; tying m1 and m2 makes a chain of three masses. */
const springs = (lanes: number, ties?: MotionSystem['ties']): MotionSystem => ({
  lanes,
  mass: Float64Array.of(M0, M1, M2, M3),
  damping: 0.3,
  held: new Int32Array(0),
  ties,
  internalForceInto: (out, u) => {
    for (const [i, j, k] of [
      [0, 1, KA],
      [2, 3, KB],
    ])
      for (let l = 0; l < lanes; l++) {
        const f = k * (u[j * lanes + l] - u[i * lanes + l])
        out[i * lanes + l] -= f
        out[j * lanes + l] += f
      }
  },
})

const chain: MotionSystem = {
  ...{ lanes: 1, mass: Float64Array.of(M0, M1 + M2, M3), damping: 0.3, held: new Int32Array(0) },
  internalForceInto: (out, u) => {
    const [f, g] = [KA * (u[1] - u[0]), KB * (u[2] - u[1])]
    out[0] -= f
    out[1] += f - g
    out[2] += g
  },
}

/** From u⁰ = v⁰ = (1, 0, …) in every lane. */
const run = (system: MotionSystem): Float64Array => {
  const stepper = centralDifference.prepare(system, DT)
  const state = motionState(system.mass.length, system.lanes)
  const u = new Float64Array(system.mass.length * system.lanes).map((_, k) => (k < system.lanes ? 1 : 0))
  stepper.start(state, { u, v: u.slice() })
  for (let n = 0; n < STEPS; n++) stepper.step(state, n)
  return state.u
}

const lane = (u: Float64Array, lanes: number, l: number): number[] => [...u].filter((_, k) => k % lanes === l)

describe('pairs of dofs that move as one', () => {
  const mass = Float64Array.of(M0, M1, M2, M3)
  const ties = preparedTies([1], [2], mass, 3)
  ties.setTied(Uint8Array.of(1, 0, 1))
  const u = run(springs(3, ties))
  const [tied, open, again] = [0, 1, 2].map((l) => lane(u, 3, l))

  it('tied: the chain of their joint mass, the two equal to the last bit', () => {
    const [a, b, c] = run(chain)
    expect(tied[1]).toBe(tied[2])
    const scale = Math.max(...tied.map(Math.abs))
    for (const [k, value] of [a, b, b, c].entries()) expect(Math.abs(tied[k] - value)).toBeLessThan(1e-11 * scale)
    expect(again).toEqual(tied)
  })

  it('open: the bits of a system without ties', () => {
    expect(open).toEqual([...run(springs(1))])
    expect(open[2]).toBe(0)
    expect(tied[2]).not.toBe(0)
  })

  it('are all tied until told otherwise', () => {
    const one = run(springs(1, preparedTies([1], [2], mass, 1)))
    expect([...one]).toEqual(tied)
  })
})
