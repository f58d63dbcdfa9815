import type { TraceModel } from '../generative/trace-model.ts'
import { cellNodes } from '../mesh/cells.ts'
import { cellCount } from '../mesh/mesh.ts'
import type { Geometry, ReportData, TraceFan } from '../report/report-data.ts'
import { historiesOf, prepareDecoder } from '../trace/decoder.ts'
import type { Reduction } from '../trace/reduction.ts'
import type { TraceGrid } from '../trace/trace.ts'
import { runFullDomain } from '../wave/full-domain.ts'
import { type Domain, fullDomainOf } from './domain.ts'
import { hiddenOf, pulseOf } from './full-domain-task.ts'
import type { Job } from './job.ts'
import { loadSampler } from './law.ts'
import { sampleModel } from './sampling.ts'
import type { Study } from './schema.ts'
import type { TraceSource } from './trace-source.ts'

/** Where in the run the wave is shown. */
const SNAPSHOTS = [0.3, 0.45, 0.6]
/** Histories per fan. */
const HISTORIES = 48

/** The first held-out run, seen whole: its modulus and a few states of its wave. */
export const pictureRun = (job: Job): { geometry: Geometry; snapshots: ReportData['snapshots'] } => {
  const { study, domain } = job
  const { steps, step } = domain.spec.time
  const at = SNAPSHOTS.map((share) => Math.round(share * steps))
  const full = fullDomainOf(domain, at)
  const hidden = hiddenOf({ study, domain, full }, 'test', 0, 1)
  const load = [pulseOf(study, 'test', loadSampler(study, 'test')(0))]
  const { snapshots } = runFullDomain(full, { count: 1, load, ...hidden })
  const components = domain.medium.physics === 'scalar' ? 1 : 2
  const nodes = domain.spec.mesh.points.length / 2
  const nodal = (k: number): Float64Array =>
    Float64Array.from({ length: nodes }, (_, n) => {
      const from = (k * nodes + n) * components
      return components === 1 ? snapshots![from] : Math.hypot(snapshots![from], snapshots![from + 1])
    })
  return {
    geometry: geometryOf(study, domain, hidden.modulusFactor, full.lanes),
    snapshots: at.map((n, k) => ({ time: n * step, nodal: nodal(k) })),
  }
}

const geometryOf = (study: Study, domain: Domain, factors: Float64Array | null, lanes: number): Geometry => {
  const { zone, medium, spec } = domain
  const { mesh } = spec
  const modulus = medium.physics === 'scalar' ? medium.modulus : medium.youngsModulus
  const measured = study.quantities.flatMap(({ at }) =>
    'group' in at && mesh.facetGroups.has(at.group) ? [at.group] : [],
  )
  const { defect } = study.uncertainty
  const lines = defect === undefined ? [] : [defect.along]
  const groups = [study.load.group, ...study.fixed.map((f) => f.group), ...lines, ...measured]
  return {
    points: mesh.points,
    cells: Array.from({ length: cellCount(mesh) }, (_, cell) => cellNodes(mesh, cell)),
    zoneCells: zone.cells,
    interfaceNodes: spec.interfaceNodes,
    facets: [...new Set(groups)].map((name) => ({ name, pairs: mesh.facetGroups.get(name)! })),
    probes: study.quantities.flatMap(({ name, at }) => ('point' in at ? [{ name, point: at.point }] : [])),
    modulus: factors === null ? modulus : modulus.map((e, cell) => e * factors[cell * lanes]),
    modulusName: medium.physics === 'scalar' ? 'Shear modulus' : "Young's modulus",
    modulusIsRandom: factors !== null,
  }
}

/** The interface node that lies farthest in a direction, nearest to the middle of that side. */
const extremeNode = ({ points }: TraceGrid, direction: readonly [number, number]): number => {
  const count = points.length / 2
  const centre = [0, 1].map((c) => {
    const values = Array.from({ length: count }, (_, p) => points[2 * p + c])
    return (Math.min(...values) + Math.max(...values)) / 2
  })
  const score = (p: number): number => {
    const [x, y] = [points[2 * p] - centre[0], points[2 * p + 1] - centre[1]]
    return x * direction[0] + y * direction[1] - 0.5 * Math.abs(x * direction[1] - y * direction[0])
  }
  return Array.from({ length: count }, (_, p) => p).reduce((a, b) => (score(b) > score(a) ? b : a))
}

const WATCHED = [
  { direction: [-1, 0], side: 'left' },
  { direction: [0, 1], side: 'upper' },
  { direction: [1, 0], side: 'right' },
] as const

/** Histories of one column of values [count, frames, width]. */
const columnOf = (values: ArrayLike<number>, frames: number, width: number, column: number): Float64Array[] =>
  Array.from({ length: values.length / (frames * width) }, (_, n) =>
    Float64Array.from({ length: frames }, (_, t) => values[(n * frames + t) * width + column]),
  )

/** Canonical histories (reference amplitude, arrival 0) of a few interface nodes: validation runs beside each model's. */
export const traceFans = async (
  study: Study,
  reduction: Reduction,
  models: readonly TraceModel[],
  validation: TraceSource,
): Promise<TraceFan[]> => {
  const { grid } = reduction
  const { frames } = grid
  const count = Math.min(HISTORIES, validation.count)
  const nodes = WATCHED.map(({ direction }) => extremeNode(grid, direction))
  const dofs = nodes.map((node) => node * grid.components)
  const decoder = prepareDecoder(reduction, { lanes: count, entries: historiesOf(grid, dofs) })
  const generated: { model: string; values: Float64Array }[] = []
  for (const model of models) {
    const values = new Float64Array(count * decoder.size)
    decoder.decodeInto(values, await sampleModel(study, model, { start: 0, count }), count, model.modes)
    generated.push({ model: model.name, values })
  }
  const real = await validation.read({ start: 0, count })
  const width = (grid.points.length / 2) * grid.components
  return WATCHED.map(({ side }, k) => {
    const node = nodes[k]
    return {
      label: `${grid.components === 2 ? 'displacement in x' : 'displacement'}, ${side} side of the zone at (${grid.points[2 * node].toFixed(3)}, ${grid.points[2 * node + 1].toFixed(3)}) m`,
      unit: 'm',
      times: Float64Array.from({ length: frames }, (_, t) => t * grid.frameStep),
      real: columnOf(real, frames, width, dofs[k]),
      generated: generated.map(({ model, values }) => ({ model, histories: columnOf(values, frames, dofs.length, k) })),
    }
  })
}
