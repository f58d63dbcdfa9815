import { basisAt } from '../fem/cell-basis.ts'
import { ELEMENTS } from '../fem/element.ts'
import { cellNodes } from '../mesh/cells.ts'
import { cellsTouching } from '../mesh/facets.ts'
import { locatePoint } from '../mesh/locate.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { InvalidInput } from '../numeric/errors.ts'
import type { ElasticMedium } from './medium.ts'
import { lame } from './medium.ts'
import type { Gauge, ObserverSpec } from './observer.ts'
import type { Quantity } from './quantity.ts'

type Where = (Quantity & { kind: 'peak-von-mises' })['at']

const namesOf = (groups: ReadonlyMap<string, unknown>): string =>
  [...groups.keys()].map((n) => `'${n}'`).join(', ') || 'none'

/** Cells in which a stress is measured: the one that holds a point, those of a cell group, those that own a facet of a facet group. */
export const stressCells = (mesh: Mesh, at: Where, path: string): Int32Array => {
  if ('point' in at) return Int32Array.of(locatePoint(mesh, at.point, `${path}.at.point`).cell)
  const cells = mesh.cellGroups.get(at.group)
  if (cells !== undefined) return cells
  if (mesh.facetGroups.has(at.group)) return cellsTouching(mesh, at.group, `${path}.at.group`)
  const expected = `a group of cells (${namesOf(mesh.cellGroups)}) or facets (${namesOf(mesh.facetGroups)})`
  throw InvalidInput.of(`${path}.at.group`, expected, `'${at.group}'`)
}

/** Stress at a cell's centroid as a linear map of its dofs, at unit modulus factor. */
interface StressRow {
  readonly cell: number
  /** [n] dof times B */
  readonly offsets: Int32Array
  /** [3·n] rows σx, σy, τ, Pa/m */
  readonly rows: Float64Array
  /** σz = ν (σx + σy) in plane strain, 0 in plane stress */
  readonly outOfPlane: number
}

/** σ = λ tr ε I + 2μ ε with ε from the shape gradients at the centroid. */
const stressRow = ({ space, lanes }: ObserverSpec, medium: ElasticMedium, cell: number): StressRow => {
  const nodes = cellNodes(space.mesh, cell)
  const element = ELEMENTS[nodes.length === 3 ? 'T3' : 'Q4']
  const corners = [...nodes].flatMap((n) => [space.mesh.points[2 * n], space.mesh.points[2 * n + 1]])
  const { grad } = basisAt(element, corners, element.centroid, cell)
  const [lambda, mu] = lame(medium, cell)
  const n = 2 * nodes.length
  const rows = new Float64Array(3 * n)
  grad.forEach(([x, y], a) => {
    rows.set([(lambda + 2 * mu) * x, lambda * y], 2 * a)
    rows.set([lambda * x, (lambda + 2 * mu) * y], n + 2 * a)
    rows.set([mu * y, mu * x], 2 * n + 2 * a)
  })
  const offsets = Int32Array.from({ length: n }, (_, k) => (space.firstDof[nodes[k >> 1]] + (k & 1)) * lanes)
  return { cell, offsets, rows, outOfPlane: medium.hypothesis === 'plane-strain' ? medium.poissonRatio[cell] : 0 }
}

/** σ_vm² = σx² + σy² + σz² − σxσy − σyσz − σzσx + 3τ² */
const vonMisesSquared = (x: number, y: number, t: number, outOfPlane: number): number => {
  const z = outOfPlane * (x + y)
  return x * x + y * y + z * z - x * y - (x + y) * z + 3 * t * t
}

/**
 * Largest von Mises stress over time and cells, Pa, at cell centroids.
 * @throws InvalidInput in scalar physics; for a point outside, an unknown group
 * @verifiedBy test/wave/observer.test.ts
 */
export const vonMisesGauge = (spec: ObserverSpec, at: Where, path: string): Gauge => {
  const { medium, lanes } = spec
  if (medium.physics !== 'elastic')
    throw InvalidInput.of(
      `${path}.kind`,
      'a quantity of scalar physics',
      "'peak-von-mises', which needs elastic physics",
    )
  const rows = Array.from(stressCells(spec.space.mesh, at, path), (cell) => stressRow(spec, medium, cell))
  const squared = new Float64Array(lanes)
  let factor: Float64Array | null = null
  return {
    reset: (next) => {
      factor = next
      squared.fill(0)
    },
    observe: (u) => {
      for (let r = 0; r < rows.length; r++) peakInto(squared, rows[r], u, factor, lanes)
    },
    value: (lane) => Math.sqrt(squared[lane]),
  }
}

const peakInto = (
  squared: Float64Array,
  { cell, offsets, rows, outOfPlane }: StressRow,
  u: Float64Array,
  factor: Float64Array | null,
  lanes: number,
): void => {
  const n = offsets.length
  for (let l = 0; l < lanes; l++) {
    let x = 0
    let y = 0
    let t = 0
    for (let d = 0; d < n; d++) {
      const value = u[offsets[d] + l]
      x += rows[d] * value
      y += rows[n + d] * value
      t += rows[2 * n + d] * value
    }
    const s = factor === null ? 1 : factor[cell * lanes + l]
    const now = s * s * vonMisesSquared(x, y, t, outOfPlane)
    if (!(now <= squared[l])) squared[l] = now
  }
}
