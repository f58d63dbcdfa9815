import { describe, expect, it } from 'vitest'
import { calibrateInto, calibrationMap, whiteMoments } from '../../src/generative/gan/calibration.ts'
import { randomStream } from '../../src/numeric/random.ts'

const normals = new Float64Array(3 * 500)
randomStream(1, 'test/calibration').normalsInto(normals, 0)
const mix = (rows: Float64Array, m: readonly number[], shift: readonly number[]): Float64Array =>
  rows.map((_, at) => {
    const [n, i] = [Math.floor(at / 3), at % 3]
    return shift[i] + m[3 * i] * rows[3 * n] + m[3 * i + 1] * rows[3 * n + 1] + m[3 * i + 2] * rows[3 * n + 2]
  })

describe('calibrationMap', () => {
  const source = mix(normals, [1, 0.3, 0, 0, 0.7, 0.2, 0.1, 0, 1.2], [0.2, 0, -0.4])
  const target = whiteMoments(mix(normals, [1, 0, 0.2, 0.1, 1, 0, 0, -0.3, 0.9], [0, 0.1, 0]), 3)
  const map = calibrationMap(whiteMoments(source, 3), target)
  const moved = new Float64Array(source.length)
  calibrateInto(moved, map, source, 500)

  it('gives the target mean and covariance', () => {
    const { mean, covariance } = whiteMoments(moved, 3)
    mean.forEach((m, i) => {
      expect(m).toBeCloseTo(target.mean[i], 12)
    })
    covariance.forEach((c, i) => {
      expect(c).toBeCloseTo(target.covariance[i], 12)
    })
  })

  it('is the symmetric map: the one that moves samples least', () => {
    const { matrix: a } = map
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ])
      expect(a[3 * i + j]).toBeCloseTo(a[3 * j + i], 12)
  })

  it('is the identity where the moments agree', () => {
    const same = calibrationMap(target, target)
    same.matrix.forEach((v, at) => {
      expect(v).toBeCloseTo(at % 4 === 0 ? 1 : 0, 12)
    })
  })
})
