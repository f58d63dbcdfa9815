import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/random.ts'
import { decodeInto } from '../../src/trace/codec.ts'
import { historiesOf, leadingFrames, prepareDecoder } from '../../src/trace/decoder.ts'
import type { Reduction } from '../../src/trace/reduction.ts'
import { type TraceGrid, traceSize } from '../../src/trace/trace.ts'

const GRID: TraceGrid = { points: new Float64Array(2 * 7), components: 2, frames: 9, frameStep: 1e-6 }
const SIZE = traceSize(GRID)

const normals = (length: number, index: number): Float64Array => {
  const out = new Float64Array(length)
  randomStream(2, 'test/decoder').normalsInto(out, index)
  return out
}

/** Decoding needs no orthogonal modes. */
const reductionOf = (modeCount: number): Reduction => ({
  ...{ grid: GRID, modeCount, mean: normals(SIZE, 0), modes: normals(modeCount * SIZE, 1) },
  ...{ singularValues: new Float64Array(modeCount).fill(1), totalEnergy: modeCount, count: 10 },
})

const decoded = (reduction: Reduction, a: Float64Array, count: number, rank: number, stride = rank): Float64Array => {
  const out = new Float64Array(count * SIZE)
  decodeInto(out, reduction, a, count, rank, stride)
  return out
}

describe('a prepared decoder', () => {
  // 300 modes are more than one block of the product's depth; 13 are no multiple of a tile.
  it.each([
    [13, 13],
    [13, 5],
    [300, 300],
    [300, 256],
    [300, 270],
  ])('has the bits of decodeInto: %d modes, %d asked for', (modes, rank) => {
    const reduction = reductionOf(modes)
    const decoder = prepareDecoder(reduction, { lanes: 8 })
    for (const count of [1, 3, 8]) {
      const a = normals(count * rank, 2)
      const out = new Float64Array(count * SIZE)
      decoder.decodeInto(out, a, count, rank)
      expect(out).toEqual(decoded(reduction, a, count, rank))
    }
  })

  it('takes the leading coefficients of longer rows', () => {
    const reduction = reductionOf(6)
    const a = normals(2 * 6, 2)
    const out = new Float64Array(2 * SIZE)
    prepareDecoder(reduction, { lanes: 2, rank: 4 }).decodeInto(out, a, 2, 4, 6)
    expect(out).toEqual(decoded(reduction, a, 2, 4, 6))
  })

  it('decodes the first frames only', () => {
    const reduction = reductionOf(6)
    const a = normals(3 * 6, 2)
    const decoder = prepareDecoder(reduction, { lanes: 3, entries: leadingFrames(GRID, 4) })
    expect(decoder.size).toBe((4 * SIZE) / 9)
    const out = new Float64Array(3 * decoder.size)
    decoder.decodeInto(out, a, 3, 6)
    const all = decoded(reduction, a, 3, 6)
    for (let n = 0; n < 3; n++)
      expect(out.slice(n * decoder.size, (n + 1) * decoder.size)).toEqual(all.slice(n * SIZE, n * SIZE + decoder.size))
  })

  it('decodes the histories of a few dofs', () => {
    const reduction = reductionOf(6)
    const a = normals(6, 2)
    const out = new Float64Array(2 * 9)
    prepareDecoder(reduction, { lanes: 1, entries: historiesOf(GRID, [11, 2]) }).decodeInto(out, a, 1, 6)
    const all = decoded(reduction, a, 1, 6)
    const width = SIZE / 9
    expect([...out]).toEqual(Array.from({ length: 9 }, (_, t) => [all[t * width + 11], all[t * width + 2]]).flat())
  })

  it('refuses more modes and more samples than it was made for', () => {
    const decoder = prepareDecoder(reductionOf(6), { lanes: 2, rank: 4 })
    const out = new Float64Array(3 * SIZE)
    expect(() => decoder.decodeInto(out, normals(10, 0), 1, 5)).toThrow(/rank: expected a whole number from 1 to 4/)
    expect(() => decoder.decodeInto(out, normals(12, 0), 3, 4)).toThrow(/count: expected at most 2, received 3/)
    expect(() => prepareDecoder(reductionOf(6), { lanes: 2, rank: 7 })).toThrow(/rank/)
  })
})
