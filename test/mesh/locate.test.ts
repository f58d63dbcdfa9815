import { describe, expect, it } from 'vitest'
import { cellCentroids } from '../../src/mesh/geometry.ts'
import type { Location } from '../../src/mesh/locate.ts'
import { locatePoint, locator } from '../../src/mesh/locate.ts'
import type { Mesh } from '../../src/mesh/mesh.ts'
import { nodeCount } from '../../src/mesh/mesh.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { at, plateWithHole, problemsOf } from './mesh-fixture.ts'

const meshes: [string, Mesh, number, number][] = [
  ['triangles', rectangle({ type: 'T3', size: [2, 1], cells: [9, 7], distortion: 0.24 }), 2, 1],
  ['quadrilaterals', rectangle({ type: 'Q4', size: [2, 1], cells: [9, 7], distortion: 0.24 }), 2, 1],
  ['the plate', plateWithHole(), 0.6, 0.4],
]

const position = (mesh: Mesh, { nodes, weights }: Location): [number, number] => {
  let [x, y] = [0, 0]
  nodes.forEach((node, i) => {
    x += weights[i] * at(mesh, node)[0]
    y += weights[i] * at(mesh, node)[1]
  })
  return [x, y]
}

describe.each(meshes)('locator on %s', (name, mesh, width, height) => {
  const locate = locator(mesh)

  it('finds weights that give the point back', () => {
    const u = new Float64Array(2)
    let outside = 0
    for (let k = 0; k < 500; k++) {
      randomStream(7, 'points').uniformsInto(u, k)
      const [x, y] = [u[0] * width, u[1] * height]
      const found = locate(x, y)
      if (found === undefined) outside++
      if (name === 'the plate' && found === undefined) expect(Math.hypot(x - 0.33, y - 0.2)).toBeLessThan(0.03)
      if (found === undefined) continue
      expect(Math.hypot(position(mesh, found)[0] - x, position(mesh, found)[1] - y)).toBeLessThan(1e-12)
      expect(found.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 14)
      expect(Math.min(...found.weights)).toBeGreaterThan(-1e-8)
    }
    expect(outside).toBeLessThan(name === 'the plate' ? 20 : 1)
  })

  it('finds every node, with weight 1 there', () => {
    for (let node = 0; node < nodeCount(mesh); node++) {
      const found = locate(...at(mesh, node))!
      const i = found.nodes.indexOf(node)
      expect(i).toBeGreaterThanOrEqual(0)
      expect(found.weights[i]).toBeCloseTo(1, 8)
    }
  })

  it('finds the cell of each centroid', () => {
    const centroids = cellCentroids(mesh)
    for (let c = 0; 2 * c < centroids.length; c++) expect(locate(centroids[2 * c], centroids[2 * c + 1])?.cell).toBe(c)
  })
})

describe('locatePoint', () => {
  it('says where a point outside lies', () => {
    const [problem] = problemsOf(() => locatePoint(plateWithHole(), [0.33, 0.2], 'quantities[0].at.point'))
    expect(problem).toEqual({
      path: 'quantities[0].at.point',
      expected: 'a point inside the mesh, whose bounding box is [0, 0.6] x [0, 0.4] m',
      received: '(0.33, 0.2), 0.0300 m from the nearest node and in no cell',
    })
    expect(problemsOf(() => locatePoint(plateWithHole(), [0.7, 0.2])).length).toBe(1)
    expect(problemsOf(() => locatePoint(plateWithHole(), [Number.NaN, 0.2])).length).toBe(1)
  })

  it('gives a point on an edge to the lowest cell', () => {
    expect(locatePoint(rectangle({ type: 'Q4', size: [2, 2], cells: [2, 2] }), [1, 1]).cell).toBe(0)
  })
})
