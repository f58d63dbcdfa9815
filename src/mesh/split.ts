import { InvalidInput } from '../numeric/errors.ts'
import { cellNodes, forEachCell } from './cells.ts'
import type { Facets } from './facets.ts'
import { facetsOf } from './facets.ts'
import type { CellBlock, Mesh } from './mesh.ts'
import { nodeCount, nodesPerCell } from './mesh.ts'

/** A chain of facets inside a mesh, each from `from` to `to`; each begins where the last one ended. */
export interface Chain {
  readonly from: Int32Array
  readonly to: Int32Array
}

/** A mesh whose cells on the two sides of a line share nodes only at the line's tips. */
export interface Split {
  /** Cells, groups and the first N nodes are numbered as before; copies come after them. */
  readonly mesh: Mesh
  /** [chain nodes] the copy of each node of the chain, in its order; −1 at a tip, which has none. */
  readonly copies: Int32Array
}

/** The nodes of a chain in its order, one more than facets. */
export const chainNodes = ({ from, to }: Chain): Int32Array => Int32Array.from([...from, to[to.length - 1]])

/**
 * Splits a mesh along a line: the cells on its left get copies of its nodes. An end of the line inside the mesh is a tip and
 * keeps one node; an end on the mesh's boundary is split too. Facets of named groups follow the cell that owns them.
 * @param path where the line came from, for the message
 * @throws InvalidInput for facets on the outer boundary, and for a line that meets it between its ends
 * @verifiedBy test/mesh/split.test.ts
 */
export const splitAlong = (mesh: Mesh, chain: Chain, path: string): Split => {
  const facets = facetsOf(mesh)
  const line = lineFacets(facets, chain, path)
  const around = cellsAround(mesh, chain)
  const nodes = chainNodes(chain)
  const total = nodeCount(mesh)
  const copies = new Int32Array(nodes.length).fill(-1)
  /** Per cell: [node, copy] pairs to replace. */
  const replaced = new Map<number, Map<number, number>>()
  let count = 0
  nodes.forEach((node, k) => {
    const sides = sidesOf(mesh, facets, line, node, around.get(node)!)
    if (sides.length === 1) return
    if (sides.length > 2) throw meetsBoundary(mesh, node, path)
    const left = leftCell(facets, chain, Math.min(k, chain.from.length - 1))
    const moved = sides.find((cells) => cells.has(left))!
    copies[k] = total + count++
    for (const cell of moved) replaced.set(cell, (replaced.get(cell) ?? new Map()).set(node, copies[k]))
  })
  return { mesh: rebuilt(mesh, facets, nodes, copies, replaced, count), copies }
}

const meetsBoundary = (mesh: Mesh, node: number, path: string): InvalidInput =>
  InvalidInput.of(
    path,
    'a line that meets the outer boundary only at its ends',
    `node ${node} at (${mesh.points[2 * node]}, ${mesh.points[2 * node + 1]}) on it`,
  )

/** Facet numbers of the line; all of them must have a cell on both sides. */
const lineFacets = (facets: Facets, { from, to }: Chain, path: string): ReadonlySet<number> => {
  const numbers = Array.from(from, (a, k) => facets.find(a, to[k])!)
  const outer = numbers.filter((f) => facets.cells[2 * f + 1] < 0).length
  if (outer > 0)
    throw InvalidInput.of(path, 'facets inside the mesh, with a cell on both sides', `${outer} on its outer boundary`)
  return new Set(numbers)
}

const cellsAround = (mesh: Mesh, chain: Chain): ReadonlyMap<number, number[]> => {
  const around = new Map<number, number[]>(Array.from(chainNodes(chain), (node) => [node, []]))
  forEachCell(mesh, (cell, nodes) => {
    for (const node of nodes) around.get(node)?.push(cell)
  })
  return around
}

/** The cells around a node in groups that hang together across facets other than the line's. */
const sidesOf = (
  mesh: Mesh,
  facets: Facets,
  line: ReadonlySet<number>,
  node: number,
  cells: readonly number[],
): readonly Set<number>[] => {
  const sides: Set<number>[] = []
  for (const seed of cells) {
    if (sides.some((side) => side.has(seed))) continue
    const side = new Set([seed])
    for (const cell of side) for (const next of neighbours(mesh, facets, line, node, cell)) side.add(next)
    sides.push(side)
  }
  return sides
}

/** Cells that share with `cell` a facet that holds `node` and is not on the line. */
const neighbours = (
  mesh: Mesh,
  facets: Facets,
  line: ReadonlySet<number>,
  node: number,
  cell: number,
): readonly number[] => {
  const corners = cellNodes(mesh, cell)
  return Array.from(corners).flatMap((a, i) => {
    const b = corners[(i + 1) % corners.length]
    const f = facets.find(a, b)!
    if ((a !== node && b !== node) || line.has(f)) return []
    return Array.from(facets.cells.subarray(2 * f, 2 * f + 2)).filter((other) => other >= 0 && other !== cell)
  })
}

/** The cell on the left of the chain's k-th facet: that in which the facet runs counter-clockwise. */
const leftCell = (facets: Facets, { from, to }: Chain, k: number): number => {
  const f = facets.find(from[k], to[k])!
  return facets.cells[facets.nodes[2 * f] === from[k] ? 2 * f : 2 * f + 1]
}

const rebuilt = (
  mesh: Mesh,
  facets: Facets,
  nodes: Int32Array,
  copies: Int32Array,
  replaced: ReadonlyMap<number, ReadonlyMap<number, number>>,
  count: number,
): Mesh => {
  const points = new Float64Array(mesh.points.length + 2 * count)
  points.set(mesh.points)
  nodes.forEach((node, k) => {
    if (copies[k] >= 0) points.set(mesh.points.subarray(2 * node, 2 * node + 2), 2 * copies[k])
  })
  const blocks = mesh.blocks.map((block): CellBlock => {
    const n = nodesPerCell(block.type)
    const connectivity = block.connectivity.map(
      (node, at) => replaced.get(block.offset + Math.trunc(at / n))?.get(node) ?? node,
    )
    return { ...block, connectivity }
  })
  const facetGroups = new Map([...mesh.facetGroups].map(([name, pairs]) => [name, moved(pairs, facets, replaced)]))
  return { ...mesh, points, blocks, facetGroups }
}

/** Node pairs as the first cell that owns each has them now. */
const moved = (
  pairs: Int32Array,
  facets: Facets,
  replaced: ReadonlyMap<number, ReadonlyMap<number, number>>,
): Int32Array =>
  pairs.map((node, at) => {
    const f = facets.find(pairs[at & ~1], pairs[at | 1])!
    return replaced.get(facets.cells[2 * f])?.get(node) ?? node
  })
