import type { EdgePath } from '../fem/edge-load.ts'
import type { FunctionSpace } from '../fem/function-space.ts'
import { dofsOf } from '../fem/function-space.ts'
import { facetGroup } from '../mesh/groups.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { InvalidInput } from '../numeric/errors.ts'
import type { BatchLoad, EdgeLoad } from './edge-pulse.ts'
import { bump, laneSignals, loadDirection, loadedEdge, pulseSetter } from './edge-pulse.ts'
import type { Fixed, WaveSystem } from './wave-system.ts'

/** A motion prescribed on an edge, lane by lane. */
export interface BatchMotion extends BatchLoad {
  /** u [D·B] ← u(t_step) on the driven edge. Allocates nothing. */
  imposeInto(u: Float64Array, step: number): void
}

const facetKeys = (mesh: Mesh, group: string, path: string): string[] => {
  const pairs = facetGroup(mesh, group, path)
  return Array.from({ length: pairs.length / 2 }, (_, k) => {
    const [a, b] = [pairs[2 * k], pairs[2 * k + 1]]
    return a < b ? `${a}-${b}` : `${b}-${a}`
  })
}

/**
 * A facet is fixed or driven, not both. Edges that merely meet share a corner node: there `fixed` wins, component by
 * component, as a wall that a piston slides along.
 * @throws InvalidInput naming every fixed group that shares facets with the driven one
 */
export const checkNotFixed = (mesh: Mesh, { group }: EdgeLoad, fixed: readonly Fixed[]): void => {
  const driven = new Set(facetKeys(mesh, group, 'load.group'))
  const problems = fixed.flatMap((f, i) => {
    const shared = facetKeys(mesh, f.group, `fixed[${i}].group`).filter((key) => driven.has(key)).length
    const expected = `facets that the load does not move (load.kind is displacement, load.group '${group}')`
    return shared === 0
      ? []
      : [{ path: `fixed[${i}].group`, expected, received: `'${f.group}', which has ${shared} of them` }]
  })
  if (problems.length > 0) throw new InvalidInput(problems)
}

/** A bump between two nodes would move neither. */
const checkSeen = ({ start, end }: EdgePath, { group, footprint }: EdgeLoad): void => {
  if (footprint === null) return
  const longest = end.reduce((most, e, k) => Math.max(most, e - start[k]), 0)
  if (footprint > longest) return
  throw InvalidInput.of(
    'load.footprint',
    `a width > ${longest.toPrecision(4)} m, the longest facet of '${group}'`,
    footprint,
  )
}

/** Arc length of every node of the edge, m. */
const nodePlaces = ({ from, to, start, end }: EdgePath): ReadonlyMap<number, number> =>
  new Map([...Array.from(from, (n, k) => [n, start[k]] as const), ...Array.from(to, (n, k) => [n, end[k]] as const)])

/** Dofs that the load moves, and how much of it each takes for a bump centred at `position`. */
const spatial = (space: FunctionSpace, held: Int32Array, load: EdgeLoad) => {
  const { footprint } = load
  const edge = loadedEdge(space, load)
  checkSeen(edge, load)
  const direction = loadDirection(space, load)
  const places = nodePlaces(edge)
  const still = new Set(held)
  const moved = [...places].flatMap(([node, s]) =>
    [...dofsOf(space, [node])].map((dof, i) => ({ dof, s, share: direction[i] })).filter(({ dof }) => !still.has(dof)),
  )
  const weigh = (position: number): number[] =>
    moved.map(({ s, share }) => (footprint === null ? share : share * bump(s - position, footprint)))
  return { dofs: Int32Array.from(moved, ({ dof }) => dof), weigh }
}

/**
 * u(t) = A p(t) · profile(s) · direction at every node of the loaded edge, one pulse per lane: beyond the bump and before and
 * after the pulse the edge is held. All components of a driven node are prescribed, but for those that are fixed.
 * @throws InvalidInput for an unknown group, a zero direction, a bump that could fall between two nodes, or (with a
 * footprint) facets that form no open chain
 * @verifiedBy test/wave/edge-motion.test.ts
 */
export const prepareEdgeMotion = (
  { space, motion }: WaveSystem,
  load: EdgeLoad,
  dt: number,
  lanes: number,
): BatchMotion => {
  const { dofs, weigh } = spatial(space, motion.held, load)
  const weights = new Float64Array(dofs.length * lanes)
  const signals = laneSignals(dt, lanes)
  const displacement = new Float64Array(lanes)
  return {
    setPulses: pulseSetter(weights, signals, (lane, position) =>
      weigh(position).forEach((w, d) => {
        weights[d * lanes + lane] = w
      }),
    ),
    imposeInto: (u, step) => {
      signals.valuesInto(displacement, step)
      for (let d = 0; d < dofs.length; d++) {
        const at = dofs[d] * lanes
        for (let l = 0; l < lanes; l++) u[at + l] = weights[d * lanes + l] * displacement[l]
      }
    },
  }
}
