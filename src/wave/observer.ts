import type { FunctionSpace } from '../fem/function-space.ts'
import { locatePoint } from '../mesh/locate.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { arrivalGauge, peakGauge } from './displacement-gauge.ts'
import type { Medium } from './medium.ts'
import type { Quantity } from './quantity.ts'
import { vonMisesGauge } from './stress-gauge.ts'

/** Measures one quantity during a run, for all lanes. */
export interface Gauge {
  /** Forgets the last batch. @param factor modulus factor [cells·B], null for 1 */
  reset(factor: Float64Array | null): void
  /** Sees the state [D·B] at a step. Allocates nothing. */
  observe(u: Float64Array, step: number): void
  /** The quantity of a lane after the run. */
  value(lane: number): number
}

export interface ObserverSpec {
  readonly space: FunctionSpace
  readonly medium: Medium
  readonly quantities: readonly Quantity[]
  readonly step: number
  readonly steps: number
  readonly lanes: number
}

/** All quantities of a run: the same code in the full domain and in the submodel. */
export interface Observer {
  reset(factor: Float64Array | null): void
  observe(u: Float64Array, step: number): void
  /** out [count·q] */
  resultsInto(out: Float64Array, count: number): void
}

const checkComponent = (space: FunctionSpace, component: 'x' | 'y' | 'magnitude', path: string): void => {
  if (space.components === 1 && component !== 'magnitude') {
    throw InvalidInput.of(`${path}.component`, "'magnitude' (a scalar field has no components)", `'${component}'`)
  }
}

const gaugeOf = (spec: ObserverSpec, quantity: Quantity, path: string): Gauge => {
  if (quantity.kind === 'peak-von-mises') return vonMisesGauge(spec, quantity.at, path)
  checkComponent(spec.space, quantity.component, path)
  const location = locatePoint(spec.space.mesh, quantity.at.point, `${path}.at.point`)
  if (quantity.kind === 'peak-displacement') return peakGauge(spec, location, quantity.component)
  const { fraction } = quantity
  if (!(fraction > 0 && fraction <= 1)) throw InvalidInput.of(`${path}.fraction`, 'a share in (0, 1]', fraction)
  return arrivalGauge(spec, location, quantity.component, fraction)
}

/**
 * @throws InvalidInput for a point outside the mesh, an unknown group, a quantity the physics has not, a name used twice
 * @verifiedBy test/wave/observer.test.ts
 */
export const prepareObserver = (spec: ObserverSpec): Observer => {
  const names = spec.quantities.map(({ name }) => name)
  const twice = names.findIndex((name, i) => names.indexOf(name) < i)
  if (twice >= 0) throw InvalidInput.of(`quantities[${twice}].name`, 'a name of its own', `'${names[twice]}' again`)
  const gauges = spec.quantities.map((quantity, i) => gaugeOf(spec, quantity, `quantities[${i}]`))
  return {
    reset: (factor) => {
      for (const gauge of gauges) gauge.reset(factor)
    },
    observe: (u, step) => {
      for (let q = 0; q < gauges.length; q++) gauges[q].observe(u, step)
    },
    resultsInto: (out, count) => {
      for (let l = 0; l < count; l++)
        for (let q = 0; q < gauges.length; q++) out[l * gauges.length + q] = gauges[q].value(l)
    },
  }
}
