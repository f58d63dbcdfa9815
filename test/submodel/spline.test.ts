import { describe, expect, it } from 'vitest'
import { splineFactors, splineSlopesInto } from '../../src/numeric/kernels/spline.ts'
import { splineDrive } from '../../src/submodel/drive.ts'

const slopesOf = (values: readonly number[]): Float64Array => {
  const slopes = new Float64Array(values.length)
  splineSlopesInto(slopes, Float64Array.from(values), splineFactors(values.length), values.length, 1)
  return slopes
}

describe('spline slopes', () => {
  it.each([4, 5, 9])('are exact for a cubic that starts at rest, %i frames', (frames) => {
    const t = [...Array(frames).keys()]
    const slopes = slopesOf(t.map((x) => 2 * x ** 3 - 5 * x ** 2 + 1))
    t.forEach((x, k) => {
      expect(slopes[k]).toBeCloseTo(6 * x ** 2 - 10 * x, 10)
    })
  })

  it('keep series apart', () => {
    const [a, b] = [
      [0, 1, 5, 2, 7],
      [0, -3, 2, 2, 1],
    ]
    const slopes = new Float64Array(10)
    splineSlopesInto(slopes, Float64Array.from(a.flatMap((v, k) => [v, b[k]])), splineFactors(5), 5, 2)
    expect(slopes.filter((_, i) => i % 2 === 0)).toEqual(slopesOf(a))
    expect(slopes.filter((_, i) => i % 2 === 1)).toEqual(slopesOf(b))
  })
})

describe('spline drive', () => {
  const spec = { dofs: Int32Array.of(1, 0), lanes: 3, frames: 21, frameStep: 0.1, step: 0.03 }
  const signal = (t: number): number => (t <= 0 ? 0 : Math.sin(3 * t) ** 2)
  const traces = Float64Array.from(
    { length: 3 * 21 * 2 },
    (_, k) => (k % 2 === 0 ? 1 : -2) * signal(Math.trunc((k % 42) / 2) * 0.1),
  )

  it('follows a smooth signal with amplitude and arrival per lane, to fourth order', () => {
    const errorOf = (): number => {
      const drive = splineDrive(spec)
      drive.load({ count: 3, traces, amplitude: [1, 5, -1], arrival: [0, 0.25, 1.1] })
      const u = new Float64Array(6)
      let worst = 0
      for (let n = 0; n <= 66; n++) {
        drive.imposeInto(u, n)
        ;[
          [1, 0],
          [5, 0.25],
          [-1, 1.1],
        ].forEach(([a, t0], l) => {
          const exact = a * signal(n * 0.03 - t0)
          worst = Math.max(worst, Math.abs(u[3 + l] - exact), Math.abs(u[l] + 2 * exact))
        })
      }
      return worst
    }
    expect(errorOf()).toBeLessThan(5e-3)
  })

  it('is at rest before the arrival, and in lanes without a sample', () => {
    const drive = splineDrive(spec)
    drive.load({ count: 2, traces: traces.slice(0, 84), arrival: [0.5, 0] })
    const u = new Float64Array(6).fill(9)
    drive.imposeInto(u, 10)
    expect([u[0], u[3], u[2], u[5]].map((v) => v + 0)).toEqual([0, 0, 0, 0])
    expect(u[4]).toBeGreaterThan(0)
  })
})
