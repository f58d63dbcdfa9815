import { describe, expect, it } from 'vitest'
import { elementMatrix, lumpedMass } from '../../src/fem/assemble.ts'
import { ELEMENTS } from '../../src/fem/element.ts'
import { functionSpace, toDofs } from '../../src/fem/function-space.ts'
import { cellCount, nodeCount } from '../../src/mesh/mesh.ts'
import { rectangle } from '../../src/mesh/structured.ts'
import { largestEigenvalue } from '../../src/numeric/kernels/symmetric-eigenvalue.ts'
import { stiffnessForm } from '../../src/wave/forms.ts'
import { waveSystem } from '../../src/wave/wave-system.ts'
import { PHYSICS, steel } from '../verification/setups.ts'

const TYPES = ['T3', 'Q4'] as const
const CORNERS = { T3: [0, 0, 2, 0.5, 0.3, 1.5], Q4: [0, 0, 2, 0.2, 2.5, 1.5, -0.2, 1] } as const

describe.each(TYPES)('element matrices of %s', (type) => {
  it.each(PHYSICS)('%s: symmetric, and free of force under rigid motion', (physics) => {
    const c = physics === 'scalar' ? 1 : 2
    const k = elementMatrix(ELEMENTS[type], CORNERS[type], stiffnessForm(steel(physics, 1)), c)
    const n = Math.sqrt(k.length)
    const scale = Math.max(...k)
    const corners = CORNERS[type]
    const motions = [...Array(c).keys()].map((i) => Float64Array.from({ length: n }, (_, d) => (d % c === i ? 1 : 0)))
    if (c === 2)
      motions.push(Float64Array.from({ length: n }, (_, d) => (d % 2 === 0 ? -corners[d + 1] : corners[d - 1])))
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) expect(Math.abs(k[i * n + j] - k[j * n + i])).toBeLessThan(1e-14 * scale)
      for (const u of motions) {
        expect(Math.abs(u.reduce((s, v, j) => s + k[i * n + j] * v, 0))).toBeLessThan(1e-13 * scale)
      }
    }
  })

  it.each(PHYSICS)('%s patch test: a linear field leaves no force inside', (physics) => {
    const mesh = rectangle({ type, size: [1, 0.7], cells: [5, 4], distortion: 0.24 })
    const c = physics === 'scalar' ? 1 : 2
    const { space, operator } = waveSystem({
      mesh,
      medium: steel(physics, cellCount(mesh)),
      damping: 0,
      fixed: [],
      lanes: 1,
    })
    const nodal = new Float64Array(nodeCount(mesh) * c)
    for (let n = 0; n < nodeCount(mesh); n++) {
      const [x, y] = mesh.points.subarray(2 * n, 2 * n + 2)
      for (let i = 0; i < c; i++) nodal[n * c + i] = 1e-3 * (1 + (2 + i) * x - (3 - i) * y)
    }
    const force = new Float64Array(space.dofs)
    operator.applyInto(force, toDofs(space, nodal))
    const edge = new Set([...mesh.facetGroups.values()].flatMap((pairs) => [...pairs]))
    const largest = force.reduce((m, f) => Math.max(m, Math.abs(f)), 0)
    let inside = 0
    for (let n = 0; n < nodeCount(mesh); n++) {
      if (edge.has(n)) continue
      for (let i = 0; i < c; i++) inside = Math.max(inside, Math.abs(force[space.firstDof[n] + i]))
    }
    expect(inside).toBeLessThan(1e-13 * largest)
  })

  it('lumps the mass of the plate, all of it', () => {
    const mesh = rectangle({ type, size: [2, 1.5], cells: [4, 3], distortion: 0.2 })
    const mass = lumpedMass(functionSpace(mesh, 2), new Float64Array(cellCount(mesh)).fill(10))
    expect(mass.reduce((s, m) => s + m, 0)).toBeCloseTo(2 * 2 * 1.5 * 10, 10)
    expect(Math.min(...mass)).toBeGreaterThan(0)
  })
})

describe('the reduced product', () => {
  const cases = TYPES.flatMap((type) => PHYSICS.map((physics) => [type, physics] as const))

  it.each(cases)('%s %s equals the sum of full element matrices, lane by lane', (type, physics) => {
    const mesh = rectangle({ type, size: [1, 1], cells: [3, 3], distortion: 0.2 })
    const lanes = 3
    const medium = steel(physics, cellCount(mesh))
    const { space, operator } = waveSystem({ mesh, medium, damping: 0, fixed: [], lanes })
    const c = space.components
    const factor = Float64Array.from({ length: cellCount(mesh) * lanes }, (_, k) => 1.5 + Math.sin(3 * k))
    const u = Float64Array.from({ length: space.dofs * lanes }, (_, k) => Math.sin(7 * k))
    const expected = new Float64Array(u.length)
    const { connectivity } = mesh.blocks[0]
    const nodes = ELEMENTS[type].nodes
    for (let e = 0; e < cellCount(mesh); e++) {
      const own = connectivity.subarray(e * nodes, (e + 1) * nodes)
      const corners = [...own].flatMap((n) => [mesh.points[2 * n], mesh.points[2 * n + 1]])
      const k = elementMatrix(ELEMENTS[type], corners, stiffnessForm(medium), c, e)
      const dofs = [...own].flatMap((n) => Array.from({ length: c }, (_, i) => space.firstDof[n] + i))
      dofs.forEach((row, i) => {
        dofs.forEach((column, j) => {
          for (let l = 0; l < lanes; l++) {
            expected[row * lanes + l] += factor[e * lanes + l] * k[i * dofs.length + j] * u[column * lanes + l]
          }
        })
      })
    }
    operator.setFactor(factor)
    const out = new Float64Array(u.length)
    operator.applyInto(out, u)
    const scale = Math.max(...expected.map(Math.abs))
    out.forEach((f, k) => {
      expect(Math.abs(f - expected[k])).toBeLessThan(1e-13 * scale)
    })
  })
})

describe('largest eigenvalue', () => {
  it('of the second-difference matrix is 2 + 2 cos(π/(n+1))', () => {
    const n = 6
    const a = Float64Array.from({ length: n * n }, (_, k) => {
      const distance = Math.abs(Math.trunc(k / n) - (k % n))
      return distance === 0 ? 2 : distance === 1 ? -1 : 0
    })
    expect(largestEigenvalue(a, n)).toBeCloseTo(2 + 2 * Math.cos(Math.PI / (n + 1)), 13)
  })
})
