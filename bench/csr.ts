import { elementMatrix } from '../src/fem/assemble.ts'
import { ELEMENTS } from '../src/fem/element.ts'
import { nodesPerCell } from '../src/mesh/mesh.ts'
import type { MotionSystem } from '../src/time/integrator.ts'
import { stiffnessForm } from '../src/wave/forms.ts'
import type { WaveSystem } from '../src/wave/wave-system.ts'

/** A sparse matrix by compressed rows. */
export interface Csr {
  /** [D + 1] */
  readonly rowStart: Int32Array
  readonly column: Int32Array
  readonly value: Float64Array
}

const compressed = (rows: readonly ReadonlyMap<number, number>[]): Csr => {
  const rowStart = new Int32Array(rows.length + 1)
  rows.forEach((row, i) => {
    rowStart[i + 1] = rowStart[i] + row.size
  })
  const entries = rows.flatMap((row) => [...row].sort(([a], [b]) => a - b))
  return { rowStart, column: Int32Array.from(entries, ([j]) => j), value: Float64Array.from(entries, ([, v]) => v) }
}

/**
 * The stiffness of one sample as textbooks assemble it: full element matrices, summed entry by entry.
 * @param factor modulus factor of a cell
 */
export const assembleCsr = ({ space, medium }: WaveSystem, factor: (cell: number) => number): Csr => {
  const { components: c, firstDof, mesh } = space
  const rows = Array.from({ length: space.dofs }, () => new Map<number, number>())
  const form = stiffnessForm(medium)
  for (const { type, cells, nodes } of space.blocks) {
    const n = nodesPerCell(type)
    cells.forEach((cell, e) => {
      const own = [...nodes.subarray(e * n, e * n + n)]
      const corners = own.flatMap((node) => [mesh.points[2 * node], mesh.points[2 * node + 1]])
      const matrix = elementMatrix(ELEMENTS[type], corners, form, c, cell)
      const dofs = own.flatMap((node) => Array.from({ length: c }, (_, i) => firstDof[node] + i))
      dofs.forEach((row, i) => {
        dofs.forEach((column, j) => {
          const entry = factor(cell) * matrix[i * dofs.length + j]
          rows[row].set(column, (rows[row].get(column) ?? 0) + entry)
        })
      })
    })
  }
  return compressed(rows)
}

/** Advances one sample by a step: `u` and `previous` [D] in, u⁺ in `previous` out; the caller swaps. */
export type CsrStep = (previous: Float64Array, u: Float64Array, force: Float64Array) => void

/** As in src/numeric/kernels/central-difference.ts: without it the reference would wade through denormal numbers. */
const FLUSH = 1e-280

/** u⁺ = a u − b u⁻ − c_i (K u + f)_i, then f ← 0: product and update in one sweep over the rows. */
export const csrStepper = ({ rowStart, column, value }: Csr, motion: MotionSystem, dt: number): CsrStep => {
  const lean = 1 + (motion.damping * dt) / 2
  const a = 2 / lean
  const b = (1 - (motion.damping * dt) / 2) / lean
  const c = motion.mass.map((m) => (dt * dt) / (m * lean))
  for (const dof of motion.held) c[dof] = 0
  return (previous, u, force) => {
    for (let i = 0; i < c.length; i++) {
      let sum = force[i]
      for (let k = rowStart[i]; k < rowStart[i + 1]; k++) sum += value[k] * u[column[k]]
      previous[i] = a * u[i] - b * previous[i] - c[i] * sum + FLUSH - FLUSH
      force[i] = 0
    }
  }
}
