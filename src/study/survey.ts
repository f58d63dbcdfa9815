import { boundingBox } from '../mesh/geometry.ts'
import { type Mesh, nodeCount, nodesPerCell } from '../mesh/mesh.ts'
import { cellFlaws, cellHeights } from '../mesh/quality.ts'
import { traceSize } from '../trace/trace.ts'
import { stableTimeStep, waveSystem } from '../wave/wave-system.ts'
import type { Domain } from './domain.ts'
import type { Study } from './schema.ts'
import { traceGridOf } from './submodel-task.ts'

/** What a mesh holds. */
export interface MeshSurvey {
  readonly nodes: number
  /** Number of cells by type. */
  readonly cells: Readonly<Record<string, number>>
  /** Cells by group. */
  readonly cellGroups: Readonly<Record<string, number>>
  /** Facets by group. */
  readonly facetGroups: Readonly<Record<string, number>>
  /** [x0, y0, x1, y1] m */
  readonly boundingBox: readonly number[]
  /** The cells that limit the time step, smallest height first. */
  readonly worst: readonly WorstCell[]
  /** Median of the cells' heights, m */
  readonly medianHeight: number
  /** Cells that cannot carry shape functions: none in a file that was read. */
  readonly flaws: number
}

export interface WorstCell {
  readonly cell: number
  /** Shortest height, m */
  readonly height: number
  /** Centroid, m */
  readonly at: readonly [number, number]
}

const WORST = 5

const sizes = (groups: ReadonlyMap<string, Int32Array>, perMember: number): Record<string, number> =>
  Object.fromEntries([...groups].map(([name, members]) => [name, members.length / perMember]))

const centroidOf = (mesh: Mesh, cell: number): readonly [number, number] => {
  const block = mesh.blocks.findLast((b) => b.offset <= cell)!
  const n = nodesPerCell(block.type)
  const nodes = block.connectivity.subarray((cell - block.offset) * n, (cell - block.offset + 1) * n)
  const mean = (axis: 0 | 1): number => nodes.reduce((sum, node) => sum + mesh.points[2 * node + axis], 0) / n
  return [mean(0), mean(1)]
}

/** @verifiedBy test/cli/inspect.test.ts */
export const surveyMesh = (mesh: Mesh): MeshSurvey => {
  const heights = cellHeights(mesh)
  const order = [...heights.keys()].sort((a, b) => heights[a] - heights[b])
  return {
    nodes: nodeCount(mesh),
    cells: Object.fromEntries(
      mesh.blocks.map(({ type, connectivity }) => [type, connectivity.length / nodesPerCell(type)]),
    ),
    cellGroups: sizes(mesh.cellGroups, 1),
    facetGroups: sizes(mesh.facetGroups, 2),
    boundingBox: [...boundingBox(mesh)],
    worst: order.slice(0, WORST).map((cell) => ({ cell, height: heights[cell], at: centroidOf(mesh, cell) })),
    medianHeight: heights[order[order.length >> 1]],
    flaws: cellFlaws(mesh).length,
  }
}

/** What a study amounts to on its mesh. */
export interface StudySurvey {
  readonly title: string
  readonly physics: string
  readonly mesh: MeshSurvey
  readonly zone: { readonly cells: number; readonly nodes: number; readonly interfaceNodes: number }
  readonly time: {
    /** Stable limit of the mean material, s */
    readonly stableStep: number
    /** Stable limit under the largest modulus that the random field is expected to take, s */
    readonly stableStepOfField: number
    readonly step: number
    readonly steps: number
    /** Kept frames of a trace. */
    readonly frames: number
    /** s between them */
    readonly frameStep: number
  }
  /** Numbers in a trace, and its bytes on disk. */
  readonly trace: { readonly values: number; readonly bytes: number }
  /** Terms of the Karhunen-Loève expansion; null for a deterministic modulus. */
  readonly modulusTerms: number | null
  readonly quantities: readonly string[]
}

const BYTES = 4

/** @verifiedBy test/cli/inspect.test.ts */
export const surveyStudy = (study: Study, domain: Domain): StudySurvey => {
  const { mesh, zone, medium, field, spec } = domain
  const { step, steps } = spec.time
  const system = waveSystem({ mesh, medium, damping: study.damping, fixed: study.fixed, lanes: 1 })
  const grid = traceGridOf(domain)
  const values = traceSize(grid)
  return {
    title: study.title,
    physics: study.domain.physics,
    mesh: surveyMesh(mesh),
    zone: { cells: zone.cells.length, nodes: zone.nodes.length, interfaceNodes: zone.interfaceNodes.length },
    time: {
      stableStep: stableTimeStep(system),
      stableStepOfField: stableTimeStep(system, field?.bound),
      step,
      steps,
      frames: grid.frames,
      frameStep: grid.frameStep,
    },
    trace: { values, bytes: BYTES * values },
    modulusTerms: field?.count ?? null,
    quantities: study.quantities.map(({ name }) => name),
  }
}
