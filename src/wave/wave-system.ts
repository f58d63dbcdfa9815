import type { ElementBlock } from '../fem/assemble.ts'
import { assembleElements, lumpedMass } from '../fem/assemble.ts'
import type { FunctionSpace } from '../fem/function-space.ts'
import { dofsOf, functionSpace } from '../fem/function-space.ts'
import type { Operator } from '../fem/operator.ts'
import { matrixFree } from '../fem/operator.ts'
import { facetGroupNodes } from '../mesh/groups.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { cellCount } from '../mesh/mesh.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { LANES } from '../numeric/kernels/lanes.ts'
import type { MotionSystem } from '../time/integrator.ts'
import { stiffnessForm } from './forms.ts'
import type { Medium } from './medium.ts'
import { checkMedium, componentsOf } from './medium.ts'

/** A facet group whose nodes do not move, in the given directions (default: all of them; a scalar field has none). */
export interface Fixed {
  readonly group: string
  readonly components?: readonly ('x' | 'y')[] | undefined
}

export interface WaveSpec {
  readonly mesh: Mesh
  readonly medium: Medium
  /** Rayleigh mass damping C = α M, 1/s */
  readonly damping: number
  readonly fixed: readonly Fixed[]
  /** Nodes whose motion the caller imposes at every step (Γ of a submodel). */
  readonly prescribed?: Int32Array | undefined
  /** Samples advanced together; default LANES. */
  readonly lanes?: number | undefined
}

/** The semi-discrete equations M ü + α M u̇ + K u = F with lumped M and element-wise K. */
export interface WaveSystem {
  readonly medium: Medium
  readonly space: FunctionSpace
  readonly blocks: readonly ElementBlock[]
  readonly operator: Operator
  readonly motion: MotionSystem
}

const heldDofs = (space: FunctionSpace, { group, components = ['x', 'y'] }: Fixed, path: string): number[] => {
  const nodes = facetGroupNodes(space.mesh, group, `${path}.group`)
  if (components.length === 0) throw InvalidInput.of(`${path}.components`, 'at least one component', 'none')
  const offsets = space.components === 1 ? [0] : components.map((c) => (c === 'x' ? 0 : 1))
  return [...nodes].flatMap((n) => offsets.map((i) => space.firstDof[n] + i))
}

/**
 * @throws InvalidInput for a bad medium, damping or group, or an inverted cell
 * @verifiedBy test/verification
 */
export const waveSystem = ({
  mesh,
  medium,
  damping,
  fixed,
  prescribed = new Int32Array(0),
  lanes = LANES,
}: WaveSpec): WaveSystem => {
  checkMedium(medium, cellCount(mesh))
  if (!(damping >= 0 && Number.isFinite(damping))) throw InvalidInput.of('damping', 'α ≥ 0 1/s', damping)
  const space = functionSpace(mesh, componentsOf(medium))
  const held = Int32Array.from(new Set(fixed.flatMap((f, i) => heldDofs(space, f, `fixed[${i}]`))))
  const imposed = [...held, ...dofsOf(space, prescribed)]
  const blocks = assembleElements(space, stiffnessForm(medium), medium.density, imposed)
  const operator = matrixFree(space, blocks, lanes)
  const mass = lumpedMass(space, medium.density)
  const motion = { lanes, mass, damping, held, internalForceInto: operator.applyInto }
  return { medium, space, blocks, operator, motion }
}

/**
 * Safe bound on the largest angular frequency, 1/s: ω² ≤ max_e s_e λ_e, per lane.
 * @param factor s [cells·B]
 */
export const frequencyBounds = (system: WaveSystem, factor: Float64Array, lanes: number): Float64Array => {
  const squared = new Float64Array(lanes)
  for (const { cells, rates } of system.blocks) {
    for (let e = 0; e < cells.length; e++) {
      for (let l = 0; l < lanes; l++) {
        const value = rates[e] * factor[cells[e] * lanes + l]
        if (!(value <= squared[l])) squared[l] = value
      }
    }
  }
  return squared.map(Math.sqrt)
}

/**
 * Safe stable step of central difference, s: Δt = 2/ω_max with the element bound of ω_max (10-20 % low, never high).
 * @param factor modulus factor [cells]; default 1
 * @verifiedBy test/verification/stable-step.test.ts
 */
export const stableTimeStep = (system: WaveSystem, factor?: Float64Array): number =>
  2 / frequencyBounds(system, factor ?? new Float64Array(cellCount(system.space.mesh)).fill(1), 1)[0]
