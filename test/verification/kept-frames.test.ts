import { describe, expect, it } from 'vitest'
import { prepareSubmodel, runSubmodel } from '../../src/submodel/submodel.ts'
import { prepareFullDomain, runFullDomain } from '../../src/wave/full-domain.ts'
import type { Quantity } from '../../src/wave/quantity.ts'
import { PULSE, pick, plate, plateSpec, zoneOf } from './setups.ts'

const mesh = plate('Q4', [30, 20])
const zone = zoneOf(mesh)
const point = [0.0372, 0.0214] as const
const quantities: readonly Quantity[] = [
  { name: 'stress', kind: 'peak-von-mises', at: { point } },
  { name: 'stress anywhere', kind: 'peak-von-mises', at: { group: 'zone' } },
  { name: 'displacement', kind: 'peak-displacement', at: { point }, component: 'magnitude' },
  { name: 'arrival', kind: 'arrival-time', at: { point }, component: 'x', fraction: 0.3 },
]

const prepare = (keepEvery: number) => {
  const spec = { ...plateSpec(mesh, 'elastic'), keepEvery, quantities, lanes: 2 }
  const full = prepareFullDomain(spec)
  const { step, steps, frames } = full.time
  const submodel = prepareSubmodel({
    ...spec,
    mesh: zone.mesh,
    medium: pick(spec.medium, zone.cells),
    interfaceNodes: zone.interfaceNodes,
    step,
    steps,
    grid: { points: full.interfacePoints, components: 2, frames, frameStep: full.frameStep },
  })
  return { full, submodel }
}

const worst = (a: Float64Array, b: Float64Array): number =>
  a.reduce((m, v, i) => Math.max(m, Math.abs(v / b[i] - 1)), 0)

describe('kept frames and the cubic spline', () => {
  const load = [PULSE, { ...PULSE, position: 0.013, width: 11e-6 }]

  it.each([
    [1, 1e-6],
    [5, 0.01],
  ])('one frame in %i costs less than %f of every quantity', (keepEvery, limit) => {
    const { full, submodel } = prepare(keepEvery)
    const truth = runFullDomain(full, { count: 2, load, modulusFactor: null })
    const driven = runSubmodel(submodel, { count: 2, traces: truth.traces })
    expect(truth.quantities.every((q) => q > 0)).toBe(true)
    expect(worst(driven.quantities, truth.quantities)).toBeLessThan(limit)
  })

  it('amplitude and arrival act on a canonical trace as they act on the load', () => {
    const { full, submodel } = prepare(5)
    const canonical = load.map((pulse) => ({ ...pulse, amplitude: 1, arrival: 0 }))
    const { traces } = runFullDomain(full, { count: 2, load: canonical, modulusFactor: null })
    const amplitude = [1e6, -4e5]
    const arrival = [2.34e-6, 0.7e-6]
    const actual = canonical.map((pulse, i) => ({ ...pulse, amplitude: amplitude[i], arrival: arrival[i] }))
    const truth = runFullDomain(full, { count: 2, load: actual, modulusFactor: null })
    const driven = runSubmodel(submodel, { count: 2, traces, amplitude, arrival })
    expect(worst(driven.quantities, truth.quantities)).toBeLessThan(0.01)
  })
})
