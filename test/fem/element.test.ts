import { describe, expect, it } from 'vitest'
import { basisAt } from '../../src/fem/cell-basis.ts'
import { ELEMENTS } from '../../src/fem/element.ts'

const CORNERS = { T3: [0, 0, 2, 0.5, 0.3, 1.5], Q4: [0, 0, 2, 0.2, 2.5, 1.5, -0.2, 1] } as const
const POINTS = [
  [0.1, 0.2],
  [0.6, 0.3],
] as const

describe.each(Object.values(ELEMENTS))('element $type', (element) => {
  const corners = CORNERS[element.type]

  it('has a shape function per node that is 1 there and 0 at the others', () => {
    const nodes = {
      T3: [
        [0, 0],
        [1, 0],
        [0, 1],
      ],
      Q4: [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ],
    }[element.type]
    nodes.forEach(([xi, eta], a) => {
      expect(element.shape(xi, eta).map((v) => v + 0)).toEqual(nodes.map((_, b) => (a === b ? 1 : 0)))
    })
  })

  it('reproduces linear fields and their gradients in physical space', () => {
    const values = element.shape(0, 0).map((_, a) => 3 + 2 * corners[2 * a] - 5 * corners[2 * a + 1])
    for (const point of POINTS) {
      const { x, shape, grad } = basisAt(element, corners, point, 0)
      const sum = (weights: readonly number[]): number => weights.reduce((s, w, a) => s + w * values[a], 0)
      expect(sum(shape)).toBeCloseTo(3 + 2 * x[0] - 5 * x[1], 12)
      expect(sum(grad.map((g) => g[0]))).toBeCloseTo(2, 12)
      expect(sum(grad.map((g) => g[1]))).toBeCloseTo(-5, 12)
    }
  })

  it('integrates the area', () => {
    const area = element.quadrature.reduce((s, q) => s + q.weight * basisAt(element, corners, q.at, 0).jacobian, 0)
    let shoelace = 0
    for (let a = 0; a < element.nodes; a++) {
      const b = (a + 1) % element.nodes
      shoelace += (corners[2 * a] * corners[2 * b + 1] - corners[2 * b] * corners[2 * a + 1]) / 2
    }
    expect(area).toBeCloseTo(shoelace, 12)
  })

  it('refuses an inverted cell', () => {
    const mirrored = corners.map((v, i) => (i % 2 === 0 ? -v : v))
    expect(() => basisAt(element, mirrored, element.centroid, 7)).toThrow('mesh.cells[7]: expected counter-clockwise')
  })
})
