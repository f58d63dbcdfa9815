import type { Mesh } from '../mesh/mesh.ts'
import { firstOf } from '../mesh/problems.ts'
import type { Problem } from '../numeric/errors.ts'
import { InvalidInput } from '../numeric/errors.ts'

/** Points closer than this share of the interface's extent are the same point. */
const TOLERANCE = 1e-6

const extent = (points: Float64Array): number => {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let i = 0; i < points.length; i += 2) {
    x0 = Math.min(x0, points[i])
    x1 = Math.max(x1, points[i])
    y0 = Math.min(y0, points[i + 1])
    y1 = Math.max(y1, points[i + 1])
  }
  return Math.hypot(x1 - x0, y1 - y0)
}

const spot = (points: Float64Array, i: number): string => `(${points[2 * i]}, ${points[2 * i + 1]})`

/**
 * Finds the trace's points among the zone's interface nodes, by coordinates and in any order.
 * @param points [2·P] m, of the trace
 * @param interfaceNodes nodes of Γ in the zone's mesh
 * @returns [P] zone node of each point
 * @throws InvalidInput for every point without a node, and every node without a point
 */
export const matchInterface = (points: Float64Array, mesh: Mesh, interfaceNodes: Int32Array): Int32Array => {
  const limit = TOLERANCE * extent(points)
  const free = new Set(interfaceNodes)
  const problems: Problem[] = []
  const nodes = Int32Array.from({ length: points.length / 2 }, (_, p) => {
    for (const n of free) {
      if (Math.hypot(mesh.points[2 * n] - points[2 * p], mesh.points[2 * n + 1] - points[2 * p + 1]) > limit) continue
      free.delete(n)
      return n
    }
    problems.push({
      path: `grid.points[${p}]`,
      expected: 'an interface node of the zone of its own',
      received: `${spot(points, p)} m, where there is none`,
    })
    return -1
  })
  const left = [...free].map((n) => ({
    path: `interfaceNodes, node ${n}`,
    expected: 'a point of the trace',
    received: `none at ${spot(mesh.points, n)} m`,
  }))
  if (problems.length + left.length > 0) throw new InvalidInput([...firstOf(problems), ...firstOf(left)])
  return nodes
}
