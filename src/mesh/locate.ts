import { InvalidInput } from '../numeric/errors.ts'
import { forEachCell } from './cells.ts'
import { boundingBox, cross } from './geometry.ts'
import type { Mesh } from './mesh.ts'
import { cellCount } from './mesh.ts'

/** Where a point lies: u(x) = Σ weights[i]·u(nodes[i]). */
export interface Location {
  readonly cell: number
  readonly nodes: Int32Array
  /** Shape functions at the point, one per node of the cell; their sum is 1. */
  readonly weights: Float64Array
  /** Reference coordinates: T3 ξ, η ≥ 0, ξ + η ≤ 1 (corners (0,0), (1,0), (0,1)); Q4 ξ, η ∈ [−1, 1]. */
  readonly local: readonly [number, number]
}

/** Reference coordinates may leave the cell by this much: a point on the outer edge is inside despite rounding. */
const TOLERANCE = 1e-9

/**
 * A point location function over a uniform grid of bins: constant time per point. On a shared edge the lowest cell wins.
 * @returns undefined for a point in no cell
 * @verifiedBy test/mesh/locate.test.ts
 */
export const locator = (mesh: Mesh): ((x: number, y: number) => Location | undefined) => {
  const bins = binsOf(mesh)
  return (x, y) => {
    for (const [cell, nodes] of bins(x, y)) {
      const local = nodes.length === 3 ? inTriangle(mesh.points, nodes, x, y) : inQuad(mesh.points, nodes, x, y)
      if (local !== undefined) return { cell, nodes, local, weights: shapeWeights(nodes.length, local) }
    }
    return undefined
  }
}

/**
 * Location of one point.
 * @param path where the point came from, for the message
 * @throws InvalidInput for a point outside every cell (in a hole, beyond an edge)
 */
export const locatePoint = (mesh: Mesh, point: readonly [number, number], path = 'point'): Location => {
  const found = locator(mesh)(point[0], point[1])
  if (found !== undefined) return found
  const box = boundingBox(mesh).map((b) => Number(b.toPrecision(6)))
  const nearest = nearestDistance(mesh, point).toPrecision(3)
  const expected = `a point inside the mesh, whose bounding box is [${box[0]}, ${box[2]}] x [${box[1]}, ${box[3]}] m`
  throw InvalidInput.of(path, expected, `(${point[0]}, ${point[1]}), ${nearest} m from the nearest node and in no cell`)
}

const nearestDistance = ({ points }: Mesh, [x, y]: readonly [number, number]): number => {
  let nearest = Infinity
  for (let i = 0; i < points.length; i += 2) nearest = Math.min(nearest, Math.hypot(points[i] - x, points[i + 1] - y))
  return nearest
}

type Candidate = readonly [cell: number, nodes: Int32Array]

const binsOf = (mesh: Mesh): ((x: number, y: number) => readonly Candidate[]) => {
  const [x0, y0, x1, y1] = boundingBox(mesh)
  const width = Math.sqrt(((x1 - x0) * (y1 - y0)) / cellCount(mesh)) * 2
  const columns = Math.floor((x1 - x0) / width) + 1
  const rows = Math.floor((y1 - y0) / width) + 1
  const column = (x: number): number => Math.min(columns - 1, Math.max(0, Math.floor((x - x0) / width)))
  const row = (y: number): number => Math.min(rows - 1, Math.max(0, Math.floor((y - y0) / width)))
  const bins: Candidate[][] = Array.from({ length: columns * rows }, () => [])
  const slack = 1e-6 * width
  forEachCell(mesh, (cell, nodes) => {
    const xs = Array.from(nodes, (n) => mesh.points[2 * n])
    const ys = Array.from(nodes, (n) => mesh.points[2 * n + 1])
    for (let j = row(Math.min(...ys) - slack); j <= row(Math.max(...ys) + slack); j++) {
      for (let i = column(Math.min(...xs) - slack); i <= column(Math.max(...xs) + slack); i++) {
        bins[j * columns + i].push([cell, nodes])
      }
    }
  })
  return (x, y) => (Number.isFinite(x) && Number.isFinite(y) ? bins[row(y) * columns + column(x)] : [])
}

type Local = readonly [number, number]

const inTriangle = (points: Float64Array, [a, b, c]: Int32Array, x: number, y: number): Local | undefined => {
  const twice = cross(points, a, b, c)
  const dx = x - points[2 * a]
  const dy = y - points[2 * a + 1]
  const xi = (dx * (points[2 * c + 1] - points[2 * a + 1]) - dy * (points[2 * c] - points[2 * a])) / twice
  const eta = (dy * (points[2 * b] - points[2 * a]) - dx * (points[2 * b + 1] - points[2 * a + 1])) / twice
  return xi >= -TOLERANCE && eta >= -TOLERANCE && xi + eta <= 1 + TOLERANCE ? [xi, eta] : undefined
}

const XI = [-1, 1, 1, -1] as const
const ETA = [-1, -1, 1, 1] as const
const NEWTON_STEPS = 30

/** Inverts x(ξ, η) = Σ N_i x_i by Newton; on a convex quadrilateral it converges for every point inside. */
const inQuad = (points: Float64Array, nodes: Int32Array, x: number, y: number): Local | undefined => {
  let xi = 0
  let eta = 0
  for (let step = 0; step < NEWTON_STEPS; step++) {
    let [rx, ry, xXi, xEta, yXi, yEta] = [-x, -y, 0, 0, 0, 0]
    for (let i = 0; i < 4; i++) {
      const [px, py] = [points[2 * nodes[i]], points[2 * nodes[i] + 1]]
      const n = ((1 + XI[i] * xi) * (1 + ETA[i] * eta)) / 4
      const nXi = (XI[i] * (1 + ETA[i] * eta)) / 4
      const nEta = (ETA[i] * (1 + XI[i] * xi)) / 4
      rx += n * px
      ry += n * py
      xXi += nXi * px
      xEta += nEta * px
      yXi += nXi * py
      yEta += nEta * py
    }
    const det = xXi * yEta - xEta * yXi
    const dXi = (rx * yEta - ry * xEta) / det
    const dEta = (ry * xXi - rx * yXi) / det
    xi -= dXi
    eta -= dEta
    if (!(Math.abs(xi) + Math.abs(eta) < 20)) return undefined
    if (Math.abs(dXi) + Math.abs(dEta) < 1e-13) break
  }
  return Math.abs(xi) <= 1 + TOLERANCE && Math.abs(eta) <= 1 + TOLERANCE ? [xi, eta] : undefined
}

const shapeWeights = (corners: number, [xi, eta]: Local): Float64Array =>
  corners === 3
    ? Float64Array.of(1 - xi - eta, xi, eta)
    : Float64Array.from(XI, (x, i) => ((1 + x * xi) * (1 + ETA[i] * eta)) / 4)
