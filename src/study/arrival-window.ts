import { type EdgePath, edgeFacets, edgePath } from '../fem/edge-load.ts'
import { cellCount, type Mesh } from '../mesh/mesh.ts'
import { supportOf } from '../uq/marginal.ts'
import { waveSpeeds } from '../wave/medium.ts'
import type { Domain } from './domain.ts'
import type { Study } from './schema.ts'

/**
 * The fastest that any wave can be, m/s: the largest speed of the materials present, under the largest modulus that the random
 * field is made to bear.
 */
export const fastestWave = ({ mesh, medium, field }: Domain): number => {
  let fastest = 0
  for (let cell = 0; cell < cellCount(mesh); cell++)
    fastest = Math.max(fastest, waveSpeeds(medium, cell)[0] * Math.sqrt(field?.bound[cell] ?? 1))
  return fastest
}

/** Laws without ends: any position may come. */
const UNBOUNDED: ReadonlySet<string> = new Set(['normal', 'log-normal'])

/** The facets that the load may touch, wherever its law puts it. */
const loadedFacets = ({ load }: Study, mesh: Mesh): { readonly path: EdgePath; readonly touched: number[] } => {
  const { group, footprint, position } = load
  const path = footprint === null ? edgeFacets(mesh, group, 'load.group') : edgePath(mesh, group, 'load.group')
  const all = [...path.from.keys()]
  if (footprint === null || UNBOUNDED.has(position.law)) return { path, touched: all }
  const [low, high] = supportOf(position)
  const touched = all.filter((k) => path.end[k] >= low - footprint / 2 && path.start[k] <= high + footprint / 2)
  return { path, touched }
}

/** Distance from (x, y) to the segment between two nodes, m. */
const distanceToFacet = ({ points }: Mesh, x: number, y: number, a: number, b: number): number => {
  const [ax, ay] = [points[2 * a], points[2 * a + 1]]
  const [dx, dy] = [points[2 * b] - ax, points[2 * b + 1] - ay]
  const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)
  const s = Math.min(1, Math.max(0, along))
  return Math.hypot(x - ax - s * dx, y - ay - s * dy)
}

/**
 * The earliest that the wave of a canonical run (its pulse starts at 0) can be at each point of Γ: the straight distance to where
 * the load may act, over the fastest wave. Holes, cracks and slower materials only delay it.
 * @returns [P] frames, not whole
 * @verifiedBy test/study/arrival-window.test.ts
 */
export const earliestArrivals = (study: Study, domain: Domain): Float64Array => {
  const { mesh, spec } = domain
  const { path, touched } = loadedFacets(study, mesh)
  const perFrame = fastestWave(domain) * spec.time.step * spec.keepEvery
  return Float64Array.from(spec.interfaceNodes, (node) => {
    const [x, y] = [mesh.points[2 * node], mesh.points[2 * node + 1]]
    const least = touched.reduce(
      (d, k) => Math.min(d, distanceToFacet(mesh, x, y, path.from[k], path.to[k])),
      Number.POSITIVE_INFINITY,
    )
    return least / perFrame
  })
}
