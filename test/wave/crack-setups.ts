import type { Mesh } from '../../src/mesh/mesh.ts'
import { rectangle } from '../../src/mesh/structured.ts'

/** Divisions of the plate, and the grid line on which cracks lie. */
export const DIVISIONS = [24, 16] as const
export const COLUMN = 8
const [NX, NY] = DIVISIONS
export const SIZE = [0.06, 0.04] as const

export const gridNode = (i: number, j: number): number => j * (NX + 1) + i

/** Inner nodes move by a smooth, fixed amount, so that no line of the grid is straight. */
const bent = ({ points, ...mesh }: Mesh): Mesh => ({
  ...mesh,
  points: points.map((value, k) => {
    const [x, y] = [points[k & ~1] / SIZE[0], points[k | 1] / SIZE[1]]
    const inside = 16 * x * (1 - x) * y * (1 - y)
    return value + 0.0006 * inside * (k % 2 === 0 ? Math.sin(9 * x + 7 * y) : Math.cos(8 * x - 5 * y))
  }),
})

/** A bent 60 mm × 40 mm plate with a named line of facets from (COLUMN, j0) to (COLUMN, j1), and a zone to its right. */
export const plateWithLine = (type: 'T3' | 'Q4', j0 = 0, j1: number = NY): Mesh => {
  const mesh = bent(rectangle({ type, size: SIZE, cells: DIVISIONS, zone: [0.0349, 0.0099, 0.0551, 0.0301] }))
  const steps = Array.from({ length: j1 - j0 }, (_, k) => j0 + k)
  const pairs = Int32Array.from(steps.flatMap((j) => [gridNode(COLUMN, j), gridNode(COLUMN, j + 1)]))
  return { ...mesh, facetGroups: new Map([...mesh.facetGroups, ['line', pairs]]) }
}

/**
 * The same plate as a mesh that really has the slit from (COLUMN, j0) to (COLUMN, j1): cells right of the line get nodes of their
 * own at j0 < j < j1 (and at an end on the outer boundary). Made from the lattice, without the code under test.
 */
export const plateWithSlit = (type: 'T3' | 'Q4', j0: number, j1: number): Mesh => {
  const mesh = plateWithLine(type)
  const total = mesh.points.length / 2
  const slit = Array.from({ length: NY + 1 }, (_, j) => j).filter(
    (j) => (j > j0 || (j === 0 && j0 === 0)) && (j < j1 || (j === NY && j1 === NY)),
  )
  const own = new Map(slit.map((j, k) => [gridNode(COLUMN, j), total + k]))
  const points = Float64Array.from([
    ...mesh.points,
    ...slit.flatMap((j) => [...mesh.points.subarray(2 * gridNode(COLUMN, j), 2 * gridNode(COLUMN, j) + 2)]),
  ])
  const perCell = type === 'T3' ? 3 : 4
  const perQuad = type === 'T3' ? 2 : 1
  const blocks = mesh.blocks.map((block) => ({
    ...block,
    connectivity: block.connectivity.map((node, at) => {
      const column = Math.trunc(Math.trunc(at / perCell) / perQuad) % NX
      return column >= COLUMN ? (own.get(node) ?? node) : node
    }),
  }))
  const facetGroups = new Map([...mesh.facetGroups].filter(([name]) => name === 'left' || name === 'right'))
  return { ...mesh, points, blocks, facetGroups }
}
