import type { Basis, BilinearForm } from '../fem/weak-form.ts'
import { dot } from '../fem/weak-form.ts'
import type { ElasticMedium, Medium, ScalarMedium } from './medium.ts'
import { lame } from './medium.ts'

/** a(u,v) = ∫_Ω μ ∇u·∇v dΩ */
export const scalarStiffness =
  ({ modulus }: ScalarMedium): BilinearForm =>
  ({ u, v, cell }) =>
    modulus[cell] * dot(u.grad[0], v.grad[0])

const div = ({ grad: [gx, gy] }: Basis): number => gx[0] + gy[1]
/** 2 ε(u):ε(v) */
const twiceStrains = ({ grad: [ux, uy] }: Basis, { grad: [vx, vy] }: Basis): number =>
  2 * (ux[0] * vx[0] + uy[1] * vy[1]) + (ux[1] + uy[0]) * (vx[1] + vy[0])

/** a(u,v) = ∫_Ω λ (∇·u)(∇·v) + 2μ ε(u):ε(v) dΩ */
export const elasticStiffness =
  (medium: ElasticMedium): BilinearForm =>
  ({ u, v, cell }) => {
    const [lambda, mu] = lame(medium, cell)
    return lambda * div(u) * div(v) + mu * twiceStrains(u, v)
  }

export const stiffnessForm = (medium: Medium): BilinearForm =>
  medium.physics === 'scalar' ? scalarStiffness(medium) : elasticStiffness(medium)
