import type { EdgePath } from '../fem/edge-load.ts'
import { edgeFacets, edgePath, edgeWeights } from '../fem/edge-load.ts'
import type { FunctionSpace } from '../fem/function-space.ts'
import { dofsOf } from '../fem/function-space.ts'
import type { Problem } from '../numeric/errors.ts'
import { InvalidInput } from '../numeric/errors.ts'

/** A traction on an edge, or its prescribed motion: p(t) · profile(s) · direction. */
export interface EdgeLoad {
  /** Default 'traction'; 'displacement' prescribes the motion of the edge, see edge-motion.ts. */
  readonly kind?: 'traction' | 'displacement' | undefined
  /** Facet group. */
  readonly group: string
  /** Direction of the load, normalised here; a scalar field has none and ignores it. */
  readonly direction: readonly [number, number]
  /** Width of the cos² bump along the edge, m; null for the same load all along. */
  readonly footprint: number | null
}

/** One sample of the load: θ. */
export interface Pulse {
  /** A, Pa; m of a prescribed motion */
  readonly amplitude: number
  /** t₀ ≥ 0, s */
  readonly arrival: number
  /** Centre of the bump: arc length from the edge's first end (smaller x, then smaller y), m. Ignored without footprint. */
  readonly position: number
  /** w, s */
  readonly width: number
}

/** p(t)/A = sin²(π (t − t₀)/w) on [t₀, t₀ + w], else 0: once continuously differentiable. */
export const pulseShape = (t: number, arrival: number, width: number): number => {
  const phase = (t - arrival) / width
  return phase > 0 && phase < 1 ? Math.sin(Math.PI * phase) ** 2 : 0
}

/** cos²(π s/d) for |s| < d/2, else 0. */
export const bump = (s: number, footprint: number): number =>
  Math.abs(s) < footprint / 2 ? Math.cos((Math.PI * s) / footprint) ** 2 : 0

export const checkPulses = (pulses: readonly Pulse[]): void => {
  const problems: Problem[] = []
  const check = (ok: boolean, path: string, expected: string, received: number): void => {
    if (!ok) problems.push({ path, expected, received: String(received) })
  }
  pulses.forEach(({ amplitude, arrival, position, width }, i) => {
    check(Number.isFinite(amplitude), `load[${i}].amplitude`, 'a finite amplitude', amplitude)
    check(
      arrival >= 0 && Number.isFinite(arrival),
      `load[${i}].arrival`,
      'an arrival ≥ 0 s (the run starts at rest)',
      arrival,
    )
    check(Number.isFinite(position), `load[${i}].position`, 'a finite arc length, m', position)
    check(width > 0 && Number.isFinite(width), `load[${i}].width`, 'a width > 0 s', width)
  })
  if (problems.length > 0) throw new InvalidInput(problems)
}

/** The load of a batch, lane by lane. */
export interface BatchLoad {
  /** Sets the samples; lanes from pulses.length on, and those not `active`, carry no load. */
  setPulses(pulses: readonly Pulse[], active: (lane: number) => boolean): void
}

/**
 * Sets every active lane's signal and nodal weights, all else zero.
 * @param weights [dofs·B], overwritten
 * @param fill writes one lane's weights for a bump at a position
 */
export const pulseSetter =
  (
    weights: Float64Array,
    signals: LaneSignals,
    fill: (lane: number, position: number) => void,
  ): BatchLoad['setPulses'] =>
  (pulses, active) => {
    weights.fill(0)
    signals.clear()
    pulses.forEach((pulse, lane) => {
      if (!active(lane)) return
      signals.set(lane, pulse)
      fill(lane, pulse.position)
    })
  }

export interface BatchTraction extends BatchLoad {
  /** force [D·B] −= F(t_step). Allocates nothing. */
  addInto(force: Float64Array, step: number): void
}

/** A p(t) of every lane; a lane without a pulse has zero. */
export interface LaneSignals {
  clear(): void
  set(lane: number, pulse: Pulse): void
  /** out [B] ← A p(t_step); whether any differs from zero. Allocates nothing. */
  valuesInto(out: Float64Array, step: number): boolean
}

export const laneSignals = (dt: number, lanes: number): LaneSignals => {
  const amplitude = new Float64Array(lanes)
  const arrival = new Float64Array(lanes)
  const width = new Float64Array(lanes).fill(1)
  return {
    clear: () => {
      amplitude.fill(0)
    },
    set: (lane, pulse) => {
      amplitude[lane] = pulse.amplitude
      arrival[lane] = pulse.arrival
      width[lane] = pulse.width
    },
    valuesInto: (out, step) => {
      let any = false
      for (let l = 0; l < lanes; l++) {
        out[l] = amplitude[l] * pulseShape(step * dt, arrival[l], width[l])
        any ||= out[l] !== 0
      }
      return any
    },
  }
}

/** Share of the load in each component of a node: a unit vector; 1 of a scalar field. */
export const loadDirection = ({ components }: FunctionSpace, { direction: [x, y] }: EdgeLoad): readonly number[] => {
  if (components === 1) return [1]
  const norm = Math.hypot(x, y)
  if (!(norm > 0 && Number.isFinite(norm)))
    throw InvalidInput.of('load.direction', 'a direction other than zero', `[${x}, ${y}]`)
  return [x / norm, y / norm]
}

/** The facets under the load: in order along the edge where a bump has a place on them. */
export const loadedEdge = ({ mesh }: FunctionSpace, { group, footprint }: EdgeLoad): EdgePath => {
  if (footprint === null) return edgeFacets(mesh, group, 'load.group')
  if (!(footprint > 0 && Number.isFinite(footprint)))
    throw InvalidInput.of('load.footprint', 'a width > 0 m, or null for a uniform load', footprint)
  return edgePath(mesh, group, 'load.group')
}

/** Dofs under the load, and a function that fills their nodal weights for a bump centred at `position`, [dofs·B] at a lane. */
const spatial = (space: FunctionSpace, load: EdgeLoad) => {
  const { footprint } = load
  const edge = loadedEdge(space, load)
  const directions = loadDirection(space, load)
  const nodes = [...new Set([...edge.from, ...edge.to])]
  const place = new Map(nodes.map((node, i) => [node, i * directions.length]))
  const fill = (weights: Float64Array, lane: number, lanes: number, position: number): void => {
    const profile = footprint === null ? () => 1 : (s: number) => bump(s - position, footprint)
    edgeWeights(edge, profile, (node, w) => {
      for (let i = 0; i < directions.length; i++) weights[(place.get(node)! + i) * lanes + lane] += w * directions[i]
    })
  }
  return { dofs: dofsOf(space, nodes), fill }
}

/**
 * Consistent nodal forces F(t) = A p(t) ∫ N profile(s) ds of one pulse per lane.
 * @throws InvalidInput for an unknown group, a zero direction, or (with a footprint) facets that form no open chain
 * @verifiedBy test/wave/edge-pulse.test.ts
 */
export const prepareEdgePulse = (space: FunctionSpace, load: EdgeLoad, dt: number, lanes: number): BatchTraction => {
  const { dofs, fill } = spatial(space, load)
  const weights = new Float64Array(dofs.length * lanes)
  const signals = laneSignals(dt, lanes)
  const pressure = new Float64Array(lanes)
  return {
    setPulses: pulseSetter(weights, signals, (lane, position) => fill(weights, lane, lanes, position)),
    addInto: (force, step) => {
      if (!signals.valuesInto(pressure, step)) return
      for (let d = 0; d < dofs.length; d++) {
        const at = dofs[d] * lanes
        for (let l = 0; l < lanes; l++) force[at + l] -= weights[d * lanes + l] * pressure[l]
      }
    },
  }
}
