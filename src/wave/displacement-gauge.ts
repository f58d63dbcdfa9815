import type { FunctionSpace } from '../fem/function-space.ts'
import type { Location } from '../mesh/locate.ts'
import type { Gauge, ObserverSpec } from './observer.ts'

type Component = 'x' | 'y' | 'magnitude'

/** Evaluates |u_i| (or |u|) at a point for every lane into out [B] (from `at` on). */
type Probe = (out: Float64Array, at: number, u: Float64Array) => void

const probe = (space: FunctionSpace, { nodes, weights }: Location, component: Component, lanes: number): Probe => {
  const offsets = nodes.map((n) => (space.firstDof[n] + (component === 'y' ? 1 : 0)) * lanes)
  const both = component === 'magnitude' && space.components === 2
  return (out, at, u) => {
    for (let l = 0; l < lanes; l++) {
      let x = 0
      let y = 0
      for (let a = 0; a < offsets.length; a++) {
        x += weights[a] * u[offsets[a] + l]
        if (both) y += weights[a] * u[offsets[a] + lanes + l]
      }
      out[at + l] = both ? Math.sqrt(x * x + y * y) : Math.abs(x)
    }
  }
}

/** max over t of |u| at a point, m; the field between nodes by the cell's shape functions. */
export const peakGauge = ({ space, lanes }: ObserverSpec, location: Location, component: Component): Gauge => {
  const read = probe(space, location, component, lanes)
  const now = new Float64Array(lanes)
  const peak = new Float64Array(lanes)
  return {
    reset: () => void peak.fill(0),
    observe: (u) => {
      read(now, 0, u)
      for (let l = 0; l < lanes; l++) if (!(now[l] <= peak[l])) peak[l] = now[l]
    },
    value: (lane) => peak[lane],
  }
}

/**
 * First time at which |u| reaches `fraction` of its own peak, s, linear between steps; NaN where nothing ever moved.
 * @param history [steps+1, B] |u| at every step
 */
export const firstReach = (
  history: Float64Array,
  lane: number,
  lanes: number,
  fraction: number,
  dt: number,
): number => {
  let peak = 0
  for (let k = lane; k < history.length; k += lanes) if (!(history[k] <= peak)) peak = history[k]
  const level = fraction * peak
  if (!(peak > 0)) return Number.NaN
  for (let k = lane; k < history.length; k += lanes) {
    if (history[k] < level) continue
    const step = (k - lane) / lanes
    if (step === 0) return 0
    const before = history[k - lanes]
    return (step - 1 + (level - before) / (history[k] - before)) * dt
  }
  return Number.NaN
}

/** Arrival time at a point, s: see {@link firstReach}. Keeps that probe's history. */
export const arrivalGauge = (
  { space, lanes, step: dt, steps }: ObserverSpec,
  location: Location,
  component: Component,
  fraction: number,
): Gauge => {
  const read = probe(space, location, component, lanes)
  const history = new Float64Array((steps + 1) * lanes)
  return {
    reset: () => void history.fill(0),
    observe: (u, step) => read(history, step * lanes, u),
    value: (lane) => firstReach(history, lane, lanes, fraction, dt),
  }
}
