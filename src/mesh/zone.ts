import { InvalidInput } from '../numeric/errors.ts'
import { cellCentroids } from './geometry.ts'
import { cellGroup } from './groups.ts'
import type { Mesh } from './mesh.ts'
import { cellCount } from './mesh.ts'

/** [x0, y0, x1, y1] m: lower left and upper right corner. */
export type Box = readonly [number, number, number, number]

/** Which cells form the zone of interest: a named cell group, or the cells whose centroid lies in a box or disc. */
export type ZoneSpec =
  | { readonly group: string }
  | { readonly box: Box }
  | { readonly disc: { readonly centre: readonly [number, number]; readonly radius: number } }

const cellsWhere = (mesh: Mesh, inside: (x: number, y: number) => boolean): Int32Array => {
  const centroids = cellCentroids(mesh)
  const cells: number[] = []
  for (let c = 0; 2 * c < centroids.length; c++) if (inside(centroids[2 * c], centroids[2 * c + 1])) cells.push(c)
  return Int32Array.from(cells)
}

/** Cells whose centroid lies in the box, ascending. */
export const cellsInBox = (mesh: Mesh, [x0, y0, x1, y1]: Box): Int32Array =>
  cellsWhere(mesh, (x, y) => x >= x0 && x <= x1 && y >= y0 && y <= y1)

/** Cells whose centroid lies in the disc, ascending. */
export const cellsInDisc = (mesh: Mesh, centre: readonly [number, number], radius: number): Int32Array =>
  cellsWhere(mesh, (x, y) => Math.hypot(x - centre[0], y - centre[1]) <= radius)

const finite = (numbers: readonly number[]): boolean => numbers.every(Number.isFinite)

const select = (mesh: Mesh, spec: ZoneSpec, path: string): Int32Array => {
  if ('group' in spec) return cellGroup(mesh, spec.group, `${path}.group`)
  if ('box' in spec) {
    const [x0, y0, x1, y1] = spec.box
    const ordered = finite(spec.box) && spec.box.length === 4 && x0 < x1 && y0 < y1
    if (!ordered)
      throw InvalidInput.of(`${path}.box`, '[x0, y0, x1, y1] in m with x0 < x1 and y0 < y1', `[${spec.box}]`)
    return cellsInBox(mesh, spec.box)
  }
  if ('disc' in spec) {
    const { centre, radius } = spec.disc
    if (!(finite([...centre, radius]) && centre.length === 2 && radius > 0)) {
      throw InvalidInput.of(`${path}.disc`, 'a centre [x, y] and a radius > 0, in m', JSON.stringify(spec.disc))
    }
    return cellsInDisc(mesh, centre, radius)
  }
  throw InvalidInput.of(path, "a zone by 'group', 'box' or 'disc'", JSON.stringify(spec))
}

/**
 * Global numbers of the zone's cells, ascending.
 * @param path where the specification came from, for messages
 * @throws InvalidInput for an unknown group (listing those there are), a malformed box or disc, a zone with no cell, and a
 *   zone that is the whole mesh (it would have no interface)
 * @verifiedBy test/mesh/zone.test.ts
 */
export const zoneCells = (mesh: Mesh, spec: ZoneSpec, path = 'zone'): Int32Array => {
  const cells = select(mesh, spec, path)
  if (cells.length === 0) {
    throw InvalidInput.of(
      path,
      'a zone that holds the centroid of at least one cell',
      `no cell for ${JSON.stringify(spec)}`,
    )
  }
  if (cells.length === cellCount(mesh)) {
    throw InvalidInput.of(path, 'a part of the mesh, so that the zone has an interface', `all ${cells.length} cells`)
  }
  return cells
}
