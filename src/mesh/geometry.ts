import { forEachCell } from './cells.ts'
import type { Mesh } from './mesh.ts'
import { cellCount } from './mesh.ts'

/** Twice the signed area of triangle abc, positive counter-clockwise. */
export const cross = (points: Float64Array, a: number, b: number, c: number): number =>
  (points[2 * b] - points[2 * a]) * (points[2 * c + 1] - points[2 * a + 1]) -
  (points[2 * c] - points[2 * a]) * (points[2 * b + 1] - points[2 * a + 1])

/** Signed area of a cell with the given corners, m²: positive when they run counter-clockwise. */
export const signedArea = (points: Float64Array, nodes: ArrayLike<number>): number =>
  nodes.length === 3
    ? cross(points, nodes[0], nodes[1], nodes[2]) / 2
    : (cross(points, nodes[0], nodes[1], nodes[2]) + cross(points, nodes[0], nodes[2], nodes[3])) / 2

export const distance = (points: Float64Array, a: number, b: number): number =>
  Math.hypot(points[2 * b] - points[2 * a], points[2 * b + 1] - points[2 * a + 1])

/** Longest edge of a cell, m. */
export const longestEdge = (points: Float64Array, nodes: ArrayLike<number>): number => {
  let longest = 0
  for (let i = 0; i < nodes.length; i++) {
    longest = Math.max(longest, distance(points, nodes[i], nodes[(i + 1) % nodes.length]))
  }
  return longest
}

/** Signed areas per cell, m². */
export const cellAreas = (mesh: Mesh): Float64Array => {
  const areas = new Float64Array(cellCount(mesh))
  forEachCell(mesh, (cell, nodes) => {
    areas[cell] = signedArea(mesh.points, nodes)
  })
  return areas
}

/** [2·C] mean of each cell's corners (for a triangle, its centroid): what zone selection and material fields look at. */
export const cellCentroids = (mesh: Mesh): Float64Array => {
  const centroids = new Float64Array(2 * cellCount(mesh))
  forEachCell(mesh, (cell, nodes) => {
    for (const node of nodes) {
      centroids[2 * cell] += mesh.points[2 * node] / nodes.length
      centroids[2 * cell + 1] += mesh.points[2 * node + 1] / nodes.length
    }
  })
  return centroids
}

/** [xmin, ymin, xmax, ymax] of the nodes, m. */
export const boundingBox = (mesh: Mesh): readonly [number, number, number, number] => {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < mesh.points.length; i += 2) {
    box[0] = Math.min(box[0], mesh.points[i])
    box[1] = Math.min(box[1], mesh.points[i + 1])
    box[2] = Math.max(box[2], mesh.points[i])
    box[3] = Math.max(box[3], mesh.points[i + 1])
  }
  return box
}
