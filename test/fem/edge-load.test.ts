import { describe, expect, it } from 'vitest'
import { edgeFacets, edgePath, edgeWeights } from '../../src/fem/edge-load.ts'
import { rectangle } from '../../src/mesh/structured.ts'

const mesh = rectangle({ type: 'Q4', size: [1, 0.6], cells: [5, 6] })

describe('edge load', () => {
  it('orders an edge from its end with the smaller x, then y', () => {
    const left = edgePath(mesh, 'left', 'load.group')
    expect([...left.from].map((n) => mesh.points[2 * n + 1])).toEqual(
      [0, 0.1, 0.2, 0.3, 0.4, 0.5].map((y) => expect.closeTo(y, 12)),
    )
    expect(left.length).toBeCloseTo(0.6, 12)
    expect(mesh.points[2 * edgePath(mesh, 'top', '').from[0]]).toBe(0)
  })

  it('has the resultant and the centre of the profile', () => {
    let [total, moment] = [0, 0]
    edgeWeights(
      edgePath(mesh, 'left', ''),
      (s) => 1 + s,
      (node, weight) => {
        total += weight
        moment += weight * mesh.points[2 * node + 1]
      },
    )
    expect(total).toBeCloseTo(0.6 + 0.6 ** 2 / 2, 12)
    expect(moment).toBeCloseTo(0.6 ** 2 / 2 + 0.6 ** 3 / 3, 12)
  })

  it('asks for one open chain where a position is to be measured, not for a uniform load', () => {
    const split = { ...mesh, facetGroups: new Map([['gap', Int32Array.of(0, 1, 3, 4)]]) }
    expect(() => edgePath(split, 'gap', 'load.group')).toThrow('load.group: expected facets that form one open chain')
    expect(edgeFacets(split, 'gap', 'load.group').length).toBeCloseTo(0.4, 12)
    expect(() => edgePath(mesh, 'lfet', 'load.group')).toThrow("'left', 'right'")
  })
})
