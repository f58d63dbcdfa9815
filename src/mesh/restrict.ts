import { InvalidInput } from '../numeric/errors.ts'
import { blocksOf, cellNodes, distinct, forEachCell } from './cells.ts'
import { facetsOf } from './facets.ts'
import { nodesOfCells } from './groups.ts'
import type { Mesh } from './mesh.ts'
import { cellCount, nodeCount } from './mesh.ts'

/** A part of a mesh as a mesh of its own, with the way back. */
export interface Restriction {
  readonly mesh: Mesh
  /** Parent cell of each cell. */
  readonly cells: Int32Array
  /** Parent node of each node; ascending, so that local order is parent order. */
  readonly nodes: Int32Array
  /**
   * Local numbers, ascending, of the nodes on the cut Γ: those that a parent cell outside the part shares. Nodes on the
   * parent's own boundary (a hole, an outer edge) are on Γ only where the cut ends there.
   */
  readonly interfaceNodes: Int32Array
  /** [2·n] local node pairs of the cut's facets, outward normal (t_y, −t_x). */
  readonly interfaceFacets: Int32Array
}

/**
 * Restricts a mesh to the given cells. Numbers keep their order. Cell groups keep the members inside, facet groups the facets
 * that are edges of cells inside; a group left without members is dropped.
 * @throws InvalidInput for no cells, or a cell number outside the mesh
 * @verifiedBy test/mesh/restrict.test.ts
 */
export const restrict = (parent: Mesh, cellIds: Iterable<number>): Restriction => {
  const cells = distinct(cellIds)
  checkCells(cells, cellCount(parent))
  const nodes = nodesOfCells(parent, cells)
  const localNode = inverse(nodes, nodeCount(parent))
  const localCell = inverse(cells, cellCount(parent))
  const mesh = partOf(parent, cells, nodes, localNode, localCell)
  const interfaceNodes = sharedNodes(parent, localCell, localNode)
  return { mesh, cells, nodes, interfaceNodes, interfaceFacets: cutFacets(parent, localCell, localNode) }
}

const checkCells = (cells: Int32Array, total: number): void => {
  if (cells.length === 0) throw InvalidInput.of('cells', 'at least one cell', 'none')
  const last = cells[cells.length - 1]
  const wrong = cells[0] < 0 ? cells[0] : last
  if (cells[0] < 0 || last >= total) throw InvalidInput.of('cells', `cell numbers from 0 to ${total - 1}`, wrong)
}

/** local[parent number] = position in `numbers`, −1 elsewhere. */
const inverse = (numbers: Int32Array, total: number): Int32Array => {
  const local = new Int32Array(total).fill(-1)
  numbers.forEach((number, i) => {
    local[number] = i
  })
  return local
}

const partOf = (
  parent: Mesh,
  cells: Int32Array,
  nodes: Int32Array,
  localNode: Int32Array,
  localCell: Int32Array,
): Mesh => {
  const points = new Float64Array(2 * nodes.length)
  nodes.forEach((node, i) => {
    points.set(parent.points.subarray(2 * node, 2 * node + 2), 2 * i)
  })
  const flat: Record<3 | 4, number[]> = { 3: [], 4: [] }
  for (const cell of cells) {
    const corners = cellNodes(parent, cell)
    for (const node of corners) flat[corners.length as 3 | 4].push(localNode[node])
  }
  const mesh = { points, blocks: blocksOf(flat[3], flat[4]), cellGroups: new Map(), facetGroups: new Map() }
  const cellGroups = kept(parent.cellGroups, (members) => members.map((c) => localCell[c]).filter((c) => c >= 0))
  const { find } = facetsOf(mesh)
  const facetGroups = kept(parent.facetGroups, (pairs) => keptPairs(pairs, localNode, find))
  return { ...mesh, cellGroups, facetGroups }
}

const kept = (
  groups: ReadonlyMap<string, Int32Array>,
  carry: (members: Int32Array) => Int32Array,
): Map<string, Int32Array> =>
  new Map([...groups].map(([name, m]) => [name, carry(m)] as const).filter(([, m]) => m.length > 0))

const keptPairs = (
  pairs: Int32Array,
  localNode: Int32Array,
  find: (a: number, b: number) => number | undefined,
): Int32Array => {
  const local: number[] = []
  for (let i = 0; i < pairs.length; i += 2) {
    const a = localNode[pairs[i]]
    const b = localNode[pairs[i + 1]]
    if (a >= 0 && b >= 0 && find(a, b) !== undefined) local.push(a, b)
  }
  return Int32Array.from(local)
}

const sharedNodes = (parent: Mesh, localCell: Int32Array, localNode: Int32Array): Int32Array => {
  const shared: number[] = []
  forEachCell(parent, (cell, nodes) => {
    if (localCell[cell] < 0) for (const node of nodes) if (localNode[node] >= 0) shared.push(localNode[node])
  })
  return distinct(shared)
}

const cutFacets = (parent: Mesh, localCell: Int32Array, localNode: Int32Array): Int32Array => {
  const { nodes, cells } = facetsOf(parent)
  const pairs: number[] = []
  for (let f = 0; 2 * f < nodes.length; f++) {
    const [first, second] = [cells[2 * f], cells[2 * f + 1]]
    if (second < 0 || localCell[first] < 0 === localCell[second] < 0) continue
    const [a, b] = [localNode[nodes[2 * f]], localNode[nodes[2 * f + 1]]]
    if (localCell[first] >= 0) pairs.push(a, b)
    else pairs.push(b, a)
  }
  return Int32Array.from(pairs)
}
