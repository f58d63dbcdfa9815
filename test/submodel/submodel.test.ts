import { describe, expect, it } from 'vitest'
import { prepareSubmodel, runSubmodel, type SubmodelSpec } from '../../src/submodel/submodel.ts'
import { prepareFullDomain, runFullDomain } from '../../src/wave/full-domain.ts'
import { PULSE, pick, plate, plateSpec, zoneOf } from '../verification/setups.ts'

const mesh = plate('Q4', [18, 12])
const zone = zoneOf(mesh)
const quantities = [{ name: 'vm', kind: 'peak-von-mises', at: { group: 'zone' } }] as const
const base = { ...plateSpec(mesh, 'elastic'), quantities, lanes: 2 }
const full = prepareFullDomain(base)
const { step, steps, frames } = full.time
const grid = { points: full.interfacePoints, components: 2, frames, frameStep: full.frameStep } as const
const spec: SubmodelSpec = {
  mesh: zone.mesh,
  medium: pick(base.medium, zone.cells),
  damping: base.damping,
  fixed: base.fixed,
  lanes: 2,
  interfaceNodes: zone.interfaceNodes,
  step,
  steps,
  grid,
  quantities,
}
const { traces } = runFullDomain(full, { count: 2, load: [PULSE, { ...PULSE, position: 0.01 }], modulusFactor: null })
const size = traces.length / 2

describe('submodel', () => {
  it('finds its boundary by coordinates, in any order', () => {
    const P = grid.points.length / 2
    const turned = Float64Array.from({ length: 2 * P }, (_, k) => grid.points[2 * (P - 1 - (k >> 1)) + (k & 1)] + 1e-12)
    const reordered = traces.slice()
    for (let f = 0; f < 2 * frames; f++) {
      for (let p = 0; p < P; p++) {
        for (const i of [0, 1]) reordered[(f * P + p) * 2 + i] = traces[(f * P + P - 1 - p) * 2 + i]
      }
    }
    const straight = runSubmodel(prepareSubmodel(spec), { count: 2, traces })
    const backwards = runSubmodel(prepareSubmodel({ ...spec, grid: { ...grid, points: turned } }), {
      count: 2,
      traces: reordered,
    })
    expect(backwards.quantities).toEqual(straight.quantities)
    expect(straight.quantities[0]).toBeGreaterThan(1e4)
  })

  it('is stable where the full domain is', () => {
    expect(prepareSubmodel(spec).stableStep).toBeGreaterThan(0.99 * full.stableStep)
  })

  it('gives a history the same bits alone and in company', () => {
    const submodel = prepareSubmodel(spec)
    const together = runSubmodel(submodel, { count: 2, traces })
    const alone = runSubmodel(submodel, { count: 1, traces: traces.slice(size) })
    expect(alone.quantities[0]).toBe(together.quantities[1])
  })

  it('keeps a broken history as data', () => {
    const broken = traces.slice()
    broken[size >> 1] = Number.NaN
    const { status, quantities: q } = runSubmodel(prepareSubmodel(spec), { count: 2, traces: broken })
    expect(status).toEqual(['non-finite', 'ok'])
    expect([Number.isNaN(q[0]), q[1] > 0]).toEqual([true, true])
  })

  it('names the points of the trace without a node, and the nodes without a point', () => {
    const moved = grid.points.slice()
    moved[6] += 1e-3
    const run = () => prepareSubmodel({ ...spec, grid: { ...grid, points: moved } })
    expect(run).toThrow(
      /grid.points\[3\]: expected an interface node[^\n]*\ninterfaceNodes, node \d+: expected a point of the trace/,
    )
  })

  it.each<[RegExp, Partial<SubmodelSpec>]>([
    [/step: expected > 0 and ≤/, { step: 1e-5 }],
    [/grid.components/, { grid: { ...grid, components: 1 } }],
    [/frames up to the last step/, { grid: { ...grid, frames: frames - 1 } }],
    [/grid.frames: expected \d+, one per step/, { drive: 'every-step' }],
  ])('refuses %s', (message, change) => {
    expect(() => prepareSubmodel({ ...spec, ...change })).toThrow(message)
  })

  it('refuses a zone that holds part of the loaded edge', () => {
    const facetGroups = new Map([['left', Int32Array.of(0, 1)]])
    const interfaceNodes = zone.interfaceNodes.filter((n) => n !== 0)
    const points = Float64Array.from(
      { length: 2 * interfaceNodes.length },
      (_, k) => zone.mesh.points[2 * interfaceNodes[k >> 1] + (k & 1)],
    )
    const loaded = {
      mesh: { ...zone.mesh, facetGroups },
      interfaceNodes,
      grid: { ...grid, points },
      fixed: [],
      loadGroup: 'left',
    }
    expect(() => prepareSubmodel({ ...spec, ...loaded })).toThrow("zone: expected no part of the loaded edge 'left'")
  })

  it('refuses a batch that does not fit', () => {
    const submodel = prepareSubmodel(spec)
    const run = (change: object) => () => runSubmodel(submodel, { count: 2, traces, ...change })
    expect(run({ count: 3 })).toThrow('count: expected from 1 to 2')
    expect(run({ traces: traces.slice(1) })).toThrow('traces: expected')
    expect(run({ arrival: [0, -1] })).toThrow('arrival[1]: expected t₀ ≥ 0 s, received -1')
    expect(run({ amplitude: [1] })).toThrow('amplitude: expected 2 values')
  })
})
