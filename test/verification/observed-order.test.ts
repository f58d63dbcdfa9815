import { describe, expect, it } from 'vitest'
import { ELEMENTS } from '../../src/fem/element.ts'
import { cellCount } from '../../src/mesh/mesh.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { motionState } from '../../src/time/integrator.ts'
import { INTEGRATORS } from '../../src/time/integrators.ts'
import { waveSpeeds } from '../../src/wave/medium.ts'
import type { Fixed } from '../../src/wave/wave-system.ts'
import { stableTimeStep, waveSystem } from '../../src/wave/wave-system.ts'
import type { Field } from './motion.ts'
import { freeMotion, interpolate, observedOrder, relativeL2 } from './motion.ts'
import { PHYSICS, type Physics, steel } from './setups.ts'

const { sin, cos, PI, SQRT2 } = Math

/** A standing wave of the unit square: its boundary conditions, and the field at time t for wave speeds c_p, c_s. */
interface StandingWave {
  readonly fixed: readonly Fixed[]
  readonly at: (t: number, cp: number, cs: number) => Field
}

const STANDING: Readonly<Record<Physics, StandingWave>> = {
  /** u = sin πx sin πy cos ωt, ω = √2 π c, held on all sides. */
  scalar: {
    fixed: ['left', 'right', 'bottom', 'top'].map((group) => ({ group })),
    at: (t, c) => (x, y) => [sin(PI * x) * sin(PI * y) * cos(SQRT2 * PI * c * t)],
  },
  /** ∇φ + curl ψ with φ = sin πx sin πy, ψ = cos πx cos πy: a P and an S mode, both free of shear traction on rollers. */
  elastic: {
    fixed: [
      { group: 'left', components: ['y'] },
      { group: 'right', components: ['y'] },
      { group: 'bottom', components: ['x'] },
      { group: 'top', components: ['x'] },
    ],
    at: (t, cp, cs) => (x, y) => {
      const p = cos(SQRT2 * PI * cp * t)
      const s = 0.7 * cos(SQRT2 * PI * cs * t)
      return [(p + s) * cos(PI * x) * sin(PI * y), (p - s) * sin(PI * x) * cos(PI * y)]
    },
  },
}

const DIVISIONS = [8, 16, 32]
const PERIODS = 0.35

const errorAt = (type: 'T3' | 'Q4', physics: Physics, n: number): number => {
  const mesh = rectangle({ type, size: [1, 1], cells: [n, n], distortion: 0.15 })
  const { fixed, at } = STANDING[physics]
  const system = waveSystem({ mesh, medium: steel(physics, cellCount(mesh)), damping: 0, fixed, lanes: 1 })
  const [cp, cs] = waveSpeeds(system.medium, 0)
  const duration = (PERIODS * SQRT2) / cp
  const steps = Math.ceil(duration / (0.9 * stableTimeStep(system)))
  const u = freeMotion(system, duration / steps, steps, { u: interpolate(system, at(0, cp, cs)) })
  return relativeL2(system, u, at(duration, cp, cs))
}

describe.each(Object.values(ELEMENTS))('order in h of $type', ({ type, order }) => {
  it.each(PHYSICS)(`%s standing wave on distorted meshes: ${order}`, (physics) => {
    const errors = DIVISIONS.map((n) => errorAt(type, physics, n))
    const sizes = DIVISIONS.map((n) => 1 / n)
    expect(errors[2]).toBeLessThan(0.01)
    expect(Math.abs(observedOrder(sizes, errors) - order)).toBeLessThan(0.25)
  })
})

/** ü + α u̇ + ω² u = f with u = cos 2t + sin³ t, one dof. */
const timeError = (integrator: (typeof INTEGRATORS)[number], dt: number): number => {
  const [alpha, omega, end] = [0.4, 3, 2]
  const exact = (t: number): number => cos(2 * t) + sin(t) ** 3
  const rate = (t: number): number => -2 * sin(2 * t) + 3 * sin(t) ** 2 * cos(t)
  const acceleration = (t: number): number => -4 * cos(2 * t) + 6 * sin(t) * cos(t) ** 2 - 3 * sin(t) ** 3
  const load = (force: Float64Array, step: number): void => {
    const t = step * dt
    force[0] -= acceleration(t) + alpha * rate(t) + omega ** 2 * exact(t)
  }
  const system = {
    lanes: 1,
    mass: Float64Array.of(1),
    damping: alpha,
    held: new Int32Array(0),
    internalForceInto: (out: Float64Array, u: Float64Array) => {
      out[0] += omega ** 2 * u[0]
    },
  }
  const stepper = integrator.prepare(system, dt)
  const state = motionState(1, 1)
  stepper.start(state, { u: Float64Array.of(exact(0)), v: Float64Array.of(rate(0)), load })
  const steps = Math.round(end / dt)
  for (let n = 0; n < steps; n++) stepper.step(state, n, load)
  return Math.abs(state.u[0] - exact(end))
}

describe.each(INTEGRATORS)('order in Δt of $name', (integrator) => {
  it(`damped, driven oscillator: ${integrator.order}`, () => {
    const sizes = [0.04, 0.02, 0.01, 0.005]
    const order = observedOrder(
      sizes,
      sizes.map((dt) => timeError(integrator, dt)),
    )
    expect(Math.abs(order - integrator.order)).toBeLessThan(0.05)
  })
})
