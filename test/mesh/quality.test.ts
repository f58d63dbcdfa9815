import { describe, expect, it } from 'vitest'
import { cellAreas } from '../../src/mesh/geometry.ts'
import type { CellType, Mesh } from '../../src/mesh/mesh.ts'
import { cellFlaws, cellHeights, checkCellShapes } from '../../src/mesh/quality.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { plateWithHole, problemsOf } from './mesh-fixture.ts'

const one = (type: CellType, ...points: number[]): Mesh => ({
  points: Float64Array.from(points),
  blocks: [{ type, offset: 0, connectivity: Int32Array.from(points.slice(points.length / 2), (_, i) => i) }],
  cellGroups: new Map(),
  facetGroups: new Map(),
})

describe('cellHeights', () => {
  it('is 2A / longest edge for a triangle', () => {
    expect(cellHeights(one('T3', 0, 0, 3, 0, 0, 4))[0]).toBeCloseTo(12 / 5, 14)
  })

  it('is the shorter side of a rectangle and the height of a parallelogram', () => {
    expect(cellHeights(rectangle({ type: 'Q4', size: [6, 1], cells: [2, 1] }))[0]).toBeCloseTo(1, 14)
    expect(cellHeights(one('Q4', 0, 0, 5, 0, 6, 1, 1, 1))[0]).toBeCloseTo(1, 14)
  })

  it('of the plate is at least .8 of the mean size everywhere: no cell spoils the stable step', () => {
    const plate = plateWithHole()
    const areas = cellAreas(plate)
    const size = Math.sqrt(areas.reduce((a, b) => a + b) / areas.length)
    expect(Math.min(...cellHeights(plate)) / size).toBeGreaterThan(0.8)
  })
})

describe('cellFlaws', () => {
  it.each([
    ['degenerate', one('T3', 0, 0, 1, 0, 2, 0)],
    ['degenerate', one('T3', 0, 0, 0, 0, 0, 0)],
    ['inverted', one('T3', 0, 0, 0, 1, 1, 0)],
    ['inverted', one('Q4', 0, 0, 0, 1, 1, 1, 1, 0)],
    ['non-convex', one('Q4', 0, 0, 1, 0, 0.2, 0.2, 0, 1)],
    ['non-convex', one('Q4', 0, 0, 1, 0, 2, 0, 0, 1)],
    ['degenerate', one('Q4', 0, 0, 1, 1, 1, 0, 0, 1)],
  ])('finds a %s cell', (kind, mesh) => {
    expect(cellFlaws(mesh).map((flaw) => flaw.kind)).toEqual([kind])
    expect(problemsOf(() => checkCellShapes(mesh))[0].path).toBe('mesh.cell[0]')
  })

  it('finds nothing in sound cells, however small', () => {
    expect(cellFlaws(rectangle({ type: 'T3', size: [1e-9, 1e-9], cells: [3, 3] }))).toEqual([])
    expect(cellFlaws(plateWithHole())).toEqual([])
  })
})
