import { mean, sampleKurtosis, standardDeviation } from 'simple-statistics'
import { describe, expect, it } from 'vitest'
import { philoxInto, randomStream } from '../../src/numeric/random.ts'

const philox = (...args: [number, number, number, number, number, number]): string[] => {
  const out = new Uint32Array(4)
  philoxInto(out, ...args)
  return [...out].map((w) => w.toString(16).padStart(8, '0'))
}
const ones = 0xffffffff

describe('Philox4x32-10', () => {
  // Known-answer vectors published with Random123 (kat_vectors).
  it('reproduces the published vectors', () => {
    expect(philox(0, 0, 0, 0, 0, 0)).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8'])
    expect(philox(ones, ones, ones, ones, ones, ones)).toEqual(['408f276d', '41c83b0e', 'a20bc7c6', '6d5451fd'])
    expect(philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0)).toEqual([
      'd16cfe09',
      '94fdcceb',
      '5001e420',
      '24126ea1',
    ])
  })
})

describe('randomStream', () => {
  const draw = (seed: number, purpose: string, index: number, n: number): Float64Array => {
    const out = new Float64Array(n)
    randomStream(seed, purpose).normalsInto(out, index)
    return out
  }

  it('is a function of seed, purpose, index and draw only', () => {
    expect(draw(1, 'a', 5, 7)).toEqual(draw(1, 'a', 5, 7))
    expect(draw(1, 'a', 5, 9).subarray(0, 7)).toEqual(draw(1, 'a', 5, 7))
    for (const other of [draw(2, 'a', 5, 7), draw(1, 'b', 5, 7), draw(1, 'a', 6, 7), draw(1, 'a', 5 + 2 ** 32, 7)])
      expect(other[0]).not.toBe(draw(1, 'a', 5, 7)[0])
  })

  it('draws standard normals, uncorrelated across samples', () => {
    const values = Array.from({ length: 2000 }, (_, i) => [...draw(3, 'n', i, 10)])
    const all = values.flat()
    expect(Math.abs(mean(all))).toBeLessThan(4 / Math.sqrt(all.length))
    expect(Math.abs(standardDeviation(all) - 1)).toBeLessThan(4 / Math.sqrt(2 * all.length))
    expect(Math.abs(sampleKurtosis(all))).toBeLessThan(4 * Math.sqrt(24 / all.length))
    const lag = mean(values.slice(1).map((v, i) => v[0] * values[i][0]))
    expect(Math.abs(lag)).toBeLessThan(4 / Math.sqrt(values.length))
  })

  it('draws uniforms inside the open interval', () => {
    const out = new Float64Array(10_000)
    randomStream(4, 'u').uniformsInto(out, 0)
    expect(out.every((u) => u > 0 && u < 1)).toBe(true)
    expect(Math.abs(mean([...out]) - 0.5)).toBeLessThan(4 / Math.sqrt(12 * out.length))
  })
})
