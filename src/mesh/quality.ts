import type { Problem } from '../numeric/errors.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { forEachCell } from './cells.ts'
import { cross, longestEdge, signedArea } from './geometry.ts'
import type { Mesh } from './mesh.ts'
import { cellCount } from './mesh.ts'
import { firstOf } from './problems.ts'

/**
 * Shortest height per cell, m: the smallest distance of a corner from the line through an edge it is not on. For a triangle
 * 2A / longest edge, for a rectangle its shorter side. What limits an explicit step, Δt ∝ h_min / c_p.
 * @verifiedBy test/mesh/quality.test.ts
 */
export const cellHeights = (mesh: Mesh): Float64Array => {
  const heights = new Float64Array(cellCount(mesh))
  forEachCell(mesh, (cell, nodes) => {
    heights[cell] = shortestHeight(mesh.points, nodes)
  })
  return heights
}

const shortestHeight = (points: Float64Array, nodes: Int32Array): number => {
  const n = nodes.length
  let shortest = Infinity
  for (let i = 0; i < n; i++) {
    const a = nodes[i]
    const b = nodes[(i + 1) % n]
    const edge = Math.hypot(points[2 * b] - points[2 * a], points[2 * b + 1] - points[2 * a + 1])
    for (let k = 2; k < n; k++) {
      shortest = Math.min(shortest, Math.abs(cross(points, a, b, nodes[(i + k) % n])) / edge)
    }
  }
  return shortest
}

/** Why a cell cannot carry shape functions. */
export interface CellFlaw {
  readonly cell: number
  readonly kind: 'degenerate' | 'inverted' | 'non-convex'
  /** Signed area, m². */
  readonly area: number
}

/** A cell is degenerate when its area is below this share of its longest edge squared. */
const FLAT = 1e-10

/** Every cell that is flat (or has a repeated corner), clockwise, or a quadrilateral with an inner angle of 180° or more. */
export const cellFlaws = (mesh: Mesh): readonly CellFlaw[] => {
  const flaws: CellFlaw[] = []
  forEachCell(mesh, (cell, nodes) => {
    const kind = flawOf(mesh.points, nodes)
    if (kind !== undefined) flaws.push({ cell, kind, area: signedArea(mesh.points, nodes) })
  })
  return flaws
}

const flawOf = (points: Float64Array, nodes: Int32Array): CellFlaw['kind'] | undefined => {
  const area = signedArea(points, nodes)
  const scale = longestEdge(points, nodes) ** 2
  if (!(Math.abs(area) > FLAT * scale) || new Set(nodes).size < nodes.length) return 'degenerate'
  if (area < 0) return 'inverted'
  if (nodes.length === 3) return undefined
  const convex = nodes.every((node, i) => cross(points, nodes[(i + 3) % 4], node, nodes[(i + 1) % 4]) > FLAT * scale)
  return convex ? undefined : 'non-convex'
}

const EXPECTED: Record<CellFlaw['kind'], string> = {
  degenerate: 'cells of positive area',
  inverted: 'cells that run counter-clockwise, like the rest of the mesh (turn the surface round)',
  'non-convex': 'convex quadrilaterals',
}

/**
 * Flaws as problems: the first ten of each kind, then their number.
 * @param pathOf where a cell comes from (a line of a file, `mesh.cell[3]`)
 * @param labelOf what the user calls the cell
 */
export const flawProblems = (
  flaws: readonly CellFlaw[],
  pathOf: (cell: number) => string,
  labelOf: (cell: number) => string,
): readonly Problem[] =>
  (['degenerate', 'inverted', 'non-convex'] as const).flatMap((kind) =>
    firstOf(
      flaws
        .filter((flaw) => flaw.kind === kind)
        .map(({ cell, area }) => ({
          path: pathOf(cell),
          expected: EXPECTED[kind],
          received: `${labelOf(cell)}: ${kind}, area ${area.toExponential(3)} m²`,
        })),
    ),
  )

/** @throws InvalidInput naming the flawed cells of a mesh made in the program. */
export const checkCellShapes = (mesh: Mesh, path = 'mesh'): void => {
  const problems = flawProblems(
    cellFlaws(mesh),
    (cell) => `${path}.cell[${cell}]`,
    (cell) => `cell ${cell}`,
  )
  if (problems.length > 0) throw new InvalidInput(problems)
}
