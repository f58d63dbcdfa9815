import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { createExecutor } from '../../src/tensor/executor.ts'
import { add, input, matmul, mul, type Tensor, transpose } from '../../src/tensor/graph.ts'
import { plainProducts } from '../../src/tensor/plain-products.ts'
import { reachable } from '../../src/tensor/traverse.ts'
import { relativeError, toSingle } from './numbers.ts'

const ROWS = 600
const [x, y] = [input('x', [ROWS, 3]), input('y', [ROWS, 5])]
const feeds = {
  x: Float64Array.from({ length: 3 * ROWS }, (_, i) => Math.fround(Math.sin(i))),
  y: Float64Array.from({ length: 5 * ROWS }, (_, i) => Math.fround(Math.cos(3 * i))),
}
const outputs = {
  wide: matmul(transpose(x), y), // [3, 5]
  narrow: add(matmul(transpose(y), x), 1), // [5, 3]
  again: matmul(transpose(x), mul(y, 2)),
}
const transposedLefts = (of: Readonly<Record<string, Tensor>>): number =>
  reachable(Object.values(of)).filter(({ op, inputs }) => op.kind === 'matmul' && inputs[0].op.kind === 'transpose')
    .length

describe('products over many rows', () => {
  it('keep their values', () => {
    const [expected, actual] = [evaluate(outputs, feeds), evaluate(plainProducts(outputs), feeds)]
    for (const name of Object.keys(outputs)) expect(relativeError(actual[name], expected[name])).toBeLessThan(1e-14)
  })

  it('have no transposed left side any more, and one copy of each transposed matrix', () => {
    expect(transposedLefts(outputs)).toBe(3)
    const plain = plainProducts(outputs)
    expect(transposedLefts(plain)).toBe(0)
    const cubes = reachable(Object.values(plain)).filter(
      ({ op, shape }) => op.kind === 'transpose' && shape.length === 3,
    )
    expect(cubes.map(({ shape }) => shape)).toEqual([[1, 3, ROWS]])
  })

  it('are left alone when the rows are few, or the left side is no transpose', () => {
    const small = {
      y: matmul(transpose(input('a', [100, 3])), input('b', [100, 5])),
      z: matmul(input('c', [2, 900]), input('d', [900, 2])),
    }
    expect(plainProducts(small)).toEqual(small)
  })

  it('give the same numbers on ONNX Runtime', async () => {
    const graph = await (await createExecutor({ kind: 'onnxruntime-cpu' })).compile(outputs)
    const [actual, expected] = [await graph.run(toSingle(feeds)), evaluate(outputs, feeds)]
    for (const name of Object.keys(outputs)) expect(relativeError(actual[name], expected[name])).toBeLessThan(1e-5)
    await graph.release()
  })
})
