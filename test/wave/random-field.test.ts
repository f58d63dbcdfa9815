import { describe, expect, it } from 'vitest'
import { gaussLegendre } from '../../src/numeric/gauss-legendre.ts'
import { normalCdf } from '../../src/numeric/normal.ts'
import { randomStream } from '../../src/numeric/random.ts'
import type { CorrelationKernel, FieldSpec, KarhunenLoeve } from '../../src/wave/random-field.ts'
import { fieldAtPoints, karhunenLoeve, lognormalInto } from '../../src/wave/random-field.ts'

const spec = (kernel: CorrelationKernel, correlationLength: number, varianceShare: number): FieldSpec => ({
  box: [0, 0, 0.6, 0.4],
  kernel,
  correlationLength,
  varianceShare,
})

/**
 * Eigenvalues of exp(−|x − x'|/ℓ) on an interval of length 2a: 2c/(ω² + c²), c = 1/ℓ, ω the roots of c − ω tan ωa = 0 and
 * ω + c tan ωa = 0 (Ghanem, Spanos), one in each ((k − 1)π/2a, kπ/2a).
 */
const exponentialEigenvalues = (a: number, length: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => {
    const c = 1 / length
    const f = (w: number): number =>
      k % 2 === 0 ? c * Math.cos(w * a) - w * Math.sin(w * a) : w * Math.cos(w * a) + c * Math.sin(w * a)
    let low = (k * Math.PI) / (2 * a)
    let high = ((k + 1) * Math.PI) / (2 * a)
    const sign = Math.sign(f(low + 1e-9))
    for (let i = 0; i < 200; i++) {
      const middle = (low + high) / 2
      if (Math.sign(f(middle)) === sign) low = middle
      else high = middle
    }
    return (2 * c) / (low * low + c * c)
  })

/** The largest products of two axes' eigenvalues. */
const products = (x: number[], y: number[], count: number): number[] =>
  x
    .flatMap((p) => y.map((q) => p * q))
    .sort((p, q) => q - p)
    .slice(0, count)

const dot = (kl: KarhunenLoeve, p: readonly [number, number], q: readonly [number, number]): number => {
  const basis = fieldAtPoints(kl, Float64Array.of(...p, ...q))
  let sum = 0
  for (let m = 0; m < kl.count; m++) sum += basis[m] * basis[kl.count + m]
  return sum
}

describe('gaussLegendre', () => {
  it('integrates polynomials of degree 2n − 1 exactly', () => {
    const { nodes, weights } = gaussLegendre(8, 1, 3)
    const integral = nodes.reduce((sum, x, i) => sum + weights[i] * x ** 15, 0)
    expect(integral / ((3 ** 16 - 1) / 16)).toBeCloseTo(1, 13)
    expect([...nodes]).toEqual([...nodes].sort((a, b) => a - b))
  })
})

describe('karhunenLoeve', () => {
  it('has the closed-form eigenvalues of the exponential kernel', () => {
    const kl = karhunenLoeve(spec('exponential', 0.3, 0.9))
    const exact = products(exponentialEigenvalues(0.3, 0.3, 60), exponentialEigenvalues(0.2, 0.3, 60), kl.count)
    const errors = exact.map((e, k) => Math.abs(kl.eigenvalues[k] / e - 1))
    expect(kl.count).toBeGreaterThan(20)
    expect(Math.max(...errors.slice(0, 5))).toBeLessThan(1e-3)
    // Higher modes are shorter waves on the same nodes; measured against the first mode they are as good.
    expect(Math.max(...errors)).toBeLessThan(1e-2)
    expect(Math.max(...errors.map((e, k) => (e * exact[k]) / exact[0]))).toBeLessThan(2e-4)
  })

  it('carries the share it says, exponential kernel with its long tail included', () => {
    for (const length of [0.1, 0.2, 0.4]) {
      const kl = karhunenLoeve(spec('exponential', length, 0.95))
      const x = exponentialEigenvalues(0.3, length, 200)
      const y = exponentialEigenvalues(0.2, length, 200)
      const exact = products(x, y, kl.count).reduce((a, b) => a + b) / 0.24
      expect(Math.abs(exact - kl.share)).toBeLessThan(0.01)
    }
  })

  it('has eigenvalues that sum to the share of the variance, and no mode too many', () => {
    const kl = karhunenLoeve(spec('squared-exponential', 0.15, 0.95))
    const total = kl.eigenvalues.reduce((a, b) => a + b) / (0.6 * 0.4)
    expect(total).toBeCloseTo(kl.share, 12)
    expect(kl.share).toBeGreaterThanOrEqual(0.95)
    expect(kl.share - kl.eigenvalues[kl.count - 1] / 0.24).toBeLessThan(0.95)
    expect([...kl.eigenvalues]).toEqual([...kl.eigenvalues].sort((a, b) => b - a))
  })

  it('has unit variance at every point at any truncation, corners included', () => {
    for (const share of [0.5, 0.95, 0.999]) {
      const kl = karhunenLoeve(spec('squared-exponential', 0.15, share))
      for (const p of [
        [0, 0],
        [0.6, 0.4],
        [0.31, 0.17],
      ] as const)
        expect(dot(kl, p, p)).toBeCloseTo(1, 13)
    }
  })

  it.each([
    ['squared-exponential', 0.15, 0.9999, 2e-3, (dx: number, dy: number) => Math.exp(-(dx * dx + dy * dy) / 0.15 ** 2)],
    ['exponential', 0.3, 0.985, 0.02, (dx: number, dy: number) => Math.exp(-(dx + dy) / 0.3)],
  ] as const)('reproduces the correlation at pairs of points, %s', (kernel, length, share, tolerance, correlation) => {
    const kl = karhunenLoeve(spec(kernel, length, share))
    const pairs = [
      [0.1, 0.1, 0.25, 0.1],
      [0.1, 0.1, 0.1, 0.2],
      [0.3, 0.2, 0.36, 0.26],
      [0.02, 0.38, 0.08, 0.33],
      [0.05, 0.05, 0.55, 0.35],
    ]
    for (const [x, y, u, v] of pairs) {
      expect(Math.abs(dot(kl, [x, y], [u, v]) - correlation(Math.abs(u - x), Math.abs(v - y)))).toBeLessThan(tolerance)
    }
  })

  it('needs fewer modes for longer correlation', () => {
    const counts = [0.1, 0.2, 0.4].map((l) => karhunenLoeve(spec('squared-exponential', l, 0.95)).count)
    expect(counts).toEqual([30, 10, 4])
  })

  it('refuses what makes no field, all at once', () => {
    const bad = { box: [0, 0, 0, 1], kernel: 'exponential', correlationLength: -1, varianceShare: 1 } as const
    expect(() => karhunenLoeve(bad)).toThrow(/box: .*\ncorrelationLength: .*\nvarianceShare: /)
    expect(() => karhunenLoeve(spec('exponential', 0.001, 0.95))).toThrow(/correlationLength: expected at least/)
    expect(() => karhunenLoeve(spec('exponential', 0.05, 0.999))).toThrow(/at most 4000 modes/)
  })

  it('refuses points outside the box', () => {
    expect(() => fieldAtPoints(karhunenLoeve(spec('exponential', 0.3, 0.8)), Float64Array.of(0.7, 0.1))).toThrow(
      RangeError,
    )
  })
})

describe('lognormalInto', () => {
  const law = { mean: 210e9, cv: 0.15 }
  const kl = karhunenLoeve(spec('squared-exponential', 0.15, 0.95))
  const basis = fieldAtPoints(kl, Float64Array.of(0, 0, 0.3, 0.2, 0.33, 0.2))
  const N = 20000
  const samples = [new Float64Array(N), new Float64Array(N), new Float64Array(N)]
  const normals = new Float64Array(kl.count)
  const out = new Float64Array(3)
  const stream = randomStream(11, 'field test')
  for (let i = 0; i < N; i++) {
    stream.normalsInto(normals, i)
    lognormalInto(out, basis, normals, law)
    for (let p = 0; p < 3; p++) samples[p][i] = out[p]
  }
  const mean = (x: Float64Array): number => x.reduce((a, b) => a + b, 0) / x.length

  it('has the mean and the coefficient of variation asked for, at a corner and inside', () => {
    for (const x of samples) {
      const m = mean(x)
      const sd = Math.sqrt(mean(x.map((v) => (v - m) ** 2)))
      // Four standard errors: cv/√N of the mean; about 1/√(2N) of the deviation.
      expect(Math.abs(m / law.mean - 1)).toBeLessThan((4 * law.cv) / Math.sqrt(N))
      expect(Math.abs(sd / (law.mean * law.cv) - 1)).toBeLessThan((4 * 1.3) / Math.sqrt(2 * N))
    }
  })

  it('is log-normal: Kolmogorov-Smirnov at 1 %', () => {
    const sigma = Math.sqrt(Math.log(1 + law.cv ** 2))
    const mu = Math.log(law.mean) - sigma ** 2 / 2
    for (const x of samples) {
      const sorted = x.slice().sort()
      let distance = 0
      sorted.forEach((v, i) => {
        const F = normalCdf((Math.log(v) - mu) / sigma)
        distance = Math.max(distance, Math.abs(F - i / N), Math.abs(F - (i + 1) / N))
      })
      expect(distance).toBeLessThan(1.628 / Math.sqrt(N))
    }
  })

  it('correlates neighbours as the expansion says', () => {
    const logs = samples.map((x) => x.map(Math.log))
    const z = logs.map((x) => [x, mean(x)] as const).map(([x, m]) => x.map((v) => v - m))
    const product = (a: Float64Array, b: Float64Array): number => mean(a.map((v, i) => v * b[i]))
    const r = product(z[1], z[2]) / Math.sqrt(product(z[1], z[1]) * product(z[2], z[2]))
    const expected = dot(kl, [0.3, 0.2], [0.33, 0.2])
    expect(expected).toBeGreaterThan(0.9)
    expect(Math.abs(r - expected)).toBeLessThan((4 * (1 - expected ** 2)) / Math.sqrt(N))
  })

  it('is the mean itself without variation', () => {
    lognormalInto(out, basis, normals, { mean: 5, cv: 0 })
    for (const value of out) expect(value).toBeCloseTo(5, 12)
  })
})
