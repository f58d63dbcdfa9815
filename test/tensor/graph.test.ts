import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import * as graph from '../../src/tensor/graph.ts'

const x = graph.input('x', [2, 3])

describe('graph', () => {
  it.each<[string, () => unknown, string]>([
    ['an empty name', () => graph.input('', [1]), 'input.name: expected a name'],
    ['a length of zero', () => graph.input('z', [2, 0]), 'input z: expected positive integer lengths, received [2,0]'],
    ['a fraction of a length', () => graph.input('z', [1.5]), 'input z: expected positive integer lengths'],
    [
      'values that do not fill the shape',
      () => graph.constant([1, 2, 3], [2, 2]),
      'constant: expected 4 values for [2,2], received 3',
    ],
    [
      'a constant that is not a number',
      () => graph.constant([1, Number.NaN]),
      'constant[1]: expected a finite number, received NaN',
    ],
    [
      'shapes that do not broadcast',
      () => graph.add(x, graph.input('z', [2])),
      'add: expected shapes that broadcast, received [2,3] and [2]',
    ],
    [
      'a product of vectors',
      () => graph.matmul(x, graph.input('z', [3])),
      'matmul: expected [.., m, k] and [.., k, n], received [2,3] and [3]',
    ],
    [
      'inner lengths that differ',
      () => graph.matmul(x, x),
      'matmul: expected [.., m, k] and [.., k, n], received [2,3] and [2,3]',
    ],
    [
      'a permutation with a repeated axis',
      () => graph.transpose(x, [0, 0]),
      'transpose: expected a permutation of 2 axes, received [0,0]',
    ],
    ['a permutation that is too short', () => graph.transpose(x, [0]), 'transpose: expected a permutation of 2 axes'],
    [
      'a shape of another size',
      () => graph.reshape(x, [4]),
      'reshape: expected a shape of 6 elements for [2,3], received [4]',
    ],
    ['two inferred lengths', () => graph.reshape(x, [-1, -1]), 'reshape: expected a shape of 6 elements'],
    [
      'an inferred length that is no integer',
      () => graph.reshape(x, [4, -1]),
      'reshape: expected positive integer lengths',
    ],
    ['stretching what is not 1', () => graph.broadcastTo(x, [4, 3]), 'broadcastTo: expected shapes that broadcast'],
    [
      'shrinking',
      () => graph.broadcastTo(x, [1, 3]),
      'broadcastTo: expected a shape that [2,3] stretches to, received [1,3]',
    ],
    [
      'an axis that is not there',
      () => graph.reduceSum(x, [2]),
      'reduceSum: expected an axis of a tensor of rank 2, received 2',
    ],
    ['an axis named twice', () => graph.reduceSum(x, [1, -1]), 'reduceSum: expected distinct axes, received [1,-1]'],
    ['nothing to concatenate', () => graph.concat([], 0), 'concat: expected at least one tensor'],
    [
      'parts that do not fit',
      () => graph.concat([x, graph.input('z', [2, 4])], 0),
      'concat: expected shapes equal to [2,3] except along 0, received [2,4]',
    ],
    ['a slice past the end', () => graph.slice(x, 1, 1, 4), 'slice: expected 0 ≤ start < end ≤ 3, received 1:4'],
    ['an empty slice', () => graph.slice(x, 1, 2, 2), 'slice: expected 0 ≤ start < end ≤ 3, received 2:2'],
    ['negative padding', () => graph.pad(x, 0, -1, 0), 'pad: expected counts of zeros, received -1, 0'],
    [
      'an infinite slope',
      () => graph.leakyRelu(x, Number.POSITIVE_INFINITY),
      'leakyRelu.slope: expected a finite number',
    ],
    ['a softmax of a scalar', () => graph.softmax(graph.constant(1)), 'softmax: expected a tensor of rank 1 or more'],
  ])('refuses %s', (_, build, message) => {
    expect(build).toThrow(InvalidInput)
    expect(build).toThrow(message)
  })

  it('freezes its nodes', () => {
    const y = graph.add(x, 1)
    for (const part of [y, y.inputs, y.shape]) expect(Object.isFrozen(part)).toBe(true)
  })

  it('keeps what it was given when the caller changes the array', () => {
    const values = [1, 2]
    const c = graph.constant(values)
    values[0] = 9
    expect(c.op).toEqual({ kind: 'constant', values: Float64Array.of(1, 2) })
  })

  it('multiplies a batch by one matrix as one tall product, so that its derivative needs no sum over the batch', () => {
    const y = graph.matmul(graph.input('a', [5, 4, 3]), graph.input('w', [3, 2]))
    expect(y.shape).toEqual([5, 4, 2])
    expect(y.inputs[0].shape).toEqual([20, 2])
  })
})
