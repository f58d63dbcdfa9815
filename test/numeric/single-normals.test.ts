import { describe, expect, it } from 'vitest'
import { normalCdf } from '../../src/numeric/normal.ts'
import { plainSingleNormals, singleNormals } from '../../src/numeric/single-normals.ts'

const inVectors = singleNormals()
const made = (n: number, index: number, purpose = 'test', seed = 5): Float32Array => {
  const out = new Float32Array(n)
  inVectors(seed, purpose).into(out, index)
  return out
}
const bitsOf = (x: Float32Array): Uint32Array => new Uint32Array(x.buffer, x.byteOffset, x.length)

const N = 2 ** 20
const many = made(N, 3)
const mean = (f: (x: number, i: number) => number): number => many.reduce((sum, x, i) => sum + f(x, i), 0) / N

describe('normals in single precision', () => {
  it.each([
    [1, 0],
    [15, 1],
    [16, 2],
    [4097, 7],
    [8192, 2 ** 32 + 9],
  ])('in vectors have the bits of the plain stream: %i of index %i', (n, index) => {
    const plain = new Float32Array(n)
    plainSingleNormals(5, 'test').into(plain, index)
    expect(bitsOf(made(n, index))).toEqual(bitsOf(plain))
  })

  it('begin alike whatever their number, and differ by seed, purpose and index', () => {
    expect(made(50, 1)).toEqual(made(5000, 1).slice(0, 50))
    for (const other of [made(50, 2), made(50, 1, 'other'), made(50, 1, 'test', 6)])
      expect(other).not.toEqual(made(50, 1))
  })

  // Standard errors of the k-th moment's mean over a million numbers: 1, √2, √15, √96 (k = 1 … 4), times 0.001.
  it('have the moments of the standard normal law, within four standard errors', () => {
    const moments = [1, 2, 3, 4].map((k) => mean((x) => x ** k))
    const errors = [0, 1, 0, 3].map(
      (exact, i) => Math.abs(moments[i] - exact) / ([1, Math.SQRT2, Math.sqrt(15), Math.sqrt(96)][i] / Math.sqrt(N)),
    )
    expect(Math.max(...errors)).toBeLessThan(4)
  })

  it('pass a Kolmogorov-Smirnov test at 1 %', () => {
    const sorted = Float64Array.from(many).sort()
    const distance = sorted.reduce((d, x, i) => {
      const p = normalCdf(x)
      return Math.max(d, p - i / N, (i + 1) / N - p)
    }, 0)
    expect(distance * Math.sqrt(N)).toBeLessThan(1.63)
  })

  it('are as often beyond 4 as they should be, and never infinite', () => {
    const expected = 2 * (1 - normalCdf(4)) * N
    const beyond = many.filter((x) => Math.abs(x) > 4).length
    expect(Math.abs(beyond - expected)).toBeLessThan(4 * Math.sqrt(expected))
    expect(many.every(Number.isFinite)).toBe(true)
  })

  it.each([1, 4, 8, 12])('are not correlated with those %i places on, nor are their squares', (lag) => {
    const product = mean((x, i) => x * many[(i + lag) % N])
    const squares = mean((x, i) => (x * x - 1) * (many[(i + lag) % N] ** 2 - 1))
    expect(Math.abs(product) * Math.sqrt(N)).toBeLessThan(4)
    expect((Math.abs(squares) * Math.sqrt(N)) / 2).toBeLessThan(4)
  })
})
