import { describe, expect, it } from 'vitest'
import { functionSpace, toDofs } from '../../src/fem/function-space.ts'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { firstReach } from '../../src/wave/displacement-gauge.ts'
import { prepareObserver } from '../../src/wave/observer.ts'
import type { Quantity } from '../../src/wave/quantity.ts'
import { STEEL, steel } from '../verification/setups.ts'

const { youngsModulus: E, poissonRatio: nu } = STEEL
const point = [0.31, 0.42] as const
const stress = (at: { point: typeof point } | { group: string }): Quantity => ({
  name: 'vm',
  kind: 'peak-von-mises',
  at,
})

const observe = (
  type: 'T3' | 'Q4',
  quantities: readonly Quantity[],
  field: (x: number, y: number, step: number) => readonly [number, number],
  options: { hypothesis?: 'plane-strain' | 'plane-stress'; factor?: number; steps?: number } = {},
): Float64Array => {
  const { hypothesis = 'plane-strain', factor, steps = 0 } = options
  const mesh = rectangle({ type, size: [1, 1], cells: [5, 4], distortion: 0.2 })
  const space = functionSpace(mesh, 2)
  const medium = steel('elastic', cellCount(mesh), hypothesis)
  const observer = prepareObserver({ space, medium, quantities, step: 0.5, steps, lanes: 1 })
  observer.reset(factor === undefined ? null : new Float64Array(cellCount(mesh)).fill(factor))
  for (let step = 0; step <= steps; step++) {
    const nodal = Array.from({ length: nodeCount(mesh) }, (_, n) =>
      field(mesh.points[2 * n], mesh.points[2 * n + 1], step),
    )
    observer.observe(toDofs(space, nodal.flat()), step)
  }
  const out = new Float64Array(quantities.length)
  observer.resultsInto(out, 1)
  return out
}

describe.each(['T3', 'Q4'] as const)('quantities on %s', (type) => {
  const stretched = 1e-3
  const stretch = (x: number): readonly [number, number] => [stretched * x, 0]

  it('von Mises of uniaxial strain, plane strain', () => {
    const axial = (E * (1 - nu) * stretched) / ((1 + nu) * (1 - 2 * nu))
    const lateral = (axial * nu) / (1 - nu)
    for (const at of [{ point }, { group: 'domain' }, { group: 'left' }]) {
      expect(observe(type, [stress(at)], stretch)[0] / (axial - lateral)).toBeCloseTo(1, 12)
    }
  })

  it('von Mises of uniaxial strain, plane stress, with the modulus factor', () => {
    const axial = (E * stretched) / (1 - nu * nu)
    const expected = axial * Math.sqrt(1 - nu + nu * nu)
    const got = observe(type, [stress({ point })], stretch, { hypothesis: 'plane-stress', factor: 1.7 })[0]
    expect(got / (1.7 * expected)).toBeCloseTo(1, 12)
  })

  it('von Mises of pure shear is √3 τ', () => {
    const shear = observe(type, [stress({ point })], (_x, y) => [2e-4 * y, 0])[0]
    expect(shear / ((Math.sqrt(3) * E * 2e-4) / (2 * (1 + nu)))).toBeCloseTo(1, 12)
  })

  it('peak displacement between nodes, and the arrival between steps', () => {
    const kinds: readonly Quantity[] = [
      { name: 'x', kind: 'peak-displacement', at: { point }, component: 'x' },
      { name: 'y', kind: 'peak-displacement', at: { point }, component: 'y' },
      { name: 'both', kind: 'peak-displacement', at: { point }, component: 'magnitude' },
      { name: 'arrival', kind: 'arrival-time', at: { point }, component: 'y', fraction: 0.3 },
    ]
    const rise = [0, 0.1, 0.5, 1, -0.7]
    const field = (x: number, y: number, step: number) => [-3 * rise[step] * x, 4 * rise[step] * (x + y)] as const
    const [x, y, both, arrival] = observe(type, kinds, field, { steps: 4 })
    expect(x).toBeCloseTo(3 * 0.31, 12)
    expect(y).toBeCloseTo(4 * 0.73, 12)
    expect(both).toBeCloseTo(Math.hypot(x, y), 12)
    expect(arrival).toBeCloseTo(1.5 * 0.5, 12)
  })
})

describe('bad quantities', () => {
  const mesh = rectangle({ type: 'Q4', size: [1, 1], cells: [3, 3] })
  const prepare =
    (physics: 'scalar' | 'elastic', ...quantities: readonly Quantity[]) =>
    () =>
      prepareObserver({
        space: functionSpace(mesh, physics === 'scalar' ? 1 : 2),
        medium: steel(physics, cellCount(mesh)),
        quantities,
        step: 1,
        steps: 3,
        lanes: 1,
      })
  const outside = { name: 'u', kind: 'peak-displacement', at: { point: [2, 2] }, component: 'x' } as const

  it.each([
    [/quantities\[0\].kind.*'peak-von-mises'/, prepare('scalar', stress({ point }))],
    [/quantities\[0\].component.*'magnitude'/, prepare('scalar', { ...outside, at: { point } })],
    [/quantities\[0\].at.point.*inside the mesh/, prepare('elastic', outside)],
    [/quantities\[0\].at.group.*'domain'.*'left'.*'hole'/, prepare('elastic', stress({ group: 'hole' }))],
    [/quantities\[1\].name/, prepare('elastic', stress({ point }), stress({ group: 'left' }))],
    [/quantities\[0\].fraction/, prepare('elastic', { ...outside, kind: 'arrival-time', at: { point }, fraction: 0 })],
  ])('%s', (message, run) => {
    expect(run).toThrow(message)
  })
})

describe('first reach', () => {
  it('is NaN for what never moved, 0 for what starts above the level', () => {
    expect(firstReach(new Float64Array(4), 0, 1, 0.5, 1)).toBeNaN()
    expect(firstReach(Float64Array.of(1, 0), 0, 1, 0.5, 1)).toBe(0)
  })
})
