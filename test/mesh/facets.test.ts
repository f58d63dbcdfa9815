import { describe, expect, it } from 'vitest'
import { cellNodes } from '../../src/mesh/cells.ts'
import { boundaryFacets, cellsTouching, facetsOf } from '../../src/mesh/facets.ts'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { plateWithHole, problemsOf } from './mesh-fixture.ts'

const plate = plateWithHole()

describe('facets', () => {
  it("satisfy Euler's formula for a plate with one hole", () => {
    expect(nodeCount(plate) - facetsOf(plate).nodes.length / 2 + cellCount(plate)).toBe(0)
  })

  it('on the boundary enclose the area: ∮ x dy over outward pairs', () => {
    const pairs = boundaryFacets(plate)
    let area = 0
    for (let i = 0; i < pairs.length; i += 2) {
      const [a, b] = [2 * pairs[i], 2 * pairs[i + 1]]
      area += ((plate.points[a] + plate.points[b]) / 2) * (plate.points[b + 1] - plate.points[a + 1])
    }
    // The hole is a polygon of 24 sides.
    expect(area).toBeCloseTo(0.24 - 12 * 0.03 ** 2 * Math.sin(Math.PI / 12), 9)
    expect(pairs.length / 2).toBe(2 * (84 + 56) + 24)
  })

  it('give the cells at a named curve: those that share an edge with it', () => {
    const mesh = rectangle({ type: 'Q4', size: [3, 2], cells: [3, 2] })
    expect([...cellsTouching(mesh, 'left')]).toEqual([0, 3])
    const hole = new Set(plate.facetGroups.get('hole'))
    const around = cellsTouching(plate, 'hole')
    expect(around.length).toBe(24)
    for (const cell of around) expect([...cellNodes(plate, cell)].filter((n) => hole.has(n)).length).toBe(2)
  })

  it('list the groups there are when asked for one there is not', () => {
    const [problem] = problemsOf(() => cellsTouching(plate, 'rim', 'quantities[1].at.group'))
    expect(problem.path).toBe('quantities[1].at.group')
    expect(problem.expected).toContain("'hole'")
    expect(problem.received).toBe("'rim'")
  })
})
