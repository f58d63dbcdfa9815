import { describe, expect, it } from 'vitest'
import { cellCount } from '../../src/mesh/mesh.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { prepareFullDomain, runFullDomain } from '../../src/wave/full-domain.ts'
import { waveSpeeds } from '../../src/wave/medium.ts'
import { waveSystem } from '../../src/wave/wave-system.ts'
import { freeMotion, interpolate } from './motion.ts'
import { STEEL, steel } from './setups.ts'

const { density, youngsModulus: E, poissonRatio: nu } = STEEL
const MU = E / (2 * (1 + nu))
/** Closed forms, m/s. */
const SPEEDS = [
  ['P', 'plane-strain', Math.sqrt((E * (1 - nu)) / ((1 + nu) * (1 - 2 * nu)) / density)],
  ['P', 'plane-stress', Math.sqrt(E / (1 - nu * nu) / density)],
  ['S', 'plane-strain', Math.sqrt(MU / density)],
] as const

describe('speed of plane waves in a strip', () => {
  for (const type of ['T3', 'Q4'] as const) {
    it.each(SPEEDS)(`${type}: %s wave, %s`, (wave, hypothesis, speed) => {
      const mesh = rectangle({ type, size: [0.5, 0.01], cells: [200, 4] })
      const held = wave === 'P' ? (['y'] as const) : (['x'] as const)
      const duration = 0.6 / speed
      const at = (x: number) => ({ point: [x, 0.005] }) as const
      const gauge = { kind: 'arrival-time', component: 'magnitude', fraction: 0.5 } as const
      const full = prepareFullDomain({
        mesh,
        medium: steel('elastic', cellCount(mesh), hypothesis),
        damping: 0,
        fixed: ['bottom', 'top'].map((group) => ({ group, components: held })),
        load: { group: 'left', direction: wave === 'P' ? [1, 0] : [0, 1], footprint: null },
        time: { duration },
        keepEvery: 1,
        interfaceNodes: new Int32Array(0),
        quantities: [
          { name: 'near', ...gauge, at: at(0.1) },
          { name: 'far', ...gauge, at: at(0.4) },
        ],
        lanes: 1,
      })
      const pulse = { amplitude: 1e6, arrival: 0, position: 0, width: 0.12 / speed }
      const { quantities } = runFullDomain(full, { count: 1, load: [pulse], modulusFactor: null })
      expect(Math.abs(0.3 / (quantities[1] - quantities[0]) / speed - 1)).toBeLessThan(1e-3)
    })
  }
})

describe('numerical dispersion', () => {
  it('of Q4 with lumped mass and central difference: sin(ωΔt/2) = (cΔt/h) sin(kh/2), to round-off', () => {
    const n = 10
    const h = 1 / n
    const mesh = rectangle({ type: 'Q4', size: [1, 2 * h], cells: [n, 2] })
    const medium = steel('elastic', cellCount(mesh))
    const rollers = ['bottom', 'top'].map((group) => ({ group, components: ['y'] as const }))
    const system = waveSystem({ mesh, medium, damping: 0, fixed: rollers, lanes: 1 })
    const [cp] = waveSpeeds(medium, 0)
    const dt = (0.7 * h) / cp
    const k = 3 * Math.PI
    const omega = (2 / dt) * Math.asin(((cp * dt) / h) * Math.sin((k * h) / 2))
    const mode = interpolate(system, (x) => [Math.cos(k * x), 0])
    const u = freeMotion(system, dt, 200, { u: mode })
    const factor = Math.cos(omega * 200 * dt)
    expect(Math.abs(factor - Math.cos(k * cp * 200 * dt))).toBeGreaterThan(0.1)
    u.forEach((value, i) => {
      expect(Math.abs(value - factor * mode[i])).toBeLessThan(1e-11)
    })
  })
})
