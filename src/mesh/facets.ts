import { distinct, forEachCell } from './cells.ts'
import { facetGroup } from './groups.ts'
import type { Mesh } from './mesh.ts'
import { nodeCount } from './mesh.ts'

/** Every facet of a mesh (cell edge), each once. */
export interface Facets {
  /** [2·F] node pairs, in the counter-clockwise sense of the first cell that owns the facet. */
  readonly nodes: Int32Array
  /** [2·F] the owning cells, the second −1 on the boundary. */
  readonly cells: Int32Array
  /** Facet number of the edge between two nodes, in either order; undefined when no cell has that edge. */
  readonly find: (a: number, b: number) => number | undefined
}

/** Collects the facets of all cells, numbered in the order in which cells meet them. */
export const facetsOf = (mesh: Mesh): Facets => {
  const total = nodeCount(mesh)
  const keyOf = (a: number, b: number): number => Math.min(a, b) * total + Math.max(a, b)
  const numbers = new Map<number, number>()
  const nodes: number[] = []
  const cells: number[] = []
  forEachCell(mesh, (cell, corners) => {
    for (let i = 0; i < corners.length; i++) {
      const a = corners[i]
      const b = corners[(i + 1) % corners.length]
      const known = numbers.get(keyOf(a, b))
      if (known !== undefined) {
        cells[2 * known + 1] = cell
        continue
      }
      numbers.set(keyOf(a, b), numbers.size)
      nodes.push(a, b)
      cells.push(cell, -1)
    }
  })
  const find = (a: number, b: number): number | undefined => numbers.get(keyOf(a, b))
  return { nodes: Int32Array.from(nodes), cells: Int32Array.from(cells), find }
}

/**
 * Facets that one cell alone owns, as node pairs [2·n] counter-clockwise: with t = x_b − x_a the outward normal is (t_y, −t_x).
 * @verifiedBy test/mesh/facets.test.ts
 */
export const boundaryFacets = (mesh: Mesh): Int32Array => {
  const { nodes, cells } = facetsOf(mesh)
  const pairs: number[] = []
  for (let f = 0; 2 * f < nodes.length; f++) if (cells[2 * f + 1] < 0) pairs.push(nodes[2 * f], nodes[2 * f + 1])
  return Int32Array.from(pairs)
}

/** The same node pairs, each turned as its first owning cell has it (outward on the boundary). */
export const orientFacets = (facets: Facets, pairs: Int32Array): Int32Array => {
  const turned = pairs.slice()
  for (let i = 0; i < pairs.length; i += 2) {
    const f = facets.find(pairs[i], pairs[i + 1])
    if (f !== undefined) turned.set(facets.nodes.subarray(2 * f, 2 * f + 2), i)
  }
  return turned
}

/** Cells that own a facet of the named group (share an edge with it, not only a corner), ascending. */
export const cellsTouching = (mesh: Mesh, name: string, path = 'group'): Int32Array => {
  const pairs = facetGroup(mesh, name, path)
  const facets = facetsOf(mesh)
  const touching: number[] = []
  for (let i = 0; i < pairs.length; i += 2) {
    const f = facets.find(pairs[i], pairs[i + 1])
    if (f !== undefined) touching.push(...facets.cells.subarray(2 * f, 2 * f + 2))
  }
  return distinct(touching.filter((cell) => cell >= 0))
}
