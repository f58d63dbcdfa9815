import type { EdgePath } from '../fem/edge-load.ts'
import { edgePath } from '../fem/edge-load.ts'
import { dofsOf } from '../fem/function-space.ts'
import { facetGroupNodes } from '../mesh/groups.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { chainNodes, splitAlong } from '../mesh/split.ts'
import type { Problem } from '../numeric/errors.ts'
import { InvalidInput } from '../numeric/errors.ts'
import type { Ties } from '../time/ties.ts'
import { preparedTies } from '../time/ties.ts'
import type { WaveSystem } from './wave-system.ts'

/** An open crack on a line: the facets whose middle lies within length/2 of the centre, both m along the line. */
export interface Crack {
  readonly centre: number
  readonly length: number
}

/** A line along which a mesh was split, as plain data. Arc lengths are measured from its end with the smaller x (then y), m. */
export interface CrackLine {
  /** [F + 1] the nodes along the line, as numbered before the split. */
  readonly nodes: Int32Array
  /** [F + 1] their copies on the line's left side, −1 for an end that is not split. */
  readonly copies: Int32Array
  /** [F] middle of each facet. */
  readonly middles: Float64Array
  readonly longestFacet: number
  readonly length: number
}

const lineOf = (edge: EdgePath, copies: Int32Array): CrackLine => ({
  nodes: chainNodes(edge),
  copies,
  middles: edge.start.map((s, k) => (s + edge.end[k]) / 2),
  longestFacet: edge.end.reduce((most, e, k) => Math.max(most, e - edge.start[k]), 0),
  length: edge.length,
})

/**
 * Splits a mesh along a named group of inner facets, for cracks to open there.
 * @throws InvalidInput for an unknown group, facets that form no open chain or lie on the outer boundary
 * @verifiedBy test/wave/crack.test.ts
 */
export const splitForCracks = (
  mesh: Mesh,
  group: string,
  path: string,
): { readonly mesh: Mesh; readonly line: CrackLine } => {
  const edge = edgePath(mesh, group, path)
  const { mesh: split, copies } = splitAlong(mesh, edge, path)
  return { mesh: split, line: lineOf(edge, copies) }
}

/** Which facets of a line a crack opens, [F]. */
export const openFacets = ({ middles }: CrackLine, { centre, length }: Crack): readonly boolean[] =>
  Array.from(middles, (s) => Math.abs(s - centre) <= length / 2)

/**
 * Forces and motions are given on the outer boundary, and a node of a pair can have only one of them.
 * @throws InvalidInput naming every group that shares a node with the line
 */
export const checkClear = (
  { nodes, copies }: CrackLine,
  mesh: Mesh,
  groups: readonly { readonly path: string; readonly group: string }[],
): void => {
  const own = new Set([...nodes, ...copies])
  const problems = groups.flatMap(({ path, group }): Problem[] => {
    const shared = facetGroupNodes(mesh, group, path).filter((n) => own.has(n)).length
    const expected = 'facets that the line of the crack does not reach'
    return shared === 0 ? [] : [{ path, expected, received: `'${group}', which shares ${shared} nodes with it` }]
  })
  if (problems.length > 0) throw new InvalidInput(problems)
}

/** Cracks of a batch, lane by lane. */
export interface BatchCracks {
  readonly ties: Ties
  /** A crack per lane; null, and every lane beyond: none. */
  setCracks(cracks: readonly (Crack | null)[]): void
}

const checkCracks = (cracks: readonly (Crack | null)[]): void => {
  const problems = cracks.flatMap((crack, i): Problem[] =>
    crack === null || (Number.isFinite(crack.centre) && crack.length > 0 && crack.length < Infinity)
      ? []
      : [{ path: `cracks[${i}]`, expected: 'a centre and a length > 0, in m', received: JSON.stringify(crack) }],
  )
  if (problems.length > 0) throw new InvalidInput(problems)
}

/**
 * Open facets of the line are two free surfaces (no traction, no contact); along all others the two sides move as one. A pair
 * of nodes is free where all facets of the line that meet there are open, so that a crack's tips are ends of facets.
 * @verifiedBy test/wave/crack.test.ts, test/verification/crack.test.ts
 */
export const prepareCracks = ({ space, motion }: WaveSystem, line: CrackLine): BatchCracks => {
  const { lanes, mass } = motion
  const c = space.components
  const split = Array.from(line.copies.keys()).filter((k) => line.copies[k] >= 0)
  const dofs = (nodes: Int32Array): Int32Array =>
    dofsOf(
      space,
      split.map((k) => nodes[k]),
    )
  const ties = preparedTies(dofs(line.nodes), dofs(line.copies), mass, lanes)
  const tied = new Uint8Array(ties.pairs * lanes)
  return {
    ties,
    setCracks: (cracks) => {
      checkCracks(cracks)
      tied.fill(1)
      cracks.forEach((crack, lane) => {
        if (crack === null) return
        const open = openFacets(line, crack)
        split.forEach((k, p) => {
          const free = (open[k - 1] ?? true) && (open[k] ?? true)
          if (free) for (let i = 0; i < c; i++) tied[(p * c + i) * lanes + lane] = 0
        })
      })
      ties.setTied(tied)
    },
  }
}
