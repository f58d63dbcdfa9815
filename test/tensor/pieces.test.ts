import { describe, expect, it } from 'vitest'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { createExecutor } from '../../src/tensor/executor.ts'
import { gradient } from '../../src/tensor/gradient.ts'
import { constant, input, reduceSum } from '../../src/tensor/graph.ts'
import { atLeast, atMost, clamp, stepAbove, stepBelow } from '../../src/tensor/pieces.ts'

const x = input('x', [5])
const X = [-3, -1, 0.25, 2, 4]
const graph = {
  least: atLeast(x, -1),
  most: atMost(x, 2),
  clamped: clamp(x, constant([-2, -2, 0, 3, 3]), constant([-1, 0, 0.5, 5, 3.5])),
  above: stepAbove(x, 0.25),
  below: stepBelow(x, 0.25),
}
const EXPECTED = {
  least: [-1, -1, 0.25, 2, 4],
  most: [-3, -1, 0.25, 2, 2],
  clamped: [-2, -1, 0.25, 3, 3.5],
  above: [0, 0, 0, 1, 1],
  below: [1, 1, 1, 0, 0],
}

describe('clamping and steps', () => {
  it.each(['onnxruntime-cpu', 'tfjs-cpu'] as const)('on %s', async (kind) => {
    const compiled = await (await createExecutor({ kind })).compile(graph)
    const values = await compiled.run({ x: Float32Array.from(X) })
    await compiled.release()
    for (const [name, expected] of Object.entries(EXPECTED)) expect([...values[name]], name).toEqual(expected)
  })

  it('have the derivative of their branch, steps none', () => {
    const slopes = {
      clamped: gradient(reduceSum(graph.clamped), [x])[0],
      above: gradient(reduceSum(graph.above), [x])[0],
    }
    const { clamped, above } = evaluate(slopes, { x: Float64Array.from([-3, -1.5, 0.25, 4, 4]) })
    expect([...clamped]).toEqual([0, 1, 1, 1, 0])
    expect([...above]).toEqual([0, 0, 0, 0, 0])
  })
})
