import { describe, expect, it } from 'vitest'
import { excessEnergyDistance } from '../../src/generative/excess-energy.ts'
import { scaleMargin, withScale } from '../../src/generative/scale-margin.ts'
import { pairsOf } from './known-law.ts'

const MODES = 5
const white = (count: number, seed: number) =>
  pairsOf(count, 0, MODES, seed, (out, _, z) => out.set(z.subarray(0, MODES)))

/** E|X| of a standard normal vector of five numbers: √2 Γ(3) / Γ(5/2). */
const LENGTH = (Math.SQRT2 * 2) / ((3 / 4) * Math.sqrt(Math.PI))
/** E|sX − Y| = √(1 + s²) E|X|, X and Y independent and standard normal. */
const exact = (s: number): number => LENGTH * (2 * Math.sqrt(1 + s * s) - Math.SQRT2 * (1 + s))

describe('the margin of a wrong scale', () => {
  it('is zero for none, to round-off', () => {
    expect(scaleMargin(white(200, 1), 1)).toBeCloseTo(0, 12)
  })

  it.each([1.1, 1.3])('is the energy distance of normal laws whose scales differ by %d', (factor) => {
    expect(scaleMargin(white(1500, 1), factor) / exact(factor)).toBeCloseTo(1, 1)
  })

  it('has far less noise than two samples would give', () => {
    const seeds = Array.from({ length: 8 }, (_, k) => k + 1)
    const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values)
    const paired = seeds.map((seed) => scaleMargin(white(150, seed), 1.1))
    const apart = seeds.map(
      (seed) =>
        excessEnergyDistance(withScale(white(150, seed), 1.1), white(150, seed + 100), undefined, { resamples: 2 })
          .excess,
    )
    expect(10 * spread(paired)).toBeLessThan(spread(apart))
  })
})
