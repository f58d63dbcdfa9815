import { InvalidInput } from '../numeric/errors.ts'
import { cellNodes, distinct } from './cells.ts'
import type { Mesh } from './mesh.ts'

const available = (groups: ReadonlyMap<string, unknown>): string =>
  groups.size > 0 ? [...groups.keys()].map((name) => `'${name}'`).join(', ') : 'none; the mesh has no such groups'

const find = (groups: ReadonlyMap<string, Int32Array>, kind: string, name: string, path: string): Int32Array => {
  const found = groups.get(name)
  if (found !== undefined) return found
  throw InvalidInput.of(path, `a named group of ${kind} (available: ${available(groups)})`, `'${name}'`)
}

/**
 * Global cell numbers of a named cell group, ascending.
 * @param path where the name came from, for the message
 * @throws InvalidInput listing the groups there are
 */
export const cellGroup = (mesh: Mesh, name: string, path = 'group'): Int32Array =>
  find(mesh.cellGroups, 'cells', name, path)

/**
 * Node pairs [2·n] of a named facet group.
 * @param path where the name came from, for the message
 * @throws InvalidInput listing the groups there are
 */
export const facetGroup = (mesh: Mesh, name: string, path = 'group'): Int32Array =>
  find(mesh.facetGroups, 'facets', name, path)

/** Nodes of a named facet group, ascending, each once. */
export const facetGroupNodes = (mesh: Mesh, name: string, path = 'group'): Int32Array =>
  distinct(facetGroup(mesh, name, path))

/** Nodes of a named cell group, ascending, each once. */
export const cellGroupNodes = (mesh: Mesh, name: string, path = 'group'): Int32Array =>
  nodesOfCells(mesh, cellGroup(mesh, name, path))

/** Nodes of the given cells, ascending, each once. */
export const nodesOfCells = (mesh: Mesh, cells: Iterable<number>): Int32Array => {
  const nodes = new Set<number>()
  for (const cell of cells) for (const node of cellNodes(mesh, cell)) nodes.add(node)
  return distinct(nodes)
}
