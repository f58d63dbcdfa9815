import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { gradient } from '../../src/tensor/gradient.ts'
import {
  add,
  broadcastTo,
  constant,
  exp,
  input,
  layerNorm,
  leakyRelu,
  matmul,
  mul,
  neg,
  reduceSum,
  reshape,
  slice,
  softmax,
  square,
  stopGradient,
  type Tensor,
  transpose,
} from '../../src/tensor/graph.ts'
import { sizeOf } from '../../src/tensor/shape.ts'
import { reachable } from '../../src/tensor/traverse.ts'
import { relativeError } from './numbers.ts'
import { ALL_CASES } from './op-cases.ts'

type Feeds = Readonly<Record<string, Float64Array>>
type Inputs = Readonly<Record<string, Tensor>>

/** Different for every entry, so that no two errors cancel. */
const weights = (x: Tensor, salt: number): Tensor =>
  constant(
    Float64Array.from({ length: sizeOf(x.shape) }, (_, i) => Math.sin(1 + salt + 2.3 * i)),
    x.shape,
  )
const weighted = (xs: readonly Tensor[], salt: number): Tensor =>
  xs.map((x, i) => reduceSum(mul(weights(x, salt + i), x))).reduce((sum, x) => add(sum, x))

/** (f(x + h e_i) - f(x - h e_i)) / 2h for every entry of one feed. */
const centralDifferences = (f: Tensor, feeds: Feeds, name: string): number[] =>
  Array.from(feeds[name], (value, i) => {
    const h = 1e-5 * Math.max(1, Math.abs(value))
    const at = (v: number): number => evaluate({ f }, { ...feeds, [name]: feeds[name].with(i, v) }).f[0]
    return (at(value + h) - at(value - h)) / (2 * h)
  })

/** Keeps inputs in the graph that a derivative no longer depends on, so that one set of feeds fits all. */
const anchored = (f: Tensor, inputs: Inputs): Tensor =>
  Object.values(inputs).reduce((sum, x) => add(sum, mul(0, reduceSum(x))), f)

const expectDerivatives = (f: Tensor, inputs: Inputs, feeds: Feeds, tolerance: number): readonly Tensor[] => {
  const names = Object.keys(inputs)
  const gradients = gradient(f, Object.values(inputs))
  names.forEach((name, i) => {
    expect(gradients[i].shape).toEqual(inputs[name].shape)
    const g = add(gradients[i], mul(0, anchored(f, inputs)))
    const expected = centralDifferences(anchored(f, inputs), feeds, name)
    expect(relativeError(evaluate({ g }, feeds).g, expected), `∂/∂${name}`).toBeLessThan(tolerance)
  })
  return gradients
}

describe('gradient of every primitive', () => {
  it.each(ALL_CASES)('%s: first and second order against central differences', (_, { y, inputs, feeds, ...c }) => {
    const f = weighted([square(y)], 0)
    if (c.derivativeIsZero) {
      const [g] = gradient(f, Object.values(inputs))
      expect([...evaluate({ g }, {}).g]).toEqual(c.expected.map(() => 0))
      return
    }
    const first = expectDerivatives(f, inputs, feeds, 1e-8)
    expectDerivatives(weighted(first, 3), inputs, feeds, 1e-8)
  })
})

describe('gradient', () => {
  const x = input('x', [3])
  const feeds = { x: Float64Array.of(0.3, -0.8, 1.1) }

  it('goes to any order: the fourth derivative of e^2x is 16 e^2x', () => {
    let f = reduceSum(exp(mul(2, x)))
    for (let order = 1; order <= 4; order++) f = reduceSum(gradient(f, [x])[0])
    const expected = feeds.x.reduce((sum, v) => sum + 16 * Math.exp(2 * v), 0)
    expect(evaluate({ f }, feeds).f[0] / expected).toBeCloseTo(1, 13)
  })

  it('keeps the second order of a squared exponential, which other engines drop', () => {
    const [g] = gradient(reduceSum(exp(mul(x, 0.5))), [x])
    const [gg] = gradient(reduceSum(square(g)), [x])
    expect(
      relativeError(
        evaluate({ gg }, feeds).gg,
        feeds.x.map((v) => 0.25 * Math.exp(v)),
      ),
    ).toBeLessThan(1e-15)
  })

  it('differentiates a normalised attention block to third order', () => {
    const t = input('t', [3, 2])
    const w = input('w', [2, 2])
    const values = { t: Float64Array.of(0.2, -0.5, 0.9, 0.4, -0.3, 0.7), w: Float64Array.of(0.6, -0.4, 0.3, 0.8) }
    const h = layerNorm(matmul(t, w), constant([1.5, 0.5]), constant([0.1, -0.2]), 0.1)
    const y = add(t, matmul(softmax(matmul(h, transpose(t))), leakyRelu(h, 0.2)))
    const inputs = { t, w }
    const first = expectDerivatives(weighted([square(y)], 0), inputs, values, 1e-7)
    const second = expectDerivatives(weighted(first, 5), inputs, values, 1e-7)
    expectDerivatives(weighted(second, 9), inputs, values, 1e-7)
  })

  it('is by any node, also one that later work could be rewritten around', () => {
    const rewritable: Record<string, Tensor> = {
      broadcastTo: broadcastTo(x, [2, 3]),
      reshape: reshape(x, [3, 1]),
      transpose: transpose(reshape(x, [1, 3])),
      neg: neg(x),
      stopGradient: stopGradient(x),
      constant: constant([1, 2, 3]),
    }
    for (const [kind, z] of Object.entries(rewritable)) {
      const [g] = gradient(reduceSum(mul(reshape(neg(z), z.shape), 5)), [z])
      expect([...evaluate({ g }, {}).g], kind).toEqual(new Array(sizeOf(z.shape)).fill(-5))
    }
  })

  it('is one for y by itself, and complete by a node and its ancestor together', () => {
    const y = reduceSum(square(x))
    const z = mul(y, y)
    const [byZ, byY, byX] = gradient(z, [z, y, x])
    const values = evaluate({ byZ, byY, byX, y }, feeds)
    expect(values.byZ[0]).toBe(1)
    expect(values.byY[0]).toBeCloseTo(2 * values.y[0], 14)
    expect(
      relativeError(
        values.byX,
        feeds.x.map((v) => 4 * values.y[0] * v),
      ),
    ).toBeLessThan(1e-15)
  })

  it('is a zero constant where no path leads', () => {
    const other = input('other', [2, 2])
    const gradients = gradient(reduceSum(add(x, stopGradient(reduceSum(other)))), [other, x])
    expect(gradients[0].shape).toEqual([2, 2])
    expect([...evaluate({ g: gradients[0] }, {}).g]).toEqual([0, 0, 0, 0])
    expect([...evaluate({ g: gradients[1] }, {}).g]).toEqual([1, 1, 1])
  })

  it('joins the slices of one vector instead of adding padded copies', () => {
    const theta = input('theta', [40])
    const parts = Array.from({ length: 20 }, (_, i) => slice(theta, 0, 2 * i, 2 * i + 2))
    const [g] = gradient(weighted(parts.map(square), 0), [theta])
    const kinds = reachable([g]).map((n) => n.op.kind)
    expect(kinds.filter((k) => k === 'pad')).toEqual([])
    expect(kinds.filter((k) => k === 'concat')).toHaveLength(1)
  })

  it('refuses a tensor that is no scalar, and two inputs of one name', () => {
    expect(() => gradient(x, [x])).toThrow('gradient: expected a scalar to differentiate, received shape [3]')
    const twin = input('x', [3])
    expect(() => gradient(reduceSum(add(x, twin)), [x])).toThrow('input x: expected one node per name')
  })
})
