import { nodesPerCell } from '../mesh/mesh.ts'
import { overCell, vectorBasis } from './cell-basis.ts'
import type { ReferenceElement } from './element.ts'
import { ELEMENTS } from './element.ts'
import type { FullBlock } from './frequency-bound.ts'
import { elementRates } from './frequency-bound.ts'
import type { FunctionSpace, SpaceBlock } from './function-space.ts'
import type { BilinearForm } from './weak-form.ts'

/** Element operators of one block, ready for the matrix-free product. */
export interface ElementBlock extends SpaceBlock {
  /** [cells·r(r+1)/2] upper triangle, first node's dofs left out: see numeric/kernels/element-force.ts. */
  readonly stiffness: Float64Array
  /** [cells] λ_e at unit factor, 1/s²: ω² ≤ max s_e λ_e, see frequency-bound.ts. */
  readonly rates: Float64Array
}

/** Corner coordinates [2·nodes] of a cell, m. */
const cornersInto = (out: Float64Array, points: Float64Array, nodes: Int32Array): Float64Array => {
  for (let a = 0; a < nodes.length; a++) out.set(points.subarray(2 * nodes[a], 2 * nodes[a] + 2), 2 * a)
  return out
}

/**
 * K_e = [a(φ_j, φ_i)] over one cell.
 * @param corners [2·nodes] m
 * @returns [(nodes·c)²] row-major
 * @verifiedBy test/fem/assemble.test.ts (rigid motions, patch test), test/verification/fenics.test.ts
 */
export const elementMatrix = (
  element: ReferenceElement,
  corners: ArrayLike<number>,
  form: BilinearForm,
  components: 1 | 2,
  cell = 0,
): Float64Array => {
  const n = element.nodes * components
  const matrix = new Float64Array(n * n)
  overCell(element, corners, cell, (at, weight, place) => {
    const basis = vectorBasis(at, components)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) matrix[i * n + j] += weight * form({ ...place, u: basis[j], v: basis[i] })
    }
  })
  return matrix
}

/** Row sums of the element's mass: m_a = ∫ ρ N_a, because Σ_b N_b = 1. [nodes] kg/m */
export const elementMass = (
  element: ReferenceElement,
  corners: ArrayLike<number>,
  density: number,
  cell = 0,
): Float64Array => {
  const mass = new Float64Array(element.nodes)
  overCell(element, corners, cell, ({ shape }, weight) => {
    for (let a = 0; a < mass.length; a++) mass[a] += weight * density * shape[a]
  })
  return mass
}

/** Upper triangle of K_e without the first node's rows and columns; its force follows from the others. */
const reducedInto = (out: Float64Array, at: number, matrix: Float64Array, n: number, components: number): void => {
  let k = at
  for (let i = components; i < n; i++) for (let j = i; j < n; j++) out[k++] = matrix[i * n + j]
}

/** Full matrices and masses of a block's elements. */
const fullBlock = (space: FunctionSpace, block: SpaceBlock, form: BilinearForm, density: Float64Array): FullBlock => {
  const element = ELEMENTS[block.type]
  const size = (element.nodes * space.components) ** 2
  const matrices = new Float64Array(block.cells.length * size)
  const shares = new Float64Array(block.nodes.length)
  const corners = new Float64Array(2 * element.nodes)
  block.cells.forEach((cell, e) => {
    cornersInto(corners, space.mesh.points, block.nodes.subarray(e * element.nodes, (e + 1) * element.nodes))
    matrices.set(elementMatrix(element, corners, form, space.components, cell), e * size)
    shares.set(elementMass(element, corners, density[cell], cell), e * element.nodes)
  })
  return { block, matrices, shares }
}

const reduced = ({ block, matrices }: FullBlock, components: 1 | 2): Float64Array => {
  const n = nodesPerCell(block.type) * components
  const r = n - components
  const packed = (r * (r + 1)) / 2
  const stiffness = new Float64Array(block.cells.length * packed)
  for (let e = 0; e < block.cells.length; e++) {
    reducedInto(stiffness, e * packed, matrices.subarray(e * n * n, (e + 1) * n * n), n, components)
  }
  return stiffness
}

/**
 * Element operators of a stiffness form (one that gives no force under a translation), block by block.
 * @param density [cells] kg/m³
 * @param held dofs whose motion is prescribed: the frequency bound leaves them out
 */
export const assembleElements = (
  space: FunctionSpace,
  form: BilinearForm,
  density: Float64Array,
  held: ArrayLike<number> = [],
): readonly ElementBlock[] => {
  const full = space.blocks.map((block) => fullBlock(space, block, form, density))
  const stiffness = full.map((block) => reduced(block, space.components))
  const mask = new Uint8Array(space.dofs)
  for (let i = 0; i < held.length; i++) mask[held[i]] = 1
  const rates = elementRates(space, full, mask)
  return space.blocks.map((block, b) => ({ ...block, stiffness: stiffness[b], rates: rates[b] }))
}

/**
 * Row-sum lumped mass of every dof, kg/m. A node that belongs to no cell has none.
 * @param density [cells] kg/m³
 * @verifiedBy test/fem/assemble.test.ts
 */
export const lumpedMass = (space: FunctionSpace, density: Float64Array): Float64Array => {
  const mass = new Float64Array(space.dofs)
  for (const { type, cells, nodes } of space.blocks) {
    const n = nodesPerCell(type)
    const corners = new Float64Array(2 * n)
    cells.forEach((cell, e) => {
      const own = nodes.subarray(e * n, e * n + n)
      const part = elementMass(ELEMENTS[type], cornersInto(corners, space.mesh.points, own), density[cell], cell)
      for (let a = 0; a < n; a++) {
        for (let i = 0; i < space.components; i++) mass[space.firstDof[own[a]] + i] += part[a]
      }
    })
  }
  return mass
}
