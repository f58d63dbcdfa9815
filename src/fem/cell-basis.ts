import { InvalidInput } from '../numeric/errors.ts'
import type { ReferenceElement } from './element.ts'
import type { Basis, Place } from './weak-form.ts'

/** The basis of one cell at one reference point, in physical coordinates. */
export interface BasisAt {
  readonly x: readonly [number, number]
  /** det ∂x/∂ξ, m² */
  readonly jacobian: number
  /** N_a */
  readonly shape: readonly number[]
  /** ∇N_a, 1/m */
  readonly grad: readonly (readonly [number, number])[]
}

/**
 * Maps a reference point to the cell: x = Σ N_a x_a, ∇N_a = (∂x/∂ξ)⁻ᵀ ∂N_a/∂ξ.
 * @param corners [2·nodes] m, counter-clockwise
 * @throws InvalidInput where the cell is inverted or has no area
 */
export const basisAt = (
  element: ReferenceElement,
  corners: ArrayLike<number>,
  [xi, eta]: readonly [number, number],
  cell: number,
): BasisAt => {
  const shape = element.shape(xi, eta)
  const slope = element.slope(xi, eta)
  let [x, y, xXi, xEta, yXi, yEta] = [0, 0, 0, 0, 0, 0]
  for (let a = 0; a < element.nodes; a++) {
    const px = corners[2 * a]
    const py = corners[2 * a + 1]
    x += shape[a] * px
    y += shape[a] * py
    xXi += slope[a][0] * px
    xEta += slope[a][1] * px
    yXi += slope[a][0] * py
    yEta += slope[a][1] * py
  }
  const det = xXi * yEta - xEta * yXi
  if (!(det > 0))
    throw InvalidInput.of(`mesh.cells[${cell}]`, 'counter-clockwise nodes that enclose an area', `det ${det}`)
  const grad = slope.map(([sXi, sEta]): readonly [number, number] => [
    (sXi * yEta - sEta * yXi) / det,
    (sEta * xXi - sXi * xEta) / det,
  ])
  return { x: [x, y], jacobian: det, shape, grad }
}

const ZERO: readonly [number, number] = [0, 0]

/** The vector basis N_a e_i, node by node and component by component: number a·c + i. */
export const vectorBasis = ({ shape, grad }: BasisAt, components: 1 | 2): readonly Basis[] =>
  shape.flatMap((value, a) =>
    components === 1
      ? [{ value: [value], grad: [grad[a]] }]
      : [
          { value: [value, 0], grad: [grad[a], ZERO] },
          { value: [0, value], grad: [ZERO, grad[a]] },
        ],
  )

/** Visits the quadrature points of a cell with their physical weights (det · w), m². */
export const overCell = (
  element: ReferenceElement,
  corners: ArrayLike<number>,
  cell: number,
  visit: (basis: BasisAt, weight: number, place: Place) => void,
): void => {
  for (const point of element.quadrature) {
    const basis = basisAt(element, corners, point.at, cell)
    visit(basis, basis.jacobian * point.weight, { x: basis.x, cell })
  }
}
