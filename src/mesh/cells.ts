import type { CellBlock, CellType, Mesh } from './mesh.ts'
import { nodesPerCell } from './mesh.ts'

/** Blocks of a mesh from flat connectivities: triangles first, then quadrilaterals; an empty type has no block. */
export const blocksOf = (triangles: ArrayLike<number>, quads: ArrayLike<number>): readonly CellBlock[] => {
  const blocks: CellBlock[] = []
  if (triangles.length > 0) blocks.push({ type: 'T3', offset: 0, connectivity: Int32Array.from(triangles) })
  if (quads.length > 0) {
    blocks.push({ type: 'Q4', offset: triangles.length / 3, connectivity: Int32Array.from(quads) })
  }
  return blocks
}

/** Visits every cell in the order of its global number. `nodes` is a view: copy it to keep it, write to it never. */
export const forEachCell = (mesh: Mesh, visit: (cell: number, nodes: Int32Array, type: CellType) => void): void => {
  for (const { type, offset, connectivity } of mesh.blocks) {
    const n = nodesPerCell(type)
    const cells = connectivity.length / n
    for (let i = 0; i < cells; i++) visit(offset + i, connectivity.subarray(i * n, i * n + n), type)
  }
}

/** The nodes of one cell, counter-clockwise (a view), by its global number. */
export const cellNodes = (mesh: Mesh, cell: number): Int32Array => {
  for (const { type, offset, connectivity } of mesh.blocks) {
    const n = nodesPerCell(type)
    const i = cell - offset
    if (i >= 0 && i * n < connectivity.length) return connectivity.subarray(i * n, i * n + n)
  }
  throw new RangeError(`cell ${cell} is not in the mesh`)
}

/** Distinct numbers, ascending. */
export const distinct = (numbers: Iterable<number>): Int32Array => Int32Array.from(new Set(numbers)).sort()
