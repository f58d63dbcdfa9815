import { describe, expect, it } from 'vitest'
import { cellCount } from '../../src/mesh/mesh.ts'
import { stableTimeStep, type WaveSystem, waveSystem } from '../../src/wave/wave-system.ts'
import { freeMotion } from './motion.ts'
import { PHYSICS, plate, steel } from './setups.ts'

const noise = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => Math.sin(12.9898 * i * i + 1))

/** ω_max by power iteration on M⁻¹K: from below. */
const powerIteration = ({ operator, motion, space }: WaveSystem): number => {
  const u = noise(space.dofs)
  const force = new Float64Array(space.dofs)
  let squared = 0
  for (let i = 0; i < 1500; i++) {
    force.fill(0)
    operator.applyInto(force, u)
    for (let d = 0; d < u.length; d++) force[d] /= motion.mass[d]
    squared = Math.hypot(...force) / Math.hypot(...u)
    const norm = Math.hypot(...force)
    for (let d = 0; d < u.length; d++) u[d] = force[d] / norm
  }
  return Math.sqrt(squared)
}

const largest = (u: Float64Array): number => u.reduce((m, v) => Math.max(m, Math.abs(v)), 0)

describe('stable step', () => {
  for (const type of ['T3', 'Q4'] as const) {
    it.each(PHYSICS)(`${type} %s: bounded at the bound, lost at 1.3 times the true limit`, (physics) => {
      const mesh = plate(type, [10, 7])
      const system = waveSystem({ mesh, medium: steel(physics, cellCount(mesh)), damping: 0, fixed: [], lanes: 1 })
      const bound = stableTimeStep(system)
      const limit = 2 / powerIteration(system)
      expect(bound).toBeLessThan(limit)
      expect(bound).toBeGreaterThan(0.75 * limit)
      const u = noise(system.space.dofs)
      // Rigid motion grows with time: v⁰ = 0 leaves only the mean of u⁰.
      expect(largest(freeMotion(system, bound, 3000, { u }))).toBeLessThan(20)
      expect(largest(freeMotion(system, 1.3 * limit, 200, { u }))).toBeGreaterThan(1e20)
    })
  }

  it('falls with the square root of the modulus factor', () => {
    const mesh = plate('Q4', [10, 7])
    const cells = cellCount(mesh)
    const system = waveSystem({ mesh, medium: steel('elastic', cells), damping: 0, fixed: [], lanes: 1 })
    const four = stableTimeStep(system, new Float64Array(cells).fill(4))
    expect(four).toBeCloseTo(stableTimeStep(system) / 2, 15)
  })
})
