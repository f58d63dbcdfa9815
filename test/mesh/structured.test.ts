import { describe, expect, it } from 'vitest'
import { boundaryFacets } from '../../src/mesh/facets.ts'
import { boundingBox, cellAreas } from '../../src/mesh/geometry.ts'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import { checkCellShapes } from '../../src/mesh/quality.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { at, problemsOf } from './mesh-fixture.ts'

const SIDES = ['left', 'right', 'bottom', 'top'] as const

describe.each(['T3', 'Q4'] as const)('rectangle of %s', (type) => {
  const mesh = rectangle({ type, size: [3, 2], cells: [6, 5], origin: [1, -1], distortion: 0.2 })

  it('has the cells and nodes asked for', () => {
    expect(cellCount(mesh)).toBe(type === 'T3' ? 60 : 30)
    expect(nodeCount(mesh)).toBe(42)
    expect(boundingBox(mesh)).toEqual([1, -1, 4, 1])
    expect(cellAreas(mesh).reduce((a, b) => a + b)).toBeCloseTo(6, 12)
    expect(() => checkCellShapes(mesh)).not.toThrow()
  })

  it('names its sides, which together are the boundary, turned outward', () => {
    const pairs = (flat: Int32Array): string[] =>
      Array.from({ length: flat.length / 2 }, (_, i) => flat.slice(2 * i, 2 * i + 2).join())
    const named = SIDES.flatMap((side) => pairs(mesh.facetGroups.get(side)!))
    expect(named.sort()).toEqual(pairs(boundaryFacets(mesh)).sort())
    for (const node of mesh.facetGroups.get('top')!) expect(at(mesh, node)[1]).toBe(1)
    for (const node of mesh.facetGroups.get('left')!) expect(at(mesh, node)[0]).toBe(1)
  })

  it('moves inner nodes only when asked, always the same way', () => {
    const shape = { type, size: [1, 1], cells: [4, 4] } as const
    expect(at(rectangle(shape), 6)).toEqual([0.25, 0.25])
    expect(at(rectangle({ ...shape, distortion: 0.2 }), 6)).not.toEqual([0.25, 0.25])
    expect(rectangle({ ...shape, distortion: 0.2 })).toEqual(rectangle({ ...shape, distortion: 0.2 }))
  })
})

describe('rectangle', () => {
  it('marks a zone', () => {
    const mesh = rectangle({ type: 'Q4', size: [4, 4], cells: [4, 4], zone: [1, 1, 3, 3] })
    expect([...mesh.cellGroups.get('zone')!]).toEqual([5, 6, 9, 10])
  })

  it('says what is wrong with a shape, all at once', () => {
    const problems = problemsOf(() =>
      rectangle({ type: 'Q4', size: [0, Number.NaN], cells: [0, 1.5], distortion: 0.3 }),
    )
    expect(problems.map(({ path }) => path)).toEqual(['size[0]', 'size[1]', 'cells[0]', 'cells[1]', 'distortion'])
    expect(problemsOf(() => rectangle({ type: 'Q4', size: [1, 1], cells: [2, 2], zone: [5, 5, 6, 6] }))[0].path).toBe(
      'zone',
    )
  })
})
