import { edgePath } from '../fem/edge-load.ts'
import { distinct } from '../mesh/cells.ts'
import { cellGroup, facetGroup } from '../mesh/groups.ts'
import { locatePoint } from '../mesh/locate.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { type ZoneSpec, zoneCells } from '../mesh/zone.ts'
import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { supportOf } from '../uq/marginal.ts'
import { prepareObserver } from '../wave/observer.ts'
import type { Quantity } from '../wave/quantity.ts'
import { stressCells } from '../wave/stress-gauge.ts'
import { fastestWave } from './arrival-window.ts'
import { type Domain, domainOf, fullDomainOf, zoneMedium } from './domain.ts'
import type { Study } from './schema.ts'
import { submodelOf } from './submodel-task.ts'

/** The problems that a check reports, none if it passes. */
const problemsOf = (check: () => unknown): readonly Problem[] => {
  try {
    check()
    return []
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems
    throw error
  }
}

const throwIf = (problems: readonly Problem[]): void => {
  if (problems.length > 0) throw new InvalidInput(problems)
}

const short = (x: number): number => Number(x.toPrecision(6))

/** The bump must touch the edge wherever the law puts it: a run without load has no arrival and no peak. */
const checkReach = ({ load }: Study, mesh: Mesh): void => {
  if (load.footprint === null) return void facetGroup(mesh, load.group, 'load.group')
  const { length } = edgePath(mesh, load.group, 'load.group')
  const [low, high] = supportOf(load.position)
  const reach = load.footprint / 2
  if (low > -reach && high < length + reach) return
  throw InvalidInput.of(
    'load.position',
    `positions between ${short(-reach)} and ${short(length + reach)} m, where the footprint touches the edge '${load.group}' (${short(length)} m long)`,
    `${load.position.law} from ${short(low)} to ${short(high)} m`,
  )
}

const groupChecks = (study: Study, mesh: Mesh): readonly (() => unknown)[] => [
  () => zoneCells(mesh, study.zone as ZoneSpec),
  ...Object.keys(study.materials)
    .filter((group) => group !== 'default')
    .map((group) => () => cellGroup(mesh, group, `materials.${group}`)),
  ...study.fixed.map(
    ({ group }, k) =>
      () =>
        facetGroup(mesh, group, `fixed[${k}].group`),
  ),
  () => checkReach(study, mesh),
]

const FEWEST_FRAMES = 4

const checkFrames = ({ spec }: Domain): void => {
  const { step, steps } = spec.time
  const frames = steps / spec.keepEvery + 1
  if (frames >= FEWEST_FRAMES) return
  const expected = `at most ${Math.floor(steps / (FEWEST_FRAMES - 1))}, so that a trace has ${FEWEST_FRAMES} frames for its spline`
  throw InvalidInput.of(
    'time.keepEvery',
    expected,
    `${spec.keepEvery} (${steps} steps of ${step.toPrecision(3)} s: ${frames} frames)`,
  )
}

/** Records have a place for every step; a thousandth of this is usual. */
const MOST_STEPS = 1_000_000

const checkSteps = ({ time }: Study, { spec }: Domain): void => {
  const { step, steps } = spec.time
  if (steps <= MOST_STEPS) return
  throw InvalidInput.of(
    'time.duration',
    `at most ${(MOST_STEPS * step).toPrecision(3)} s, ${MOST_STEPS} steps of ${step.toPrecision(3)} s`,
    `${time.duration} s`,
  )
}

/**
 * The wave of the latest pulse must reach the zone before the end, at the fastest that a wave can be: what a discrete scheme shows
 * ahead of its front is round-off, and would be taken for a law.
 */
const checkReached = ({ load, time }: Study, domain: Domain): void => {
  const { mesh, spec } = domain
  const latest =
    supportOf(load.arrival)[1] +
    distanceBetween(mesh, facetGroup(mesh, load.group), spec.interfaceNodes) / fastestWave(domain)
  if (latest < time.duration) return
  throw InvalidInput.of(
    'time.duration',
    `more than ${short(latest)} s, the earliest that the latest pulse can reach the zone`,
    `${time.duration} s`,
  )
}

/** Smallest distance between two sets of nodes, m. */
const distanceBetween = ({ points }: Mesh, a: Int32Array, b: Int32Array): number => {
  let least = Number.POSITIVE_INFINITY
  for (const i of a)
    for (const j of b)
      least = Math.min(least, Math.hypot(points[2 * i] - points[2 * j], points[2 * i + 1] - points[2 * j + 1]))
  return least
}

/** A quantity is measured by the submodel, so what it names must be in the zone. */
const quantityChecks = (domain: Domain): readonly (() => unknown)[] => {
  const { step, steps } = domain.spec.time
  const { space } = submodelOf({ ...domain, spec: { ...domain.spec, quantities: [] } }).system
  const medium = zoneMedium(domain)
  return domain.spec.quantities.map((quantity: Quantity, k) => () => {
    const problems = problemsOf(() => prepareObserver({ space, medium, quantities: [quantity], step, steps, lanes: 1 }))
    throwIf(problems.map((p) => inZone(p, k)))
    checkSameCells(domain, quantity, `quantities[${k}]`)
    checkFree(domain, quantity, `quantities[${k}]`)
  })
}

/**
 * Full domain and submodel must take a stress in the same cells: the submodel would leave out a group's cells beyond Γ, and at a
 * point on Γ it would take the other side.
 */
const checkSameCells = ({ mesh, zone }: Domain, quantity: Quantity, path: string): void => {
  if (quantity.kind !== 'peak-von-mises') return
  const { at } = quantity
  const full = distinct(stressCells(mesh, at, path))
  const own = new Set(stressCells(zone.mesh, at, path).map((cell) => zone.cells[cell]))
  const outside = full.filter((cell) => !own.has(cell)).length
  if (outside === 0) return
  if ('group' in at)
    throw InvalidInput.of(
      `${path}.at.group`,
      'a group whose cells all lie in the zone',
      `'${at.group}', ${outside} of whose ${full.length} cells lie outside`,
    )
  throw InvalidInput.of(
    `${path}.at.point`,
    "a point inside a cell of the zone, not on the zone's boundary",
    `(${at.point[0]}, ${at.point[1]})`,
  )
}

/** Weights below this are rounding: the point lies on the other nodes. */
const ON_NODE = 1e-9

/** A held point has no motion to measure: better said now than after the runs of a dataset. */
const checkFree = ({ zone, spec, medium }: Domain, quantity: Quantity, path: string): void => {
  if (quantity.kind === 'peak-von-mises') return
  const { at, component } = quantity
  const all = medium.physics === 'scalar' ? (['x'] as const) : (['x', 'y'] as const)
  const { nodes, weights } = locatePoint(zone.mesh, at.point, `${path}.at.point`)
  const held = (node: number, direction: 'x' | 'y'): boolean =>
    spec.fixed.some(
      ({ group, components = ['x', 'y'] }) =>
        components.includes(direction) &&
        zone.mesh.facetGroups.has(group) &&
        facetGroup(zone.mesh, group).includes(node),
    )
  const free = nodes.some((node, k) =>
    all.some(
      (direction) => [direction, 'magnitude'].includes(component) && weights[k] > ON_NODE && !held(node, direction),
    ),
  )
  if (!free)
    throw InvalidInput.of(`${path}.at.point`, 'a point that `fixed` does not hold', `(${at.point[0]}, ${at.point[1]})`)
}

const inZone = ({ path, expected, received }: Problem, k: number): Problem => ({
  path: path.replace('quantities[0]', `quantities[${k}]`),
  expected: expected.replace('the mesh', 'the zone').replace(/^a group.*/, '$& of the zone'),
  received,
})

/**
 * Everything that can be wrong with a study on its mesh, as far as it can be told without a run, all problems at once.
 * @returns the study on its mesh
 * @throws InvalidInput
 * @verifiedBy test/cli/bad-input.test.ts
 */
export const checkOnMesh = (study: Study, mesh: Mesh): Domain => {
  throwIf(groupChecks(study, mesh).flatMap(problemsOf))
  const domain = domainOf(study, mesh)
  checkFrames(domain)
  checkSteps(study, domain)
  checkReached(study, domain)
  throwIf(quantityChecks(domain).flatMap(problemsOf))
  fullDomainOf(domain)
  return domain
}
