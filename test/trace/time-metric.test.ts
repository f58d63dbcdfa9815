import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/random.ts'
import { decodeInto, encodeBatch, encodeInto } from '../../src/trace/codec.ts'
import { fitReduction } from '../../src/trace/reduction.ts'
import {
  balancedDerivativeWeight,
  fromPlainInto,
  timeMetric,
  toPlainInto,
  weighInto,
} from '../../src/trace/time-metric.ts'
import { type TraceBatch, type TraceGrid, traceSize } from '../../src/trace/trace.ts'

const GRID: TraceGrid = { points: new Float64Array(2 * 3), components: 2, frames: 8, frameStep: 1e-6 }
const SIZE = traceSize(GRID)
const WIDTH = SIZE / 8
const LAMBDA = 2.7

const normals = (length: number, index: number): Float64Array => {
  const out = new Float64Array(length)
  randomStream(4, 'test/metric').normalsInto(out, index)
  return out
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += a[d] * b[d]
  return sum
}

/** Σ u v + λ Σ (u_{t+1} − u_t)(v_{t+1} − v_t), as defined. */
const inner = (u: Float64Array, v: Float64Array): number => {
  let sum = dot(u, v)
  for (let d = 0; d + WIDTH < SIZE; d++) sum += LAMBDA * (u[d + WIDTH] - u[d]) * (v[d + WIDTH] - v[d])
  return sum
}

/** Smooth traces of a few frequencies about a mean, and one fast but small direction. */
const batch: TraceBatch = (() => {
  const count = 50
  const values = new Float32Array(count * SIZE)
  for (let n = 0; n < count; n++) {
    const a = normals(6, 10 + n)
    for (let d = 0; d < SIZE; d++) {
      const t = Math.floor(d / WIDTH)
      const slow = a[0] * Math.sin(0.3 * t + d) + 0.5 * a[1] * Math.cos(0.5 * t + 2 * d) + 0.4 * a[2] * (d % 5)
      values[n * SIZE + d] = 1 + slow + 0.3 * a[3] * (-1) ** t
    }
  }
  return { grid: GRID, count, values }
})()

describe('the metric of H1 in time', () => {
  const metric = timeMetric(GRID, LAMBDA)
  const [u, v] = [normals(SIZE, 0), normals(SIZE, 1)]

  it('turns its inner product into the plain one', () => {
    const [x, y] = [u.slice(), v.slice()]
    toPlainInto(x, 1, metric)
    toPlainInto(y, 1, metric)
    expect(dot(x, y)).toBeCloseTo(inner(u, v), 11)
  })

  it('goes there and back, for several traces at once', () => {
    const rows = normals(3 * SIZE, 2)
    const out = rows.slice()
    toPlainInto(out, 3, metric)
    fromPlainInto(out, 3, metric)
    out.forEach((value, at) => {
      expect(Math.abs(value - rows[at])).toBeLessThan(1e-13)
    })
  })

  it('weighs: uᵀ(Wv) is the inner product', () => {
    const weighed = new Float64Array(2 * SIZE)
    weighInto(weighed, Float64Array.of(...u, ...v), 2, GRID, LAMBDA)
    expect(dot(u, weighed.subarray(SIZE))).toBeCloseTo(inner(u, v), 11)
    expect(dot(v, weighed.subarray(0, SIZE))).toBeCloseTo(inner(u, v), 11)
  })

  it('takes its time scale from the traces: value and derivative weigh alike', () => {
    const t = (d: number): number => Math.floor(d / WIDTH)
    // u_t = ±1 alternating in time, about 0: Σu² = 2·SIZE, Σ(Du)² = 2·4·(SIZE − WIDTH).
    const values = new Float32Array(2 * SIZE).map((_, at) => (at < SIZE ? 1 : -1) * (-1) ** t(at % SIZE))
    const expected = SIZE / (4 * (SIZE - WIDTH))
    expect(balancedDerivativeWeight({ grid: GRID, count: 2, values })).toBeCloseTo(expected, 12)
  })
})

describe('a reduction in H1', () => {
  const reduction = fitReduction(batch, { modes: 4, norm: 'h1' })
  const plain = fitReduction(batch, { modes: 4 })
  const weight = balancedDerivativeWeight(batch)

  it('has modes that are orthonormal in it', () => {
    const weighed = new Float64Array(4 * SIZE)
    weighInto(weighed, reduction.modes, 4, GRID, weight)
    for (let j = 0; j < 4; j++)
      for (let k = 0; k < 4; k++) {
        const product = dot(
          reduction.modes.subarray(j * SIZE, (j + 1) * SIZE),
          weighed.subarray(k * SIZE, (k + 1) * SIZE),
        )
        expect(Math.abs(product - (j === k ? 1 : 0))).toBeLessThan(1e-12)
      }
  })

  it('gives training coefficients variance s²/N and no correlation', () => {
    const a = encodeBatch(reduction, batch)
    for (let j = 0; j < 4; j++)
      for (let k = 0; k < 4; k++) {
        let sum = 0
        for (let n = 0; n < batch.count; n++) sum += a[4 * n + j] * a[4 * n + k]
        const [s, r] = [reduction.singularValues[j], reduction.singularValues[k]]
        expect(Math.abs(sum / (s * r) - (j === k ? 1 : 0))).toBeLessThan(1e-6)
      }
  })

  it('brings back what it made, and puts fast motion first where L2 puts it last', () => {
    const a = normals(4, 3)
    const out = new Float64Array(SIZE)
    decodeInto(out, reduction, a, 1)
    const back = new Float64Array(4)
    encodeInto(back, reduction, out, 1)
    back.forEach((value, k) => {
      expect(value).toBeCloseTo(a[k], 11)
    })
    const fast = new Float64Array(SIZE).map((_, d) => (-1) ** Math.floor(d / WIDTH))
    const place = (r: typeof reduction): number => {
      const c = new Float64Array(4)
      encodeInto(c, { ...r, mean: new Float64Array(SIZE) }, fast, 1)
      return [...c.keys()].reduce((p, k) => (Math.abs(c[k]) > Math.abs(c[p]) ? k : p), 0)
    }
    expect(place(reduction)).toBeLessThan(place(plain))
  })
})
