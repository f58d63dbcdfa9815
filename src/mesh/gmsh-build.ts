import type { Problem } from '../numeric/errors.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { blocksOf, distinct } from './cells.ts'
import { facetsOf, orientFacets } from './facets.ts'
import { signedArea } from './geometry.ts'
import type { RawElement, RawMesh } from './gmsh-elements.ts'
import { foreignProblems } from './gmsh-elements.ts'
import type { Mesh } from './mesh.ts'
import { firstOf } from './problems.ts'
import { cellFlaws, flawProblems } from './quality.ts'

/** Makes a mesh of what a file says: checks it, numbers nodes and cells from 0, gathers the groups. */
export const meshOf = (raw: RawMesh, names: ReadonlyMap<string, string>, file: string): Mesh => {
  throwIf(foreignProblems(raw, file))
  throwIf([...coordinateProblems(raw, file), ...planeProblems(raw, file), ...tagProblems(raw, file)])
  const { points, numberOf } = numberNodes(raw)
  const surfaces = merged(raw.elements.filter(({ dim }) => dim === 2))
  if (surfaces.length === 0) throw InvalidInput.of(file, 'triangles or quadrilaterals', noCells(raw))
  const cells = turned(points, inBlockOrder(surfaces.map((e) => ({ ...e, nodes: e.nodes.map(numberOf) }))))
  const flat = (corners: number): number[] => cells.filter((c) => c.nodes.length === corners).flatMap((c) => c.nodes)
  const blocks = blocksOf(flat(3), flat(4))
  const bare: Mesh = { points, blocks, cellGroups: groupsOf(cells, names, 2, (_, i) => [i]), facetGroups: new Map() }
  throwIf(shapeProblems(bare, cells, file))
  return { ...bare, facetGroups: readFacets(bare, raw, numberOf, names, file) }
}

const throwIf = (problems: readonly Problem[]): void => {
  if (problems.length > 0) throw new InvalidInput(problems)
}

const noCells = (raw: RawMesh): string =>
  `${raw.elements.length} lines and no cell (once a file has physical groups, Gmsh saves only their elements: give the surface one)`

const coordinateProblems = ({ tags, coordinates, nodeLines }: RawMesh, file: string): readonly Problem[] => {
  const problems: Problem[] = []
  for (let i = 0; i < tags.length; i++) {
    const xyz = coordinates.slice(3 * i, 3 * i + 3)
    if (xyz.every(Number.isFinite)) continue
    problems.push({
      path: `${file}:${nodeLines[i]}`,
      expected: 'finite coordinates',
      received: `node ${tags[i]} at ${xyz.join(' ')}`,
    })
  }
  return firstOf(problems)
}

/** z may differ from that of the first node by this share of the mesh's extent. */
const PLANE = 1e-9

const planeProblems = ({ tags, coordinates, nodeLines }: RawMesh, file: string): readonly Problem[] => {
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < coordinates.length; i++) {
    if (i % 3 === 2) continue
    low = Math.min(low, coordinates[i])
    high = Math.max(high, coordinates[i])
  }
  const problems: Problem[] = []
  for (let i = 0; i < tags.length; i++) {
    const z = coordinates[3 * i + 2]
    if (!(Math.abs(z - coordinates[2]) > PLANE * (high - low))) continue
    const received = `node ${tags[i]} at z = ${z} where the first node has z = ${coordinates[2]}`
    problems.push({ path: `${file}:${nodeLines[i]}`, expected: 'a plane mesh, z the same at all nodes', received })
  }
  return firstOf(problems)
}

const tagProblems = ({ tags, nodeLines, elements }: RawMesh, file: string): readonly Problem[] => {
  const known = new Set<number>()
  const repeated: Problem[] = []
  tags.forEach((tag, i) => {
    const path = `${file}:${nodeLines[i]}`
    if (known.has(tag)) repeated.push({ path, expected: 'node tags that occur once', received: `node ${tag} again` })
    known.add(tag)
  })
  const dangling = elements.flatMap(({ tag, line, nodes }) =>
    nodes
      .filter((node) => !known.has(node))
      .map((node) => ({
        path: `${file}:${line}`,
        expected: 'nodes that $Nodes lists',
        received: `element ${tag} with node ${node}`,
      })),
  )
  return [...firstOf(repeated), ...firstOf(dangling)]
}

/** Node numbers from 0, in file order, for the nodes that cells use. */
const numberNodes = (raw: RawMesh): { points: Float64Array; numberOf: (tag: number) => number } => {
  const used = new Set(raw.elements.filter(({ dim }) => dim === 2).flatMap(({ nodes }) => nodes))
  const numbers = new Map<number, number>()
  const points: number[] = []
  raw.tags.forEach((tag, i) => {
    if (!used.has(tag)) return
    numbers.set(tag, numbers.size)
    points.push(raw.coordinates[3 * i], raw.coordinates[3 * i + 1])
  })
  return { points: Float64Array.from(points), numberOf: (tag) => numbers.get(tag) ?? -1 }
}

/** Elements with the same nodes become one that is in the groups of all. */
const merged = (elements: readonly RawElement[]): readonly RawElement[] => {
  const byNodes = new Map<string, RawElement>()
  for (const element of elements) {
    const key = [...element.nodes].sort((a, b) => a - b).join()
    const first = byNodes.get(key)
    byNodes.set(key, first === undefined ? element : { ...first, groups: [...first.groups, ...element.groups] })
  }
  return [...byNodes.values()]
}

/** Triangles first: the order of the global cell numbers. */
const inBlockOrder = (cells: readonly RawElement[]): readonly RawElement[] => [
  ...cells.filter(({ nodes }) => nodes.length === 3),
  ...cells.filter(({ nodes }) => nodes.length === 4),
]

/** Turns all cells if most run clockwise. */
const turned = (points: Float64Array, cells: readonly RawElement[]): readonly RawElement[] => {
  const clockwise = cells.filter(({ nodes }) => signedArea(points, nodes) < 0).length
  if (2 * clockwise <= cells.length) return cells
  return cells.map((cell) => ({ ...cell, nodes: [cell.nodes[0], ...cell.nodes.slice(1).reverse()] }))
}

const shapeProblems = (mesh: Mesh, cells: readonly RawElement[], file: string): readonly Problem[] =>
  flawProblems(
    cellFlaws(mesh),
    (cell) => `${file}:${cells[cell].line}`,
    (cell) => `element ${cells[cell].tag} (nodes ${cells[cell].nodes.join(', ')} from 0)`,
  )

const KIND = { 1: 'curve', 2: 'surface' } as const

const groupsOf = (
  elements: readonly RawElement[],
  names: ReadonlyMap<string, string>,
  dim: 1 | 2,
  membersOf: (element: RawElement, index: number) => readonly number[],
): ReadonlyMap<string, Int32Array> => {
  const groups = new Map<string, number[]>()
  elements.forEach((element, index) => {
    for (const tag of new Set(element.groups)) {
      const name = names.get(`${dim}:${tag}`) ?? `${KIND[dim]}-${tag}`
      const members = groups.get(name) ?? []
      members.push(...membersOf(element, index))
      groups.set(name, members)
    }
  })
  return new Map([...groups].map(([name, m]) => [name, dim === 2 ? distinct(m) : Int32Array.from(m)]))
}

const readFacets = (
  mesh: Mesh,
  raw: RawMesh,
  numberOf: (tag: number) => number,
  names: ReadonlyMap<string, string>,
  file: string,
): ReadonlyMap<string, Int32Array> => {
  const facets = facetsOf(mesh)
  const grouped = merged(raw.elements.filter(({ dim, groups }) => dim === 1 && groups.length > 0))
  const lines = grouped.map((line) => ({ ...line, nodes: line.nodes.map(numberOf) }))
  const loose = lines.filter(({ nodes: [a, b] }) => a < 0 || b < 0 || facets.find(a, b) === undefined)
  throwIf(
    firstOf(
      loose.map(({ tag, line }) => ({
        path: `${file}:${line}`,
        expected: 'lines of a physical curve that are edges of cells',
        received: `line element ${tag} on no cell edge`,
      })),
    ),
  )
  const groups = groupsOf(lines, names, 1, ({ nodes }) => nodes)
  return new Map([...groups].map(([name, pairs]) => [name, orientFacets(facets, pairs)]))
}
