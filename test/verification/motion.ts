import { basisAt } from '../../src/fem/cell-basis.ts'
import { ELEMENTS } from '../../src/fem/element.ts'
import { toDofs } from '../../src/fem/function-space.ts'
import { cellNodes, forEachCell } from '../../src/mesh/cells.ts'
import { nodeCount } from '../../src/mesh/mesh.ts'
import { centralDifference } from '../../src/time/central-difference.ts'
import type { Integrator } from '../../src/time/integrator.ts'
import { motionState } from '../../src/time/integrator.ts'
import type { WaveSystem } from '../../src/wave/wave-system.ts'

/** A field of space: its components at a point. */
export type Field = (x: number, y: number) => readonly number[]

/** Nodal values of a field in dof order. */
export const interpolate = ({ space }: WaveSystem, field: Field): Float64Array => {
  const { points } = space.mesh
  const nodal = Array.from({ length: nodeCount(space.mesh) }, (_, n) => field(points[2 * n], points[2 * n + 1])).flat()
  return toDofs(space, nodal)
}

/** Free motion from u⁰, v⁰ over `steps` steps of one lane; `see` gets the state at every step. */
export const freeMotion = (
  system: WaveSystem,
  dt: number,
  steps: number,
  initial: { u: Float64Array; v?: Float64Array },
  see: (u: Float64Array, step: number, previous: Float64Array) => void = () => undefined,
  integrator: Integrator = centralDifference,
): Float64Array => {
  const stepper = integrator.prepare(system.motion, dt)
  const state = motionState(system.space.dofs, 1)
  stepper.start(state, { u: initial.u, v: initial.v ?? new Float64Array(initial.u.length) })
  for (let n = 0; n < steps; n++) {
    see(state.u, n, state.previous)
    stepper.step(state, n)
  }
  see(state.u, steps, state.previous)
  return state.u
}

/** ‖u_h − u‖ / ‖u‖ in L²(Ω), by a quadrature that sees more than the nodes. */
export const relativeL2 = ({ space }: WaveSystem, u: Float64Array, exact: Field): number => {
  const { mesh, firstDof, components } = space
  expectComponents(exact, components)
  let [difference, size] = [0, 0]
  forEachCell(mesh, (cell, nodes, type) => {
    const corners = [...cellNodes(mesh, cell)].flatMap((n) => [mesh.points[2 * n], mesh.points[2 * n + 1]])
    const inner =
      type === 'T3'
        ? [
            [1 / 6, 1 / 6],
            [2 / 3, 1 / 6],
            [1 / 6, 2 / 3],
          ]
        : ELEMENTS.Q4.quadrature.map((q) => q.at)
    for (const [xi, eta] of inner) {
      const { x, shape, jacobian } = basisAt(ELEMENTS[type], corners, [xi, eta], cell)
      exact(x[0], x[1]).forEach((value, i) => {
        let own = 0
        for (let a = 0; a < nodes.length; a++) own += shape[a] * u[firstDof[nodes[a]] + i]
        difference += (own - value) ** 2 * jacobian
        size += value ** 2 * jacobian
      })
    }
  })
  return Math.sqrt(difference / size)
}

const expectComponents = (exact: Field, components: number): void => {
  if (exact(0, 0).length !== components) throw new Error(`the exact solution must have ${components} components`)
}

/** Slope of log(error) over log(size), least squares. */
export const observedOrder = (sizes: readonly number[], errors: readonly number[]): number => {
  const x = sizes.map(Math.log)
  const y = errors.map(Math.log)
  const mean = (v: readonly number[]): number => v.reduce((s, e) => s + e, 0) / v.length
  const [mx, my] = [mean(x), mean(y)]
  return x.reduce((s, v, i) => s + (v - mx) * (y[i] - my), 0) / x.reduce((s, v) => s + (v - mx) ** 2, 0)
}
