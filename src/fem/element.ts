import type { CellType } from '../mesh/mesh.ts'

export interface QuadraturePoint {
  /** Reference coordinates ξ, η. */
  readonly at: readonly [number, number]
  readonly weight: number
}

/** A nodal element on its reference cell. Adding one: an object like those below, and an entry in ELEMENTS. */
export interface ReferenceElement {
  readonly type: CellType
  readonly nodes: 3 | 4
  /** Order of the displacement error in L² under refinement. */
  readonly order: number
  readonly centroid: readonly [number, number]
  readonly quadrature: readonly QuadraturePoint[]
  /** Shape functions N_a(ξ, η), one per node. */
  readonly shape: (xi: number, eta: number) => readonly number[]
  /** ∂N_a/∂ξ and ∂N_a/∂η, one pair per node. */
  readonly slope: (xi: number, eta: number) => readonly (readonly [number, number])[]
}

/** Linear triangle on (0,0), (1,0), (0,1); one point integrates its stiffness exactly. */
export const T3: ReferenceElement = {
  type: 'T3',
  nodes: 3,
  order: 2,
  centroid: [1 / 3, 1 / 3],
  quadrature: [{ at: [1 / 3, 1 / 3], weight: 1 / 2 }],
  shape: (xi, eta) => [1 - xi - eta, xi, eta],
  slope: () => [
    [-1, -1],
    [1, 0],
    [0, 1],
  ],
}

const GAUSS = 1 / Math.sqrt(3)
const CORNERS = [
  [-1, -1],
  [1, -1],
  [1, 1],
  [-1, 1],
] as const

/** Bilinear quadrilateral on [−1, 1]², 2×2 Gauss points. */
export const Q4: ReferenceElement = {
  type: 'Q4',
  nodes: 4,
  order: 2,
  centroid: [0, 0],
  quadrature: CORNERS.map(([a, b]) => ({ at: [a * GAUSS, b * GAUSS], weight: 1 })),
  shape: (xi, eta) => CORNERS.map(([a, b]) => ((1 + a * xi) * (1 + b * eta)) / 4),
  slope: (xi, eta) => CORNERS.map(([a, b]) => [(a * (1 + b * eta)) / 4, (b * (1 + a * xi)) / 4]),
}

export const ELEMENTS: Readonly<Record<CellType, ReferenceElement>> = { T3, Q4 }
