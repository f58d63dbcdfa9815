import { describe, expect, it } from 'vitest'
import { fitTailScale, groupOf, tailGroups, tailScales } from '../../src/generative/tail-scale.ts'
import { randomStream } from '../../src/numeric/random.ts'

const TAIL = 80
const COMMON = 0.5
const SLOPES = [0.8, 0, -0.6]

const normals = (n: number, width: number, seed: number, purpose: string): Float64Array => {
  const out = new Float64Array(n * width)
  randomStream(seed, `test/${purpose}`).normalsInto(out, 0)
  return out
}

/** Deviations whose log variance is SLOPES[group]·x + a normal of deviation COMMON that the run's groups share. */
const loud = (n: number, seed: number) => {
  const x = normals(n, 1, seed, 'x')
  const factor = normals(n, 1, seed, 'factor')
  const deviations = normals(n, TAIL, seed, 'noise').map((z, at) => {
    const row = Math.floor(at / TAIL)
    const log = SLOPES[groupOf(at % TAIL)] * x[row] + COMMON * factor[row] - COMMON ** 2 / 2
    return z * Math.exp(log / 2)
  })
  const design = Float64Array.from({ length: 2 * n }, (_, at) => (at % 2 === 0 ? 1 : x[at >> 1]))
  return { design, deviations }
}

describe('scale of the tail', () => {
  const N = 2000
  const { design, deviations } = loud(N, 1)
  const { scale, logVariance } = fitTailScale(design, deviations, N, true)

  it('finds how the log variance of each group depends on the design', () => {
    expect(tailGroups(TAIL)).toBe(3)
    SLOPES.forEach((slope, g) => {
      expect(Math.abs(scale.weights[2 * g + 1] - slope)).toBeLessThan(0.06)
      expect(Math.abs(scale.weights[2 * g])).toBeLessThan(0.06)
    })
  })

  it('finds what the groups of a run share beyond it, and nothing where nothing is shared', () => {
    expect(Math.abs(scale.common - COMMON)).toBeLessThan(0.03)
    const alone = fitTailScale(design, normals(N, TAIL, 3, 'other'), N, true)
    expect(alone.scale.common).toBeLessThan(0.1)
    expect(fitTailScale(design, deviations, N, false).scale.common).toBe(0)
  })

  it('has the level of the squares, by fits that left each run out', () => {
    for (let g = 0; g < 3; g++) {
      let sum = 0
      for (let n = 0; n < N; n++)
        for (let k = 0; k < TAIL; k++)
          if (groupOf(k) === g) sum += deviations[n * TAIL + k] ** 2 / Math.exp(logVariance[n * 3 + g])
      const size = g < 2 ? 32 : 16
      expect(sum / (N * size)).toBeCloseTo(1, 9)
    }
  })

  it('draws scales whose mean square is the variance, clamped to the range of the training runs', () => {
    const n = 20_000
    const flat = Float64Array.from({ length: 2 * n }, (_, at) => (at % 2 === 0 ? 1 : 0))
    const drawn = tailScales(scale, flat, normals(n, 1, 5, 'loudness'), n)
    let sum = 0
    for (let i = 0; i < n; i++) sum += drawn[3 * i] ** 2 / n
    expect(sum / Math.exp(scale.weights[0])).toBeCloseTo(1, 1)
    const far = (x: number): Float64Array => tailScales(scale, Float64Array.of(1, x), Float64Array.of(0), 1)
    expect(far(50)).toEqual(far(500))
  })
})
