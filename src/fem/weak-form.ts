/** A vector-valued basis function at a point: N_a e_i for node a and component i. */
export interface Basis {
  /** [c] */
  readonly value: readonly number[]
  /** [c][2] ∂v_i/∂x_j, 1/m */
  readonly grad: readonly (readonly [number, number])[]
}

/** Where a form is evaluated: the point, m, and the cell's number, for coefficients that vary from cell to cell. */
export interface Place {
  readonly x: readonly [number, number]
  readonly cell: number
}

/** Integrand of a(u, v) with trial function u and test function v. Set-up only. */
export type BilinearForm = (at: Place & { readonly u: Basis; readonly v: Basis }) => number

export const dot = (a: readonly [number, number], b: readonly [number, number]): number => a[0] * b[0] + a[1] * b[1]
