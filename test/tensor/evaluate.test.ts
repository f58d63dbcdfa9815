import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { constant, input, layerNorm, OP_KINDS, reduceMean, softmax, type Tensor } from '../../src/tensor/graph.ts'
import { reachable } from '../../src/tensor/traverse.ts'
import { relativeError } from './numbers.ts'
import { ALL_CASES, OP_CASES } from './op-cases.ts'

const kindsIn = (y: Tensor): Set<string> => new Set(reachable([y]).map((x) => x.op.kind))

describe('evaluate', () => {
  it('has a case for every primitive, and each case uses it', () => {
    expect(Object.keys(OP_CASES).sort()).toEqual([...OP_KINDS].sort())
    for (const [kind, cases] of Object.entries(OP_CASES))
      for (const c of cases) expect(kindsIn(c.y), `${kind}: ${c.title}`).toContain(kind)
  })

  it.each(ALL_CASES)('%s', (_, { y, feeds, shape, expected }) => {
    expect(y.shape).toEqual(shape)
    expect(relativeError(evaluate({ y }, feeds).y, expected)).toBeLessThan(1e-15)
  })

  it('keeps softmax finite for large numbers', () => {
    expect([...evaluate({ y: softmax(constant([1000, 1000, -1000])) }, {}).y]).toEqual([0.5, 0.5, 0])
  })

  it('takes means', () => {
    const x = constant([1, 2, 3, 4, 5, 9], [2, 3])
    expect([...evaluate({ y: reduceMean(x, [1]) }, {}).y]).toEqual([2, 6])
    expect([...evaluate({ y: reduceMean(x) }, {}).y]).toEqual([4])
  })

  it('normalises layers to mean bias and deviation gain', () => {
    const x = constant([1, 2, 3, 4, -7, 0, 5, 5], [2, 4])
    const { y } = evaluate({ y: layerNorm(x, constant([2, 2, 2, 2]), constant([3, 3, 3, 3]), 0) }, {})
    for (const row of [y.subarray(0, 4), y.subarray(4)]) {
      const mean = row.reduce((a, b) => a + b) / 4
      expect(mean).toBeCloseTo(3, 12)
      expect(Math.sqrt(row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 4)).toBeCloseTo(2, 12)
    }
  })

  it('names every feed that is missing, unknown or of a wrong length', () => {
    const y = input('x', [3])
    expect(() => evaluate({ y }, { x: new Float64Array(2), z: new Float64Array(1) })).toThrow(
      'feeds.x: expected 3 values, received 2\nfeeds.z: expected one of x, received z',
    )
    expect(() => evaluate({ y }, {})).toThrow('feeds.x: expected 3 values, received nothing')
  })
})
