import { describe, expect, it } from 'vitest'
import { rampColour } from '../../src/report/colour.ts'
import { extent, linearTicks, logTicks, niceStep, padded, tickDecimals } from '../../src/report/ticks.ts'

describe('ticks', () => {
  it.each([
    [0, 10, 5, [0, 2, 4, 6, 8, 10]],
    [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [-7.2, 14.9, 4, [-5, 0, 5, 10]],
    [0.0031, 0.0052, 4, [0.0035, 0.004, 0.0045, 0.005]],
    [163.2, 186.1, 5, [165, 170, 175, 180, 185]],
    [3, 3, 5, [3]],
  ])('linear from %d to %d', (low, high, target, ticks) => {
    expect(linearTicks(low, high, target)).toEqual(ticks)
  })

  it('steps are 1, 2 or 5 times a power of ten, near the target count', () => {
    for (const span of [1e-9, 0.37, 4, 77, 2.3e8]) {
      const step = niceStep(span, 5)
      const mantissa = step / 10 ** Math.floor(Math.log10(step) + 1e-9)
      expect([1, 2, 5].some((m) => Math.abs(m - mantissa) < 1e-6)).toBe(true)
      expect(span / step).toBeGreaterThan(3)
      expect(span / step).toBeLessThan(8)
    }
  })

  it('logarithmic: decades, and 2 and 5 where there are few', () => {
    expect(logTicks(10, 4000)).toEqual([10, 20, 50, 100, 200, 500, 1000, 2000])
    expect(logTicks(1, 1e5)).toEqual([1, 10, 100, 1000, 1e4, 1e5])
    expect(logTicks(31, 39).length).toBeGreaterThanOrEqual(2)
    expect(logTicks(1e-12, 1e12).length).toBeLessThan(10)
  })

  it('have the decimals that tell them apart', () => {
    expect(tickDecimals([0, 0.2, 0.4])).toBe(1)
    expect(tickDecimals([0.0035, 0.004, 0.0045])).toBe(4)
    expect(tickDecimals([0, 50, 100])).toBe(0)
  })

  it('extents ignore what is not finite', () => {
    expect(extent([3, Number.NaN, -1, Infinity])).toEqual([-1, 3])
    expect(extent([Number.NaN])).toBeUndefined()
    expect(padded([0, 10], 0.1)).toEqual([-1, 11])
    expect(padded([5, 5])).toEqual([4.5, 5.5])
  })
})

/** WCAG relative luminance of #rrggbb. */
const luminance = (colour: string): number => {
  const [r, g, b] = [1, 3, 5]
    .map((i) => Number.parseInt(colour.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

describe('colour ramps', () => {
  it.each(['wave', 'material'] as const)('%s darkens in even steps, readable in grey print', (name) => {
    // Y^⅓ is lightness up to a constant: the eye's even scale.
    const lightness = Array.from({ length: 33 }, (_, i) => Math.cbrt(luminance(rampColour(name, i / 32))))
    const steps = lightness.slice(1).map((l, i) => lightness[i] - l)
    const mean = (lightness[0] - lightness[32]) / 32
    expect(mean).toBeGreaterThan(0.012)
    expect(Math.min(...steps)).toBeGreaterThan(0.4 * mean)
    expect(Math.max(...steps)).toBeLessThan(1.7 * mean)
  })

  it('leaves what is at rest nearly white, and stays in gamut outside [0, 1]', () => {
    expect(luminance(rampColour('wave', 0))).toBeGreaterThan(0.9)
    expect(rampColour('wave', -3)).toBe(rampColour('wave', 0))
    expect(rampColour('wave', 3)).toBe(rampColour('wave', 1))
  })
})
