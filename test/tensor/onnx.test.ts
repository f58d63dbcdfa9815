import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/tensor/evaluate.ts'
import {
  add,
  constant,
  input,
  leakyRelu,
  matmul,
  mul,
  normalise,
  reduceSum,
  reshape,
  slice,
  stopGradient,
  transpose,
} from '../../src/tensor/graph.ts'
import { toOnnx } from '../../src/tensor/onnx.ts'
import { relativeError } from './numbers.ts'

const x = input('x', [2, 3])
const w = input('w', [3, 4])
const y = leakyRelu(add(matmul(x, slice(w, 1, 0, 2)), constant([0.5, -0.25])), 0.125)
const X = Float32Array.of(1, -2, 3, -4, 5, -6)
const W = Float32Array.from({ length: 12 }, (_, i) => (i - 5) / 4)
const expected = evaluate({ y }, { x: Float64Array.from(X), w: Float64Array.from(W) }).y

const tensor = (values: Float32Array, dims: readonly number[]) => new ort.Tensor('float32', values, dims)
const load = (bytes: Uint8Array) => ort.InferenceSession.create(bytes)

describe('ONNX file', () => {
  it('says its inputs and outputs with shapes, and runs', async () => {
    const session = await load(toOnnx({ y }))
    expect(session.inputMetadata).toMatchObject([
      { name: 'x', type: 'float32', shape: [2, 3] },
      { name: 'w', type: 'float32', shape: [3, 4] },
    ])
    expect(session.outputMetadata).toMatchObject([{ name: 'y', type: 'float32', shape: [2, 2] }])
    const result = await session.run({ x: tensor(X, [2, 3]), w: tensor(W, [3, 4]) })
    expect(relativeError(result.y.data as Float32Array, expected)).toBeLessThan(1e-6)
  })

  it('writes a norm of rows either way, with the same values', async () => {
    const rows = { y: normalise(x, 1e-5) }
    const norms = evaluate(rows, { x: Float64Array.from(X) }).y
    for (const [instanceNorms, type] of [
      [false, 'LayerNormalization'],
      [true, 'InstanceNormalization'],
    ] as const) {
      const file = toOnnx(rows, { instanceNorms })
      expect(Buffer.from(file).toString('latin1')).toContain(type)
      const result = await (await load(file)).run({ x: tensor(X, [2, 3]) })
      expect(relativeError(result.y.data as Float32Array, norms)).toBeLessThan(1e-6)
    }
  })

  it('holds fixed inputs as values', async () => {
    const session = await load(toOnnx({ y }, { fixed: { w: W }, metadata: { seed: '7' }, name: 'generator' }))
    expect(session.inputNames).toEqual(['x'])
    const result = await session.run({ x: tensor(X, [2, 3]) })
    expect(relativeError(result.y.data as Float32Array, expected)).toBeLessThan(1e-6)
  })

  it('has the name and metadata in it', () => {
    const text = Buffer.from(toOnnx({ y }, { metadata: { seed: '7 of 9' }, name: 'trace generator' })).toString(
      'latin1',
    )
    for (const part of ['nestwave', 'trace generator', 'seed', '7 of 9']) expect(text).toContain(part)
  })

  it('gives one node several output names, and inputs and constants as outputs', async () => {
    const outputs = { a: mul(x, 2), b: mul(x, 2), same: stopGradient(x), fixed: constant([1, 2]) }
    const session = await load(toOnnx(outputs))
    const result = await session.run({ x: tensor(X, [2, 3]) })
    expect(result.a.data).toEqual(X.map((v) => 2 * v))
    expect(result.b.data).toEqual(result.a.data)
    expect(result.same.data).toEqual(X)
    expect(result.fixed.data).toEqual(Float32Array.of(1, 2))
  })

  it('is the same bytes for the same graph built again', () => {
    const build = () => {
      const a = input('a', [2, 2])
      return toOnnx({ out: add(matmul(a, a), mul(a, 3)) })
    }
    expect(Buffer.from(build()).equals(Buffer.from(build()))).toBe(true)
  })

  it('refuses names that clash and fixed values that do not fit, all at once', () => {
    expect(() => toOnnx({ x: y, '/1': y }, { fixed: { w: new Float32Array(5), v: W } })).toThrow(
      [
        'graph: expected names that are not empty nor begin with /, received /1',
        'outputs.x: expected a name that no input has, received x',
        'fixed.w: expected 12 values, received 5 values',
        'fixed.v: expected one of x, w, received 12 values',
      ].join('\n'),
    )
    expect(() => toOnnx({ y: add(x, input('x', [3])) })).toThrow('input x: expected one node per name')
  })
})

describe('an ONNX file with an open first axis', () => {
  const SIZE = 2 ** 31 - 1
  const openAxis = { name: 'n', size: SIZE }
  const rows = input('rows', [SIZE, 2, 3])

  it('takes any number of rows, through products, moves and reshapes', async () => {
    const tall = matmul(rows, w) // reshaped to [2n, 3] and back
    const y = reshape(transpose(add(tall, constant([1, 2, 3, 4])), [0, 2, 1]), [SIZE, 8])
    const session = await load(toOnnx({ y }, { openAxis, fixed: { w: W } }))
    expect(session.inputMetadata).toMatchObject([{ name: 'rows', shape: ['n', 2, 3] }])
    expect(session.outputMetadata).toMatchObject([{ name: 'y', shape: ['n', 8] }])
    const values = Float32Array.from({ length: 18 }, (_, i) => Math.sin(i))
    const all = (await session.run({ rows: tensor(values, [3, 2, 3]) })).y
    expect(all.dims).toEqual([3, 8])
    const last = (await session.run({ rows: tensor(values.slice(12), [1, 2, 3]) })).y
    expect(last.data).toEqual((all.data as Float32Array).slice(16))
  })

  it.each([
    ['a sum over rows', () => reduceSum(rows, [0])],
    ['some of the rows', () => slice(rows, 0, 1, SIZE)],
    ['rows that become columns', () => transpose(rows, [1, 0, 2])],
    ['a shape without rows', () => reshape(rows, [6, SIZE])],
    ['rows out of nothing', () => add(mul(constant(1, [SIZE, 2]), 2), 1)],
  ])('refuses %s', (_, build) => {
    expect(() => toOnnx({ y: build() }, { openAxis })).toThrow(
      'openAxis: expected a graph that treats every row alike, received',
    )
  })
})
