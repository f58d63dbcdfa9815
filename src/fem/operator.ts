import { nodesPerCell } from '../mesh/mesh.ts'
import type { ElementForce } from '../numeric/kernels/element-force.ts'
import {
  quadrilateralElastic,
  quadrilateralScalar,
  triangleElastic,
  triangleScalar,
} from '../numeric/kernels/element-force.ts'
import type { ElementBlock } from './assemble.ts'
import type { FunctionSpace } from './function-space.ts'

const KERNELS: Record<string, ElementForce> = {
  'T3/1': triangleScalar,
  'Q4/1': quadrilateralScalar,
  'T3/2': triangleElastic,
  'Q4/2': quadrilateralElastic,
}

/** K u for B samples at once, each with its own modulus factor per cell. */
export interface Operator {
  readonly lanes: number
  /** out [D·B] += K(s) u. Allocates nothing. */
  applyInto(out: Float64Array, u: Float64Array): void
  /** Sets s for all lanes: [cells·B] by global cell number, or null for 1 everywhere. */
  setFactor(factor: Float64Array | null): void
}

/**
 * The matrix-free product of a space's element blocks.
 * @verifiedBy test/fem/assemble.test.ts (against the dense sum of element matrices)
 */
export const matrixFree = (space: FunctionSpace, blocks: readonly ElementBlock[], lanes: number): Operator => {
  const ones = new Float64Array(lanes).fill(1)
  const parts = blocks.map((block) => ({
    kernel: KERNELS[`${block.type}/${space.components}`],
    offsets: block.nodes.map((node) => space.firstDof[node] * lanes),
    stiffness: block.stiffness,
    cells: block.cells,
    factors: new Float64Array(block.cells.length * lanes),
    count: block.nodes.length / nodesPerCell(block.type),
  }))
  let own = false
  return {
    lanes,
    applyInto: (out, u) => {
      for (let p = 0; p < parts.length; p++) {
        const { kernel, offsets, stiffness, factors, count } = parts[p]
        kernel(out, u, offsets, stiffness, own ? factors : ones, own ? lanes : 0, count, lanes)
      }
    },
    setFactor: (factor) => {
      own = factor !== null
      if (factor === null) return
      for (const { cells, factors } of parts) {
        for (let e = 0; e < cells.length; e++) {
          for (let l = 0; l < lanes; l++) factors[e * lanes + l] = factor[cells[e] * lanes + l]
        }
      }
    },
  }
}
