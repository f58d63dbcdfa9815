import { cellCount, type Mesh } from '../../src/mesh/mesh.ts'
import { restrict } from '../../src/mesh/restrict.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import type { FullDomainSpec } from '../../src/wave/full-domain.ts'
import type { Medium } from '../../src/wave/medium.ts'

/** ρ, E, ν of steel. */
export const STEEL = { density: 7850, youngsModulus: 210e9, poissonRatio: 0.3 } as const

export type Physics = Medium['physics']
export const PHYSICS: readonly Physics[] = ['scalar', 'elastic']

/** The same steel in every cell; a scalar medium takes its shear modulus. */
export const steel = (
  physics: Physics,
  cells: number,
  hypothesis: 'plane-strain' | 'plane-stress' = 'plane-strain',
): Medium => {
  const fill = (value: number): Float64Array => new Float64Array(cells).fill(value)
  const { density, youngsModulus, poissonRatio } = STEEL
  if (physics === 'scalar')
    return { physics, modulus: fill(youngsModulus / (2 * (1 + poissonRatio))), density: fill(density) }
  return {
    physics,
    hypothesis,
    youngsModulus: fill(youngsModulus),
    poissonRatio: fill(poissonRatio),
    density: fill(density),
  }
}

/** Medium of a part: per-cell arrays picked by parent cell. */
export const pick = (medium: Medium, cells: Int32Array): Medium => {
  const of = (values: Float64Array): Float64Array => Float64Array.from(cells, (c) => values[c])
  return medium.physics === 'scalar'
    ? { ...medium, modulus: of(medium.modulus), density: of(medium.density) }
    : {
        ...medium,
        youngsModulus: of(medium.youngsModulus),
        poissonRatio: of(medium.poissonRatio),
        density: of(medium.density),
      }
}

/** A distorted 60 mm × 40 mm plate with a zone in the middle, struck on its left edge, clamped on its right. */
export const plate = (type: 'T3' | 'Q4', divisions: readonly [number, number] = [24, 16]): Mesh =>
  rectangle({ type, size: [0.06, 0.04], cells: divisions, zone: [0.025, 0.01, 0.05, 0.03], distortion: 0.2 })

export const zoneOf = (mesh: Mesh) => restrict(mesh, mesh.cellGroups.get('zone')!)

export const plateSpec = (mesh: Mesh, physics: Physics): FullDomainSpec => ({
  mesh,
  medium: steel(physics, cellCount(mesh)),
  damping: 2e4,
  fixed: [{ group: 'right' }],
  load: { group: 'left', direction: [1, 0.3], footprint: 0.02 },
  time: { duration: 30e-6 },
  keepEvery: 5,
  interfaceNodes: Int32Array.from(zoneOf(mesh).interfaceNodes, (n) => zoneOf(mesh).nodes[n]),
  quantities: [],
})

export const PULSE = { amplitude: 1e6, arrival: 2e-6, position: 0.024, width: 8e-6 } as const

/** max |a − b| / max |b| */
export const relativeDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let difference = 0
  let largest = 0
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]))
    largest = Math.max(largest, Math.abs(b[i]))
  }
  return difference / largest
}
