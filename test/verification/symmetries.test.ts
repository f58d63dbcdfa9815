import { describe, expect, it } from 'vitest'
import { nodeCount } from '../../src/mesh/mesh.ts'
import { prepareFullDomain, runFullDomain } from '../../src/wave/full-domain.ts'
import { PHYSICS, PULSE, plate, plateSpec, relativeDifference } from './setups.ts'

describe.each(PHYSICS)('exact symmetries of the full domain, %s', (physics) => {
  const mesh = plate('Q4', [12, 8])
  const everyStepNodes = Int32Array.from({ length: nodeCount(mesh) }, (_, n) => n)
  const full = prepareFullDomain({ ...plateSpec(mesh, physics), everyStepNodes, lanes: 3 })
  const { step, steps } = full.time
  const delay = 17
  const load = [
    { ...PULSE, arrival: 0 },
    { ...PULSE, arrival: 0, amplitude: -2.5 * PULSE.amplitude },
    { ...PULSE, arrival: delay * step },
  ]
  const history = runFullDomain(full, { count: 3, load, modulusFactor: null }).everyStep!
  const size = history.length / 3
  const frame = size / (steps + 1)
  const [unit, scaled, late] = [0, 1, 2].map((l) => history.subarray(l * size, (l + 1) * size))

  it('is linear in the amplitude', () => {
    expect(
      relativeDifference(
        scaled,
        unit.map((v) => -2.5 * v),
      ),
    ).toBeLessThan(1e-13)
  })

  it('does not depend on when the pulse comes', () => {
    expect(late.subarray(0, delay * frame).every((v) => v === 0)).toBe(true)
    expect(relativeDifference(late.subarray(delay * frame), unit.subarray(0, size - delay * frame))).toBeLessThan(1e-12)
  })
})
