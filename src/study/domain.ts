import { cellGroup } from '../mesh/groups.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { cellCount } from '../mesh/mesh.ts'
import { type Restriction, restrict } from '../mesh/restrict.ts'
import { type ZoneSpec, zoneCells } from '../mesh/zone.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { type FullDomain, type FullDomainSpec, prepareFullDomain } from '../wave/full-domain.ts'
import type { Medium } from '../wave/medium.ts'
import type { Quantity } from '../wave/quantity.ts'
import { stableTimeStep, waveSystem } from '../wave/wave-system.ts'
import { splitForDefect } from './defect.ts'
import { type ModulusField, modulusField } from './modulus-field.ts'
import type { Study } from './schema.ts'

/**
 * A study's physics on its mesh: what every run of the full domain and of the zone is made from. Plain data but for `field`. The
 * full domain runs on `spec.mesh`: `mesh`, or with a defect its split form, which has the same cells and more nodes.
 */
export interface Domain {
  readonly mesh: Mesh
  readonly zone: Restriction
  readonly medium: Medium
  readonly field: ModulusField | null
  readonly spec: FullDomainSpec & { readonly time: RunTime }
}

/** Δt in s and the number of steps, a multiple of keepEvery. */
export interface RunTime {
  readonly step: number
  readonly steps: number
}

/** courant × the stable limit under the largest modulus that the field is expected to take, or the study's own step. */
const runTime = ({ time }: Study, limit: number): RunTime => {
  const { duration, keepEvery, courant } = time
  if (time.step !== undefined && time.step > limit)
    throw InvalidInput.of(
      'time.step',
      `at most ${limit.toPrecision(4)} s, the stable limit on this mesh`,
      `${time.step} s`,
    )
  const steps = Math.ceil(duration / ((time.step ?? courant * limit) * keepEvery)) * keepEvery
  return { step: time.step ?? duration / steps, steps }
}

/** Largest value over the cells' materials, by group with `default` for the rest. */
const perCell = (
  study: Study,
  mesh: Mesh,
  key: 'youngsModulus' | 'poissonRatio' | 'shearModulus' | 'density',
): Float64Array => {
  const values = new Float64Array(cellCount(mesh)).fill(study.materials['default']?.[key] ?? Number.NaN)
  for (const [group, material] of Object.entries(study.materials))
    if (group !== 'default')
      for (const cell of cellGroup(mesh, group, `materials.${group}`)) values[cell] = material[key]!
  const without = values.findIndex(Number.isNaN)
  if (without >= 0)
    throw InvalidInput.of(
      'materials',
      'a material for every cell (name a group for it, or `default`)',
      `none for cell ${without}`,
    )
  return values
}

const mediumOf = (study: Study, mesh: Mesh): Medium => {
  const density = perCell(study, mesh, 'density')
  if (study.domain.physics === 'scalar')
    return { physics: 'scalar', modulus: perCell(study, mesh, 'shearModulus'), density }
  return {
    physics: 'elastic',
    hypothesis: study.domain.physics,
    youngsModulus: perCell(study, mesh, 'youngsModulus'),
    poissonRatio: perCell(study, mesh, 'poissonRatio'),
    density,
  }
}

/**
 * Puts a study on its mesh.
 * @param known the step and steps, where they have been found before
 * @throws InvalidInput for groups the mesh does not have, a step over the stable limit, quantities outside the zone, …
 */
export const domainOf = (study: Study, mesh: Mesh, known?: RunTime): Domain => {
  const zone = restrict(mesh, zoneCells(mesh, study.zone as ZoneSpec))
  const medium = mediumOf(study, mesh)
  const { defect } = study.uncertainty
  const split = defect === undefined ? { mesh } : splitForDefect(defect, mesh, zone.cells)
  const wave = { ...split, medium, damping: study.damping, fixed: study.fixed }
  const field = study.uncertainty.modulusField ? modulusField(study.uncertainty.modulusField, mesh, zone.cells) : null
  const time = known ?? runTime(study, stableTimeStep(waveSystem({ ...wave, lanes: 1 }), field?.bound))
  const { kind, group, direction, footprint } = study.load
  const spec = {
    ...wave,
    load: { kind, group, direction, footprint },
    time,
    keepEvery: study.time.keepEvery,
    interfaceNodes: zone.interfaceNodes.map((local) => zone.nodes[local]),
    quantities: study.quantities as readonly Quantity[],
  }
  return { mesh, zone, medium, field, spec }
}

export const fullDomainOf = (domain: Domain, snapshotSteps?: readonly number[]): FullDomain =>
  prepareFullDomain({ ...domain.spec, ...(snapshotSteps ? { snapshotSteps } : {}) })

/** The zone's own medium. */
export const zoneMedium = ({ medium, zone }: Domain): Medium => {
  const part = (values: Float64Array): Float64Array => Float64Array.from(zone.cells, (cell) => values[cell])
  return medium.physics === 'scalar'
    ? { physics: 'scalar', modulus: part(medium.modulus), density: part(medium.density) }
    : {
        ...medium,
        youngsModulus: part(medium.youngsModulus),
        poissonRatio: part(medium.poissonRatio),
        density: part(medium.density),
      }
}
