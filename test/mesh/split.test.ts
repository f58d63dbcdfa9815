import { describe, expect, it } from 'vitest'
import { cellNodes } from '../../src/mesh/cells.ts'
import { boundaryFacets, facetsOf } from '../../src/mesh/facets.ts'
import { cellAreas } from '../../src/mesh/geometry.ts'
import type { Mesh } from '../../src/mesh/mesh.ts'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import type { Chain } from '../../src/mesh/split.ts'
import { splitAlong } from '../../src/mesh/split.ts'
import { rectangle } from '../../src/mesh/structured.ts'

const N = 6
const grid = (type: 'T3' | 'Q4'): Mesh => rectangle({ type, size: [6, 6], cells: [N, N] })
const node = (i: number, j: number): number => j * (N + 1) + i
/** The grid line x = 3 from y = j0 to y = j1, upwards or downwards. */
const vertical = (j0: number, j1: number): Chain => {
  const sign = Math.sign(j1 - j0)
  const nodes = Array.from({ length: Math.abs(j1 - j0) + 1 }, (_, k) => node(3, j0 + sign * k))
  return { from: Int32Array.from(nodes.slice(0, -1)), to: Int32Array.from(nodes.slice(1)) }
}

describe.each(['T3', 'Q4'] as const)('a mesh split along a line, %s', (type) => {
  const mesh = grid(type)

  it('copies inner nodes and leaves the tips', () => {
    const { mesh: split, copies } = splitAlong(mesh, vertical(1, 5), 'line')
    const first = nodeCount(mesh)
    expect([...copies]).toEqual([-1, first, first + 1, first + 2, -1])
    expect(nodeCount(split)).toBe(first + 3)
    for (const [k, j] of [2, 3, 4].entries())
      expect([...split.points.subarray(2 * (first + k), 2 * (first + k) + 2)]).toEqual([3, j])
    expect([...cellAreas(split)]).toEqual([...cellAreas(mesh)])
    // Four facets of the line have become eight of the boundary, four on each side.
    expect(boundaryFacets(split).length).toBe(boundaryFacets(mesh).length + 2 * 8)
  })

  it('gives the copies to the cells on the left', () => {
    for (const [chain, left] of [
      [vertical(1, 5), true],
      [vertical(5, 1), false],
    ] as const) {
      const { mesh: split } = splitAlong(mesh, chain, 'line')
      for (let cell = 0; cell < cellCount(split); cell++) {
        const corners = cellNodes(split, cell)
        const x = [...corners].reduce((sum, n) => sum + split.points[2 * n] / corners.length, 0)
        if ([...corners].some((n) => n >= nodeCount(mesh))) expect(x < 3).toBe(left)
        const original = cellNodes(mesh, cell)
        corners.forEach((n, i) => {
          if (n < nodeCount(mesh)) expect(n).toBe(original[i])
          expect([split.points[2 * n], split.points[2 * n + 1]]).toEqual([
            mesh.points[2 * original[i]],
            mesh.points[2 * original[i] + 1],
          ])
        })
      }
    }
  })

  it('parts a mesh in two along a line from edge to edge, and carries the groups of facets along', () => {
    const { mesh: split, copies } = splitAlong(mesh, vertical(0, N), 'line')
    expect([...copies].every((copy) => copy >= nodeCount(mesh))).toBe(true)
    const { find } = facetsOf(split)
    for (const [name, pairs] of split.facetGroups) {
      expect(pairs.length, name).toBe(mesh.facetGroups.get(name)!.length)
      for (let i = 0; i < pairs.length; i += 2) expect(find(pairs[i], pairs[i + 1]), name).toBeDefined()
    }
    const bottom = split.facetGroups.get('bottom')!
    expect([bottom[2 * 2 + 1], bottom[2 * 3]]).toEqual([copies[0], node(3, 0)])
  })
})

describe('a line that cannot be split', () => {
  it('on the outer boundary', () => {
    const chain = { from: Int32Array.of(node(0, 0), node(0, 1)), to: Int32Array.of(node(0, 1), node(0, 2)) }
    expect(() => splitAlong(grid('Q4'), chain, 'defect.along')).toThrow(
      'defect.along: expected facets inside the mesh, with a cell on both sides, received 2 on its outer boundary',
    )
  })

  it('that touches the outer boundary between its ends', () => {
    // A V of two diagonals that stands on the bottom edge: cells to its left, inside it and to its right.
    const chain = { from: Int32Array.of(node(1, 1), node(2, 0)), to: Int32Array.of(node(2, 0), node(3, 1)) }
    expect(() => splitAlong(grid('T3'), chain, 'line')).toThrow(
      `line: expected a line that meets the outer boundary only at its ends, received node ${node(2, 0)} at (2, 0) on it`,
    )
  })
})
