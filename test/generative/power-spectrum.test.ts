import { describe, expect, it } from 'vitest'
import { sampleOf } from '../../src/generative/distances.ts'
import { jackknifeIntervals } from '../../src/generative/jackknife.ts'
import { powerSpectrumOf, spectralError } from '../../src/generative/power-spectrum.ts'
import { randomStream } from '../../src/numeric/random.ts'

const normals = (length: number, index: number): Float64Array => {
  const out = new Float64Array(length)
  randomStream(5, 'test/power').normalsInto(out, index)
  return out
}
const [FRAMES, POINTS, WIDTH, COUNT] = [9, 4, 3, 25]
const map = { frames: FRAMES, mean: normals(FRAMES * POINTS, 0), modes: normals(WIDTH * FRAMES * POINTS, 1) }
const coefficients = normals(COUNT * WIDTH, 2)

/** Mean over samples of Σ_x |û(f, x)|², the transform as it is defined. */
const direct = (f: number): number => {
  let power = 0
  for (let n = 0; n < COUNT; n++)
    for (let x = 0; x < POINTS; x++) {
      let [re, im] = [0, 0]
      for (let t = 0; t < FRAMES; t++) {
        let u = map.mean[t * POINTS + x]
        for (let k = 0; k < WIDTH; k++) u += coefficients[n * WIDTH + k] * map.modes[(k * FRAMES + t) * POINTS + x]
        re += u * Math.cos((2 * Math.PI * f * t) / FRAMES)
        im -= u * Math.sin((2 * Math.PI * f * t) / FRAMES)
      }
      power += (re * re + im * im) / COUNT
    }
  return power
}

describe('the power spectrum of random histories', () => {
  const spectrum = powerSpectrumOf(map, WIDTH)(sampleOf(coefficients, WIDTH))

  it('is that of the decoded histories, transformed one by one', () => {
    expect(spectrum.length).toBe(5)
    spectrum.forEach((power, f) => {
      expect(Math.abs(power / direct(f) - 1)).toBeLessThan(1e-12)
    })
  })

  it('may use fewer modes than there are', () => {
    const few = powerSpectrumOf(map, 1)(sampleOf(Float64Array.of(2, 2), 1))
    const history = map.mean.map((v, at) => v + 2 * map.modes[at])
    const [one] = powerSpectrumOf({ ...map, mean: history }, 1)(sampleOf(Float64Array.of(0, 0), 1))
    expect(few[0]).toBeCloseTo(one, 10)
  })

  it('differs by the share of power that is elsewhere', () => {
    expect(spectralError(Float64Array.of(1, 2, 3), Float64Array.of(1, 1, 2))).toBe(0.5)
  })
})

describe('the grouped jackknife', () => {
  it('covers a mean in 95 % of all cases', () => {
    const [replications, n] = [1000, 200]
    let covered = 0
    for (let r = 0; r < replications; r++) {
      const x = normals(n, 10 + r).map((z) => z * z)
      const meanOf = (keep: (row: number) => boolean): number[] => {
        const kept = x.filter((_, i) => keep(i))
        return [kept.reduce((a, b) => a + b, 0) / kept.length]
      }
      const [[low, high]] = jackknifeIntervals(
        meanOf(() => true),
        meanOf,
      )
      if (low <= 1 && 1 <= high) covered++
    }
    // Squares of normals are skewed: a few per mille are missing at n = 200.
    expect(Math.abs(covered / replications - 0.95)).toBeLessThan(0.025)
  })
})
