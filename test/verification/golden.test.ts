import { describe, expect, it } from 'vitest'
import { cellCount } from '../../src/mesh/mesh.ts'
import { prepareSubmodel, runSubmodel } from '../../src/submodel/submodel.ts'
import { prepareFullDomain, runFullDomain } from '../../src/wave/full-domain.ts'
import { PHYSICS, PULSE, pick, plate, plateSpec, relativeDifference, zoneOf } from './setups.ts'

/** Every step of Γ drives the zone; the zone's nodes must follow the full solution to round-off. */
const golden = (type: 'T3' | 'Q4', physics: 'scalar' | 'elastic') => {
  const mesh = plate(type)
  const zone = zoneOf(mesh)
  const base = plateSpec(mesh, physics)
  const lanes = 2
  const { interfaceNodes } = base
  const everyStepNodes = Int32Array.from([...interfaceNodes, ...zone.nodes])
  const full = prepareFullDomain({ ...base, everyStepNodes, lanes, factorBound: 1.3 })
  const inside = new Set(zone.cells)
  const factor = Float64Array.from({ length: cellCount(mesh) * lanes }, (_, k) =>
    inside.has(Math.trunc(k / lanes)) ? 1 : 1 + 0.3 * Math.sin(k),
  )
  const pulses = [PULSE, { ...PULSE, amplitude: -3e5, position: 0.011, width: 5e-6 }]
  const run = runFullDomain(full, { count: 2, load: pulses, modulusFactor: factor })
  expect(run.status).toEqual(['ok', 'ok'])

  const { step, steps } = full.time
  const components = full.system.space.components
  const cut = interfaceNodes.length * components
  const width = everyStepNodes.length * components
  const frames = 2 * (steps + 1)
  const gamma = new Float64Array(frames * cut)
  const truth = new Float64Array(frames * (width - cut))
  for (let k = 0; k < frames; k++) {
    gamma.set(run.everyStep!.subarray(k * width, k * width + cut), k * cut)
    truth.set(run.everyStep!.subarray(k * width + cut, (k + 1) * width), k * (width - cut))
  }
  const submodel = prepareSubmodel({
    ...base,
    mesh: zone.mesh,
    medium: pick(base.medium, zone.cells),
    lanes,
    interfaceNodes: zone.interfaceNodes,
    step,
    steps,
    grid: { points: full.interfacePoints, components, frames: steps + 1, frameStep: step },
    drive: 'every-step',
    loadGroup: 'left',
    everyStepNodes: zone.nodes.map((_, i) => i),
  })
  const local = runSubmodel(submodel, { count: 2, traces: gamma })
  expect(local.status).toEqual(['ok', 'ok'])
  expect(truth.reduce((m, v) => Math.max(m, Math.abs(v)), 0)).toBeGreaterThan(1e-9)
  return relativeDifference(local.everyStep!, truth)
}

describe('golden test: the zone under the true history reproduces the full solution', () => {
  for (const type of ['T3', 'Q4'] as const) {
    it.each(PHYSICS)(`${type} %s, damped, random modulus outside`, (physics) => {
      expect(golden(type, physics)).toBeLessThan(1e-12)
    })
  }
})
