import { describe, expect, it } from 'vitest'
import { functionSpace } from '../../src/fem/function-space.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { checkPulses, prepareEdgePulse, pulseShape } from '../../src/wave/edge-pulse.ts'

const mesh = rectangle({ type: 'Q4', size: [1, 1], cells: [4, 40] })
const pulse = { amplitude: 3, arrival: 0, position: 0.4, width: 2 }

describe('edge pulse', () => {
  it('is sin² over its width, and nothing outside', () => {
    expect([0.9, 1, 1.5, 2, 3, 3.1].map((t) => pulseShape(t, 1, 2))).toEqual([0, 0, expect.closeTo(0.5), 1, 0, 0])
  })

  it('has the resultant A p(t) d/2 of a cos² bump, along its direction, in its own lane', () => {
    const space = functionSpace(mesh, 2)
    const load = prepareEdgePulse(space, { group: 'left', direction: [3, 4], footprint: 0.2 }, 0.5, 2)
    const force = new Float64Array(space.dofs * 2)
    load.setPulses([pulse, { ...pulse, position: 0.5 }], () => true)
    load.addInto(force, 2)
    for (const lane of [0, 1]) {
      let [x, y, moment] = [0, 0, 0]
      for (let n = 0; n < 41 * 5; n++) {
        x -= force[space.firstDof[n] * 2 + lane]
        y -= force[(space.firstDof[n] + 1) * 2 + lane]
        moment -= force[space.firstDof[n] * 2 + lane] * mesh.points[2 * n + 1]
      }
      expect(x).toBeCloseTo(0.6 * 3 * 0.1, 5)
      expect(y).toBeCloseTo(0.8 * 3 * 0.1, 5)
      expect(moment / x).toBeCloseTo([0.4, 0.5][lane], 5)
    }
  })

  it('carries nothing in lanes that are not active', () => {
    const space = functionSpace(mesh, 1)
    const load = prepareEdgePulse(space, { group: 'left', direction: [0, 0], footprint: null }, 1, 2)
    const force = new Float64Array(space.dofs * 2)
    load.setPulses([pulse, pulse], (lane) => lane === 1)
    load.addInto(force, 1)
    const sum = (lane: number): number => force.reduce((s, f, k) => s + (k % 2 === lane ? f : 0), 0)
    expect([sum(0), sum(1)]).toEqual([0, expect.closeTo(-3, 12)])
  })

  it('refuses what makes no load, all at once', () => {
    const space = functionSpace(mesh, 2)
    const of = (direction: [number, number], footprint: number | null) => () =>
      prepareEdgePulse(space, { group: 'left', direction, footprint }, 1, 1)
    expect(of([0, 0], null)).toThrow('load.direction: expected a direction other than zero')
    expect(of([1, 0], -1)).toThrow('load.footprint')
    const bad = { amplitude: Number.NaN, arrival: -1, position: 0, width: 0 }
    expect(() => checkPulses([pulse, bad])).toThrow(/load\[1\].amplitude.*\n.*load\[1\].arrival.*\n.*load\[1\].width/)
  })
})
