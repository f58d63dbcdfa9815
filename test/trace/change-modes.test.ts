import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/random.ts'
import { changeModes } from '../../src/trace/change-modes.ts'
import { decodeInto, encodeInto } from '../../src/trace/codec.ts'
import { towardsQuantities } from '../../src/trace/goal-oriented.ts'
import { fitReduction, type Reduction } from '../../src/trace/reduction.ts'
import type { TraceGrid } from '../../src/trace/trace.ts'

const SIZE = 2 * 3 * 8
const grid: TraceGrid = { points: new Float64Array(2 * 3), components: 2, frames: 8, frameStep: 1e-5 }

const reductionOf = (seed: number, modes: number): Reduction => {
  const normals = new Float64Array(30 * SIZE)
  randomStream(seed, 'test/change-modes').normalsInto(normals, 0)
  return fitReduction({ grid, count: 30, values: Float32Array.from(normals, (v) => v + seed) }, { modes })
}

describe('changeModes', () => {
  const from = reductionOf(1, 7)
  const coefficients = Float64Array.from({ length: 4 * 7 }, (_, at) => Math.sin(1 + at))
  const traces = new Float64Array(4 * SIZE)
  decodeInto(traces, from, coefficients, 4)

  it('is decoding followed by encoding, also with modes that are not orthonormal', () => {
    const gradients = Float64Array.from({ length: 3 * 9 }, (_, at) => Math.cos(at))
    for (const to of [reductionOf(2, 5), towardsQuantities(reductionOf(2, 9), gradients, 5)]) {
      const expected = new Float64Array(4 * 5)
      encodeInto(expected, to, traces, 4)
      changeModes(from, to, coefficients, 4).forEach((a, at) => {
        expect(a).toBeCloseTo(expected[at], 11)
      })
    }
  })

  it('changes nothing within one reduction', () => {
    changeModes(from, from, coefficients, 4).forEach((a, at) => {
      expect(a).toBeCloseTo(coefficients[at], 12)
    })
  })
})
