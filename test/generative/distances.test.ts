import { describe, expect, it } from 'vitest'
import {
  fieldErrors,
  medianNearest,
  nearestTrainingRatio,
  sampleOf,
  spectrumError,
} from '../../src/generative/distances.ts'
import { energyTest } from '../../src/generative/energy-distance.ts'
import { ksDistance, meanColumnKs } from '../../src/generative/kolmogorov-smirnov.ts'
import { shapeDirections, sliceDirections, slicedWasserstein } from '../../src/generative/sliced-wasserstein.ts'
import { randomStream } from '../../src/numeric/random.ts'

const normals = (rows: number, width: number, index: number, shift = 0, scale = 1): Float64Array => {
  const out = new Float64Array(rows * width)
  randomStream(9, 'test/distances').normalsInto(out, index)
  return out.map((v) => shift + scale * v)
}

describe('ksDistance', () => {
  it('is the largest gap of the distribution functions', () => {
    expect(ksDistance([1, 2, 3, 4], [1, 2, 3, 4])).toBe(0)
    expect(ksDistance([1, 2], [3, 4])).toBe(1)
    expect(ksDistance([1, 2, 3, 4], [3, 4, 5, 6])).toBe(0.5)
    expect(ksDistance([1, 1, 1, 2], [1, 2, 2, 2])).toBe(0.5)
  })

  it('is NaN with NaN, as the sliced Wasserstein distance is', () => {
    expect(ksDistance([1, Number.NaN], [1, 2])).toBeNaN()
    expect(ksDistance([1, 2], [1, Number.NaN])).toBeNaN()
    expect(slicedWasserstein([1, Number.NaN], [1, 2], 1, Float64Array.of(1))).toBeNaN()
  })

  it('averages over columns', () => expect(meanColumnKs([1, 3, 2, 4], [1, 30, 2, 40], 2)).toBe(0.5))
})

describe('slicedWasserstein', () => {
  it('is the shift of a shifted sample, times E|cos| of its angle to the slices', () => {
    const x = normals(500, 3, 0)
    const y = x.map((v, at) => v + (at % 3 === 0 ? 2 : 0))
    const d = sliceDirections(3, 400, 1)
    // E|u·e| = 1/2 for a uniform direction in ℝ³.
    expect(Math.abs(slicedWasserstein(x, y, 3, d) - 1)).toBeLessThan(0.06)
    expect(slicedWasserstein(x, x, 3, d)).toBe(0)
  })

  it('does not depend on repetitions of a sample', () => {
    const [x, y] = [normals(100, 2, 1), normals(150, 2, 2)]
    const d = sliceDirections(2, 20, 1)
    const twice = Float64Array.of(...x, ...x)
    expect(slicedWasserstein(twice, y, 2, d)).toBeCloseTo(slicedWasserstein(x, y, 2, d), 12)
  })

  it('uses unit vectors fixed by the seed', () => {
    const d = sliceDirections(5, 7, 3)
    for (let i = 0; i < 7; i++) expect(Math.hypot(...d.subarray(5 * i, 5 * i + 5))).toBeCloseTo(1, 14)
    expect(sliceDirections(5, 7, 3)).toEqual(d)
    expect(sliceDirections(5, 7, 4)).not.toEqual(d)
  })
})

describe('shapeDirections', () => {
  const d = shapeDirections(6, 40, 1)
  const rows = Array.from({ length: 86 }, (_, i) => d.slice(6 * i, 6 * i + 6))

  it('holds axes, planes of two axes and dense vectors, all of unit length', () => {
    const supports = rows.map((row) => row.filter((v) => v !== 0).length)
    expect(supports).toEqual([...Array(6).fill(1), ...Array(40).fill(2), ...Array(40).fill(6)])
    for (const row of rows) expect(Math.hypot(...row)).toBeCloseTo(1, 14)
    expect(shapeDirections(1, 3, 1)).toEqual(Float64Array.of(1, 1, 1, 1, ...sliceDirections(1, 3, 1)))
  })

  it('sees a shape that dense directions hardly see', () => {
    const width = 24
    const gauss = normals(2000, width, 20)
    const branches = normals(2000, width, 21).map((v, at) => (at % width === 3 ? Math.sign(v) + 0.1 * v : v))
    const contrast = (directions: Float64Array): number =>
      slicedWasserstein(branches, gauss, width, directions) /
      slicedWasserstein(normals(2000, width, 22), gauss, width, directions)
    // One variable of 24 has another shape, all have the same moments.
    expect(contrast(shapeDirections(width, 50, 1))).toBeGreaterThan(1.05)
    expect(contrast(sliceDirections(width, 124, 1))).toBeLessThan(1.05)
  })
})

describe('energyTest', () => {
  it('equals the double sums', () => {
    const [x, y] = [normals(7, 2, 3), normals(5, 2, 4)]
    const mean = (a: Float64Array, b: Float64Array): number => {
      let sum = 0
      for (let i = 0; i < a.length; i += 2)
        for (let j = 0; j < b.length; j += 2) sum += Math.hypot(a[i] - b[j], a[i + 1] - b[j + 1])
      return sum / ((a.length / 2) * (b.length / 2))
    }
    const exact = 2 * mean(x, y) - mean(x, x) - mean(y, y)
    expect(energyTest(x, y, 2, 9).distance).toBeCloseTo(exact, 6)
  })

  it('rejects different laws and not equal ones', () => {
    expect(energyTest(normals(200, 4, 5), normals(200, 4, 6, 0.3), 4, 199).pValue).toBe(0.005)
    expect(energyTest(normals(200, 4, 5), normals(200, 4, 7), 4, 199).pValue).toBeGreaterThan(0.05)
  })

  // Kolmogorov's 1 % limit for 60 values.
  const LIMIT = 1.63 / Math.sqrt(60)
  const uniform = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000)

  it('has uniform p-values for equal laws', () => {
    const p = Array.from(
      { length: 60 },
      (_, i) => energyTest(normals(20, 2, 100 + i), normals(25, 2, 200 + i), 2, 39).pValue,
    )
    expect(ksDistance(p, uniform)).toBeLessThan(LIMIT)
  })

  it('has uniform p-values for equal laws at the same conditions if told of the pairs, and too large ones if not', () => {
    const p = [true, false].map((paired) =>
      Array.from({ length: 60 }, (_, i) => {
        const theta = normals(25, 1, 300 + i)
        const [x, y] = [400, 500].map((from) =>
          normals(25, 2, from + i).map((e, at) => (at % 2 ? theta[at >> 1] + 0.2 * e : theta[at >> 1])),
        )
        return energyTest(x, y, 2, 39, i, paired).pValue
      }),
    )
    expect(ksDistance(p[0], uniform)).toBeLessThan(LIMIT)
    expect(Math.min(...p[1])).toBeGreaterThan(0.5)
  })

  it('refuses samples of one row', () =>
    expect(() => energyTest([1, 2], [1, 2, 3, 4], 2, 9)).toThrow(/two or more rows of 2/))

  it('refuses pairs of samples of different sizes', () =>
    expect(() => energyTest([1, 2], [1, 2, 3], 1, 9, 0, true)).toThrow(/as many rows in each sample/))
})

describe('coefficient distances', () => {
  const x = sampleOf(normals(4000, 3, 8), 3)

  it('compare covariance spectra', () => {
    const y = sampleOf(
      x.rows.map((v) => 2 * v),
      3,
    )
    expect(spectrumError(y, x)).toBeCloseTo(3, 10)
    expect(spectrumError(x, x)).toBe(0)
  })

  it('compare mean and deviation fields through the modes', () => {
    const map = { mean: Float64Array.of(1, 1), modes: Float64Array.of(1, 0, 0, 1, 1, 1) }
    const y = sampleOf(
      x.rows.map((v, at) => (at % 3 === 0 ? 1.5 * v : v)),
      3,
    )
    const moments = (rows: Float64Array, d: number) => {
      const f = Array.from({ length: 4000 }, (_, n) => 1 + rows[3 * n + d] + rows[3 * n + 2])
      const mean = f.reduce((s, v) => s + v, 0) / f.length
      return [mean, Math.sqrt(f.reduce((s, v) => s + (v - mean) ** 2, 0) / f.length)]
    }
    const [a, b] = [0, 1].map((d) => [moments(y.rows, d), moments(x.rows, d)])
    const relative = (k: number): number =>
      Math.hypot(a[0][k] - a[1][k], b[0][k] - b[1][k]) / Math.hypot(a[1][k], b[1][k])
    const errors = fieldErrors(map, y, x)
    expect(errors.mean).toBeCloseTo(relative(0), 10)
    expect(errors.deviation).toBeCloseTo(relative(1), 10)
  })

  it('see copies of the training data', () => {
    const training = sampleOf(normals(300, 3, 9), 3)
    const fresh = sampleOf(normals(300, 3, 10), 3)
    expect(medianNearest(training, training)).toBe(0)
    const near = sampleOf(
      training.rows.map((v, at) => v + (at % 2 === 0 ? 0.02 : -0.02)),
      3,
    )
    expect(nearestTrainingRatio(near, fresh, training)).toBeLessThan(0.3)
    expect(Math.abs(nearestTrainingRatio(sampleOf(normals(300, 3, 11), 3), fresh, training) - 1)).toBeLessThan(0.25)
  })
})
