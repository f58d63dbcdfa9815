import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/random.ts'
import { causalReduction, causalWindow, cutOf } from '../../src/trace/causality.ts'
import { decodeInto, encodeBatch } from '../../src/trace/codec.ts'
import { fitReduction } from '../../src/trace/reduction.ts'
import type { TraceGrid } from '../../src/trace/trace.ts'

const FRAMES = 12
const GRID: TraceGrid = { points: Float64Array.of(0, 0, 1, 0, 2, 0), components: 2, frames: FRAMES, frameStep: 1e-6 }
const ARRIVALS = Float64Array.of(0, 5.5, 2)
const window = causalWindow(GRID, ARRIVALS)
const at = (t: number, point: number, component = 0): number => t * 6 + point * 2 + component
const of = (point: number): number[] => Array.from({ length: FRAMES }, (_, t) => window[at(t, point)])

describe('the window of causality', () => {
  it('is open from the arrival on, but at frame 0', () => {
    expect(of(0)).toEqual([0, ...new Array(FRAMES - 1).fill(1)])
  })

  it('opens smoothly in the three frames before the arrival, and never after it', () => {
    const point = of(1)
    expect(point.slice(0, 3)).toEqual([0, 0, 0])
    expect(point.slice(6)).toEqual(new Array(6).fill(1))
    const x = [0.5 / 3, 1.5 / 3, 2.5 / 3].map((s) => s * s * (3 - 2 * s))
    point.slice(3, 6).forEach((w, k) => {
      expect(w).toBeCloseTo(x[k], 14)
    })
  })

  it('is shortened where the arrival is early', () => {
    expect(of(2)).toEqual([0, 0.5, ...new Array(FRAMES - 2).fill(1)])
  })

  it('holds for all components', () => {
    for (let t = 0; t < FRAMES; t++) for (let p = 0; p < 3; p++) expect(window[at(t, p, 1)]).toBe(window[at(t, p, 0)])
  })

  it('refuses arrivals that are none', () => {
    expect(() => causalWindow(GRID, Float64Array.of(1, 2))).toThrow('arrivals.length: expected 3, one per point')
    expect(() => causalWindow(GRID, Float64Array.of(1, -2, 1))).toThrow('arrivals[1]: expected a frame ≥ 0')
    expect(() => causalWindow(GRID, Float64Array.of(1, 2, Number.POSITIVE_INFINITY))).toThrow('arrivals[2]')
  })
})

describe('a causal reduction', () => {
  const stream = randomStream(5, 'test/causality')
  const noise = new Float64Array(40 * window.length)
  stream.normalsInto(noise, 0)
  /** Traces that move at once everywhere, which no wave does. */
  const batch = { grid: GRID, count: 40, values: Float32Array.from(noise) }
  const plain = fitReduction(batch, { modes: 6 })
  const causal = causalReduction(plain, window)

  it('decodes what the plain one does, times the window', () => {
    const coefficients = encodeBatch(plain, batch)
    const [a, b] = [new Float64Array(40 * window.length), new Float64Array(40 * window.length)]
    decodeInto(a, plain, coefficients, 40)
    decodeInto(b, causal, coefficients, 40)
    b.forEach((v, i) => {
      expect(Math.abs(v - window[i % window.length] * a[i])).toBeLessThan(1e-13)
    })
  })

  it('rests at frame 0 and before the window, whatever the coefficients', () => {
    const out = new Float64Array(window.length)
    decodeInto(out, causal, Float64Array.of(1e3, -7, 2, 1e-9, 5, 40), 1)
    expect(out.some((v, d) => window[d] === 0 && v !== 0)).toBe(false)
    expect(out.subarray(0, 6).every((v) => v === 0)).toBe(true)
    expect(out.some((v) => v !== 0)).toBe(true)
  })

  it('counts what the window takes', () => {
    const values = new Float32Array(2 * window.length)
    values[at(0, 0)] = 3
    values[at(4, 0)] = 4
    values[window.length + at(1, 2)] = 2
    expect(cutOf({ grid: GRID, count: 2, values }, window)).toEqual({ taken: 9 + 1, total: 9 + 16 + 4 })
  })
})
