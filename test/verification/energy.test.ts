import { describe, expect, it } from 'vitest'
import { cellCount } from '../../src/mesh/mesh.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { waveSpeeds } from '../../src/wave/medium.ts'
import { stableTimeStep, waveSystem } from '../../src/wave/wave-system.ts'
import { freeMotion, interpolate } from './motion.ts'
import { PHYSICS, plate, steel } from './setups.ts'

describe('energy', () => {
  for (const type of ['T3', 'Q4'] as const) {
    it.each(PHYSICS)(`${type} %s: ½ v·Mv + ½ u_n·K u_{n+1} is conserved to round-off`, (physics) => {
      const mesh = plate(type, [12, 8])
      const fixed = [{ group: 'right' }]
      const system = waveSystem({ mesh, medium: steel(physics, cellCount(mesh)), damping: 0, fixed, lanes: 1 })
      const { mass } = system.motion
      const dt = 0.95 * stableTimeStep(system)
      const c = system.space.components
      const start = interpolate(system, (x, y) => [1e-3 * Math.sin(90 * x) ** 2, 2e-3 * Math.cos(50 * y)].slice(0, c))
      for (const dof of system.motion.held) start[dof] = 0
      const force = new Float64Array(start.length)
      const energies: number[] = []
      freeMotion(system, dt, 1500, { u: start }, (u, _step, previous) => {
        force.fill(0)
        system.operator.applyInto(force, u)
        let energy = 0
        for (let i = 0; i < u.length; i++) {
          energy += (mass[i] * ((u[i] - previous[i]) / dt) ** 2) / 2 + (previous[i] * force[i]) / 2
        }
        energies.push(energy)
      })
      expect(energies[0]).toBeGreaterThan(0)
      for (const energy of energies) expect(Math.abs(energy / energies[0] - 1)).toBeLessThan(1e-11)
    })
  }
})

describe('mass damping', () => {
  it('a mode decays as exp(−αt/2) (cos ω_d t + α/(2ω_d) sin ω_d t), ω_d² = ω² − α²/4', () => {
    const n = 40
    const mesh = rectangle({ type: 'Q4', size: [1, 0.05], cells: [n, 2] })
    const medium = steel('scalar', cellCount(mesh))
    const [c] = waveSpeeds(medium, 0)
    const alpha = 3000
    const system = waveSystem({ mesh, medium, damping: alpha, fixed: [], lanes: 1 })
    const k = Math.PI
    const omega = 2 * c * n * Math.sin(k / n / 2)
    const damped = Math.sqrt(omega ** 2 - alpha ** 2 / 4)
    const mode = interpolate(system, (x) => [Math.cos(k * x)])
    const dt = 0.1 * stableTimeStep(system)
    let worst = 0
    freeMotion(system, dt, Math.ceil(1.2e-3 / dt), { u: mode }, (u, step) => {
      const t = step * dt
      const closed = Math.exp((-alpha * t) / 2) * (Math.cos(damped * t) + (alpha / (2 * damped)) * Math.sin(damped * t))
      worst = Math.max(worst, Math.abs(u[system.space.firstDof[0]] - closed))
    })
    expect(Math.exp((-alpha * 1.2e-3) / 2)).toBeLessThan(0.2)
    expect(worst).toBeLessThan(1e-4)
  })
})
