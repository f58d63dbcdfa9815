import type { Problem } from '../numeric/errors.ts'

/** What an .msh file says, whatever its version: tags are the file's own, not yet node or cell numbers. */
export interface RawMesh {
  readonly tags: readonly number[]
  /** [3·N] x, y, z. */
  readonly coordinates: readonly number[]
  /** Line of each node's coordinates. */
  readonly nodeLines: readonly number[]
  /** Lines (dim 1), triangles and quadrilaterals (dim 2). */
  readonly elements: readonly RawElement[]
  /** Element types that have no place here, with where they were met first. */
  readonly foreign: ReadonlyMap<number, ForeignType>
}

export interface RawElement {
  readonly tag: number
  readonly line: number
  readonly dim: 1 | 2
  /** Physical tags of its dimension. */
  readonly groups: readonly number[]
  readonly nodes: readonly number[]
}

interface ForeignType {
  readonly line: number
  count: number
}

/** Element types read: Gmsh number → dimension and nodes. */
const KNOWN: ReadonlyMap<number, { readonly dim: 1 | 2; readonly nodes: number }> = new Map([
  [1, { dim: 1, nodes: 2 }],
  [2, { dim: 2, nodes: 3 }],
  [3, { dim: 2, nodes: 4 }],
])
const POINT = 15

const HIGHER_ORDER: ReadonlyMap<number, string> = new Map([
  [8, '3-node line'],
  [26, '4-node line'],
  [9, '6-node triangle'],
  [20, '9-node triangle'],
  [21, '10-node triangle'],
  [10, '9-node quadrilateral'],
  [16, '8-node quadrilateral'],
])
const SOLID: ReadonlyMap<number, string> = new Map([
  [4, 'tetrahedron'],
  [5, 'hexahedron'],
  [6, 'prism'],
  [7, 'pyramid'],
])

/** Collects elements by type: keeps lines and cells, passes over points, counts all others. */
export const elementSink = (): {
  readonly elements: RawElement[]
  readonly foreign: Map<number, ForeignType>
  /** Nodes that an element of the type has here, 0 for one that is not read. */
  readonly nodesOf: (type: number) => number
  readonly add: (type: number, line: number, tag: number, groups: readonly number[], nodes: readonly number[]) => void
} => {
  const elements: RawElement[] = []
  const foreign = new Map<number, ForeignType>()
  const add = (type: number, line: number, tag: number, groups: readonly number[], nodes: readonly number[]): void => {
    const known = KNOWN.get(type)
    if (known !== undefined) elements.push({ tag, line, dim: known.dim, groups, nodes })
    else if (type !== POINT) {
      const seen = foreign.get(type)
      if (seen === undefined) foreign.set(type, { line, count: 1 })
      else seen.count++
    }
  }
  return { elements, foreign, nodesOf: (type) => KNOWN.get(type)?.nodes ?? 0, add }
}

/** One problem per element type that is not read, saying how to export a mesh that is. */
export const foreignProblems = ({ foreign }: RawMesh, file: string): readonly Problem[] =>
  [...foreign].map(([type, { line, count }]) => ({
    path: `${file}:${line}`,
    expected: 'first-order lines, triangles and quadrilaterals',
    received: `${count} x ${describe(type)}`,
  }))

const describe = (type: number): string => {
  const order = HIGHER_ORDER.get(type)
  if (order !== undefined) return `${order} (type ${type}); export with Mesh.ElementOrder = 1 (gmsh -order 1)`
  const solid = SOLID.get(type)
  if (solid !== undefined) return `${solid} (type ${type}); export a plane mesh with gmsh -2`
  return `element of type ${type}; export with gmsh -2 -order 1`
}
