/** Linear triangle (3 nodes) or bilinear quadrilateral (4 nodes), counter-clockwise. */
export type CellType = 'T3' | 'Q4'

/** Cells of one type. A cell's global number is `offset` + its position in the block. */
export interface CellBlock {
  readonly type: CellType
  readonly offset: number
  /** [cells · nodesPerCell] node numbers, counter-clockwise. */
  readonly connectivity: Int32Array
}

/**
 * A plane mesh with named groups. Node number ≠ dof number: dofs belong to `fem/`.
 * Immutable; made by the Gmsh reader, the structured generators, or `restrict`.
 */
export interface Mesh {
  /** [2·N] x0, y0, x1, y1, … in m. */
  readonly points: Float64Array
  readonly blocks: readonly CellBlock[]
  /** Named cells (physical surfaces): global cell numbers, ascending. */
  readonly cellGroups: ReadonlyMap<string, Int32Array>
  /** Named facets (physical curves): [2·n] node pairs. */
  readonly facetGroups: ReadonlyMap<string, Int32Array>
}

export const nodesPerCell = (type: CellType): 3 | 4 => (type === 'T3' ? 3 : 4)
export const nodeCount = (mesh: Mesh): number => mesh.points.length / 2
export const cellCount = (mesh: Mesh): number =>
  mesh.blocks.reduce((sum, b) => sum + b.connectivity.length / nodesPerCell(b.type), 0)
