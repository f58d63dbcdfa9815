import type { CellType, Mesh } from '../mesh/mesh.ts'
import { nodeCount, nodesPerCell } from '../mesh/mesh.ts'
import { cuthillMcKee } from './ordering.ts'

/** Cells of one type in the order in which products visit them. */
export interface SpaceBlock {
  readonly type: CellType
  /** Global cell numbers. */
  readonly cells: Int32Array
  /** [cells·nodesPerCell] mesh nodes of those cells. */
  readonly nodes: Int32Array
}

/**
 * Continuous piecewise (bi)linear functions with c components. A dof number is not a node number: component i of node n is dof
 * firstDof[n] + i, and dofs follow an order that keeps neighbours close in memory.
 */
export interface FunctionSpace {
  readonly mesh: Mesh
  readonly components: 1 | 2
  readonly dofs: number
  /** [N] */
  readonly firstDof: Int32Array
  readonly blocks: readonly SpaceBlock[]
}

export const functionSpace = (mesh: Mesh, components: 1 | 2): FunctionSpace => {
  const firstDof = cuthillMcKee(mesh).map((position) => position * components)
  const blocks = mesh.blocks.map(({ type, offset, connectivity }) => {
    const n = nodesPerCell(type)
    const lowest = Array.from({ length: connectivity.length / n }, (_, e) =>
      Math.min(...connectivity.subarray(e * n, e * n + n).map((node) => firstDof[node])),
    )
    const order = Int32Array.from(lowest.keys()).sort((a, b) => lowest[a] - lowest[b] || a - b)
    const nodes = new Int32Array(connectivity.length)
    order.forEach((e, i) => {
      nodes.set(connectivity.subarray(e * n, e * n + n), i * n)
    })
    return { type, cells: order.map((e) => e + offset), nodes }
  })
  return { mesh, components, dofs: nodeCount(mesh) * components, firstDof, blocks }
}

/** Dofs of the given nodes, node by node and component by component: [nodes·c]. */
export const dofsOf = ({ firstDof, components }: FunctionSpace, nodes: ArrayLike<number>): Int32Array =>
  Int32Array.from(
    { length: nodes.length * components },
    (_, k) => firstDof[nodes[Math.trunc(k / components)]] + (k % components),
  )

/** Nodal values [N·c] to dof order [D]. */
export const toDofs = (space: FunctionSpace, nodal: ArrayLike<number>): Float64Array => {
  const out = new Float64Array(space.dofs)
  const { components: c, firstDof } = space
  for (let n = 0; n < firstDof.length; n++) for (let i = 0; i < c; i++) out[firstDof[n] + i] = nodal[n * c + i]
  return out
}
