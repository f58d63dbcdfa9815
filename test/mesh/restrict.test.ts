import { describe, expect, it } from 'vitest'
import { cellNodes } from '../../src/mesh/cells.ts'
import { boundaryFacets } from '../../src/mesh/facets.ts'
import { cellAreas } from '../../src/mesh/geometry.ts'
import { cellGroup } from '../../src/mesh/groups.ts'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import { restrict } from '../../src/mesh/restrict.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { zoneCells } from '../../src/mesh/zone.ts'
import { at, plateWithHole, problemsOf } from './mesh-fixture.ts'

const plate = plateWithHole()
const zone = restrict(plate, cellGroup(plate, 'zone'))

describe('restrict', () => {
  it('keeps geometry: every local cell has the corners of its parent', () => {
    expect(cellCount(zone.mesh)).toBe(748)
    expect(nodeCount(zone.mesh)).toBe(816)
    for (let cell = 0; cell < 748; cell++) {
      const parent = [...cellNodes(plate, zone.cells[cell])].map((n) => at(plate, n))
      expect([...cellNodes(zone.mesh, cell)].map((n) => at(zone.mesh, n))).toEqual(parent)
    }
  })

  it('numbers cells and nodes in the order of the parent', () => {
    expect(zone.cells).toEqual(zone.cells.slice().sort())
    expect(zone.nodes).toEqual(zone.nodes.slice().sort())
  })

  it('has its interface on the outline of the zone and not on the hole', () => {
    expect(zone.interfaceNodes.length).toBe(4 * 28)
    for (const node of zone.interfaceNodes) {
      const [x, y] = at(zone.mesh, node)
      expect(Math.max(Math.abs(x - 0.33), Math.abs(y - 0.2))).toBeCloseTo(0.1, 9)
    }
    expect(zone.interfaceNodes).toEqual(zone.interfaceNodes.slice().sort())
  })

  it('has as interface facets the boundary less the hole, turned the same way', () => {
    const key = (pairs: Int32Array): string[] =>
      Array.from({ length: pairs.length / 2 }, (_, i) => `${pairs[2 * i]} ${pairs[2 * i + 1]}`)
    const all = [...key(zone.interfaceFacets), ...key(zone.mesh.facetGroups.get('hole')!)]
    expect(all.sort()).toEqual(key(boundaryFacets(zone.mesh)).sort())
  })

  it('carries groups over and drops those left empty', () => {
    expect([...zone.mesh.cellGroups.keys()]).toEqual(['zone'])
    expect([...zone.mesh.facetGroups.keys()]).toEqual(['hole'])
    expect(zone.mesh.facetGroups.get('hole')?.length).toBe(plate.facetGroups.get('hole')?.length)
  })

  it('leaves the free edge of a zone at the rim out of the interface, but for its ends', () => {
    const mesh = rectangle({ type: 'T3', size: [4, 2], cells: [4, 2] })
    const part = restrict(mesh, zoneCells(mesh, { box: [2, 0, 4, 2] }))
    expect([...part.interfaceNodes].map((n) => at(part.mesh, n))).toEqual([
      [2, 0],
      [2, 1],
      [2, 2],
    ])
    expect([...part.mesh.facetGroups.keys()].sort()).toEqual(['bottom', 'right', 'top'])
    expect(cellAreas(part.mesh).reduce((a, b) => a + b)).toBeCloseTo(4, 12)
  })

  it('counts a node as interface where cells inside and outside meet in a corner only', () => {
    const mesh = rectangle({ type: 'Q4', size: [2, 2], cells: [2, 2] })
    const part = restrict(mesh, [0, 3])
    expect([...part.interfaceNodes].map((n) => at(part.mesh, n))).toContainEqual([1, 1])
  })

  it('restricts a mesh of both cell types', () => {
    const quads = rectangle({ type: 'Q4', size: [2, 1], cells: [2, 1] })
    const triangle = Int32Array.of(2, 5, 4)
    const mesh = {
      ...quads,
      blocks: [
        { type: 'T3' as const, offset: 0, connectivity: triangle },
        { type: 'Q4' as const, offset: 1, connectivity: Int32Array.of(0, 1, 4, 3) },
      ],
      cellGroups: new Map([['both', Int32Array.of(0, 1)]]),
    }
    const part = restrict(mesh, [1])
    expect(part.mesh.blocks).toEqual([{ type: 'Q4', offset: 0, connectivity: Int32Array.of(0, 1, 3, 2) }])
    expect([...part.mesh.cellGroups.get('both')!]).toEqual([0])
    expect([...part.interfaceNodes]).toEqual([3])
  })

  it('refuses no cells and cells that are not there', () => {
    expect(problemsOf(() => restrict(plate, []))[0].received).toBe('none')
    expect(problemsOf(() => restrict(plate, [3, 99999]))[0].received).toBe('99999')
    expect(problemsOf(() => restrict(plate, [-1]))[0].received).toBe('-1')
  })
})
