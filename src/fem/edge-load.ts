import { facetGroup } from '../mesh/groups.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { InvalidInput } from '../numeric/errors.ts'

/** Facets along an edge, each from `from` to `to`, with arc lengths measured from the edge's first end, m. */
export interface EdgePath {
  readonly from: Int32Array
  readonly to: Int32Array
  readonly start: Float64Array
  readonly end: Float64Array
  readonly length: number
}

const distance = (points: Float64Array, a: number, b: number): number =>
  Math.hypot(points[2 * b] - points[2 * a], points[2 * b + 1] - points[2 * a + 1])

const neighboursOf = (pairs: Int32Array): Map<number, number[]> => {
  const near = new Map<number, number[]>()
  for (let i = 0; i < pairs.length; i += 2) {
    for (const [a, b] of [
      [pairs[i], pairs[i + 1]],
      [pairs[i + 1], pairs[i]],
    ]) {
      near.set(a, [...(near.get(a) ?? []), b])
    }
  }
  return near
}

/** The end with the smaller x (then y) of a chain of facets; undefined if the facets are no single open chain. */
const walk = (near: ReadonlyMap<number, number[]>, points: Float64Array): number[] | undefined => {
  const ends = [...near.keys()].filter((n) => near.get(n)!.length === 1)
  if (ends.length !== 2) return undefined
  ends.sort((a, b) => points[2 * a] - points[2 * b] || points[2 * a + 1] - points[2 * b + 1])
  const chain = [ends[0]]
  for (let before = -1, here = ends[0]; here !== ends[1]; ) {
    const next = near.get(here)!.find((n) => n !== before)
    if (next === undefined) return undefined
    before = here
    here = next
    chain.push(here)
  }
  return chain.length === near.size ? chain : undefined
}

/**
 * Orders a facet group along the edge from its first end: the one with the smaller x, then y.
 * @throws InvalidInput for an unknown group, or facets that are not one open chain
 */
export const edgePath = (mesh: Mesh, group: string, path: string): EdgePath => {
  const chain = walk(neighboursOf(facetGroup(mesh, group, path)), mesh.points)
  if (chain === undefined) throw InvalidInput.of(path, 'facets that form one open chain', `'${group}', which does not`)
  const n = chain.length - 1
  const start = new Float64Array(n)
  const end = new Float64Array(n)
  let s = 0
  for (let k = 0; k < n; k++) {
    const [a, b] = [chain[k], chain[k + 1]]
    start[k] = s
    s += distance(mesh.points, a, b)
    end[k] = s
  }
  return { from: Int32Array.from(chain.slice(0, n)), to: Int32Array.from(chain.slice(1)), start, end, length: s }
}

/** The facets of a group in any order, each with an arc length of its own from 0: all that a uniform load needs. */
export const edgeFacets = (mesh: Mesh, group: string, path: string): EdgePath => {
  const pairs = facetGroup(mesh, group, path)
  const from = pairs.filter((_, i) => i % 2 === 0)
  const to = pairs.filter((_, i) => i % 2 === 1)
  const end = Float64Array.from(from, (a, k) => distance(mesh.points, a, to[k]))
  return { from, to, start: new Float64Array(end.length), end, length: end.reduce((sum, l) => sum + l, 0) }
}

const R = Math.sqrt(3 / 5)
/** Three Gauss points on [0, 1]. */
const EDGE_QUADRATURE = [
  { at: (1 - R) / 2, weight: 5 / 18 },
  { at: 1 / 2, weight: 8 / 18 },
  { at: (1 + R) / 2, weight: 5 / 18 },
] as const

/**
 * Consistent nodal weights of a traction profile: w_n = ∫ N_n p(s) ds, visited facet by facet (a node is met twice).
 * @param profile p at arc length s, 1
 * @param add receives node and contribution, m
 */
export const edgeWeights = (
  edge: EdgePath,
  profile: (s: number) => number,
  add: (node: number, weight: number) => void,
): void => {
  for (let k = 0; k < edge.from.length; k++) {
    const length = edge.end[k] - edge.start[k]
    let atFrom = 0
    let atTo = 0
    for (const { at, weight } of EDGE_QUADRATURE) {
      const p = profile(edge.start[k] + at * length) * weight * length
      atFrom += (1 - at) * p
      atTo += at * p
    }
    add(edge.from[k], atFrom)
    add(edge.to[k], atTo)
  }
}
