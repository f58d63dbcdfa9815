import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { gradient } from '../../src/tensor/gradient.ts'
import * as graph from '../../src/tensor/graph.ts'
import {
  add,
  broadcastTo,
  constant,
  div,
  exp,
  input,
  mul,
  neg,
  reduceSum,
  reshape,
  square,
  sub,
  type Tensor,
  transpose,
} from '../../src/tensor/graph.ts'
import { selfTestFeeds, selfTestGraph } from '../../src/tensor/self-test.ts'
import { simplify } from '../../src/tensor/simplify.ts'
import { reachable } from '../../src/tensor/traverse.ts'
import { relativeError, toDouble } from './numbers.ts'
import { ALL_CASES } from './op-cases.ts'

const x = input('x', [2, 3])
const simple = (y: Tensor): Tensor => simplify({ y }).y
const count = (...ys: Tensor[]): number => reachable(ys).length

describe('simplify', () => {
  it.each(ALL_CASES)('%s: keeps value and shape, of the derivative too', (_, { y, inputs, feeds }) => {
    const [g] = gradient(reduceSum(square(y)), Object.values(inputs))
    const anchor = Object.values(inputs).reduce((sum, z) => add(sum, mul(0, reduceSum(z))), constant(0) as Tensor)
    const outputs = { y: add(y, anchor), g: add(g, anchor) }
    const shorter = simplify(outputs)
    const [expected, actual] = [evaluate(outputs, feeds), evaluate(shorter, feeds)]
    for (const name of ['y', 'g'] as const) {
      expect(shorter[name].shape).toEqual(outputs[name].shape)
      expect(relativeError(actual[name], expected[name])).toBeLessThan(1e-14)
    }
  })

  it('keeps the derivatives of a gradient penalty, with fewer nodes', () => {
    const outputs = selfTestGraph()
    const shorter = simplify(outputs)
    const feeds = toDouble(selfTestFeeds())
    const [expected, actual] = [evaluate(outputs, feeds), evaluate(shorter, feeds)]
    for (const name of Object.keys(outputs)) expect(relativeError(actual[name], expected[name])).toBeLessThan(1e-14)
    expect(count(...Object.values(shorter))).toBeLessThan(0.9 * count(...Object.values(outputs)))
  })

  it('computes equal subexpressions once, also across outputs', () => {
    const { a, b } = simplify({ a: exp(add(x, 1)), b: exp(add(x, 1)) })
    expect(a).toBe(b)
    expect(simple(add(exp(x), 1))).not.toBe(simple(add(exp(x), 2)))
  })

  it('tells apart what differs only in an attribute', () => {
    const { a, b } = simplify({ a: graph.leakyRelu(x, 0.1), b: graph.leakyRelu(x, 0.2) })
    expect(a).not.toBe(b)
    const long = (v: number) => constant(new Float64Array(100).fill(v))
    const constants = simplify({ a: long(1), b: long(2) })
    expect(constants.a).not.toBe(constants.b)
  })

  it.each<[string, Tensor, Tensor]>([
    ['x + 0', add(x, 0), x],
    ['0 + x', add(0, x), x],
    ['x - 0', sub(x, 0), x],
    ['x · 1 of its shape', mul(x, constant(1, [2, 3])), x],
    ['x / 1', div(x, 1), x],
    ['--x', neg(neg(x)), x],
    ['two transposes', transpose(transpose(x)), x],
    ['two reshapes', reshape(reshape(x, [6]), [2, 3]), x],
    ['a stop of gradients', graph.stopGradient(x), x],
    ['one concatenated', graph.concat([x], 0), x],
    ['the whole slice', graph.slice(x, 0, 0, 2), x],
    ['no padding', graph.pad(x, 0, 0, 0), x],
    ['a sum over an axis of one', reduceSum(graph.slice(x, 0, 0, 1), [0], true), graph.slice(x, 0, 0, 1)],
  ])('drops %s', (_, y, expected) => {
    expect(count(simple(y))).toBe(count(expected))
  })

  it.each<[string, Tensor]>([
    ['0 - x', sub(0, x)],
    ['1 / x', div(1, x)],
    ['0 · x', mul(0, x)],
    ['x + 0 of a larger shape', add(x, constant(0, [4, 2, 3]))],
    ['x + 0 of a higher rank', add(x, constant([0], [1, 1, 1]))],
  ])('does not drop %s', (_, y) => {
    expect(count(simple(y))).toBeGreaterThan(1)
  })

  it('stretches after elementwise work, not before', () => {
    const y = simple(exp(mul(broadcastTo(x, [50, 2, 3]), 2)))
    expect(y.op.kind).toBe('broadcastTo')
    expect(y.inputs[0].shape).toEqual([2, 3])
  })

  it('folds scalars', () => {
    expect(simple(mul(add(2, 3), 4)).op).toEqual({ kind: 'constant', values: Float64Array.of(20) })
    expect(simple(div(1, 0)).op.kind).toBe('div')
  })
})
