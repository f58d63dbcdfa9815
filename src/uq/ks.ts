import { InvalidInput } from '../numeric/errors.ts'

/** E[K] of the Kolmogorov distribution: √(π/2)·ln 2. */
const MEAN_OF_KOLMOGOROV = Math.sqrt(Math.PI / 2) * Math.LN2

/** √(nm/(n+m)) + .12 + .11/√(nm/(n+m)): the factor that makes the asymptotic law good from small samples on. */
const stephensFactor = (n: number, m: number): number => {
  const root = Math.sqrt((n * m) / (n + m))
  return root + 0.12 + 0.11 / root
}

/** Q_K(λ) = 2 Σ (−1)ᵏ⁻¹ e^(−2k²λ²); its theta-function twin for small λ, where that series stalls. */
const kolmogorovTail = (lambda: number): number => {
  if (lambda <= 0) return 1
  let sum = 0
  if (lambda < 1) {
    for (let k = 1; k < 12; k += 2) sum += Math.exp((-k * k * Math.PI * Math.PI) / (8 * lambda * lambda))
    return 1 - (Math.sqrt(2 * Math.PI) / lambda) * sum
  }
  for (let k = 1; k < 12; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * lambda * lambda)
  return sum
}

const ascending = (values: ArrayLike<number>, path: string): Float64Array => {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort()
  if (sorted.length === 0) throw InvalidInput.of(path, 'at least one finite value', `${values.length} values`)
  return sorted
}

/** sup |F_a − F_b| of two ascending samples; ties step together. */
const largestGap = (a: Float64Array, b: Float64Array): number => {
  let i = 0
  let j = 0
  let gap = 0
  while (i < a.length && j < b.length) {
    const x = Math.min(a[i], b[j])
    while (i < a.length && a[i] === x) i++
    while (j < b.length && b[j] === x) j++
    gap = Math.max(gap, Math.abs(i / a.length - j / b.length))
  }
  return gap
}

/** The two-sample Kolmogorov-Smirnov distance sup |F_a − F_b|. Non-finite values (failed samples) are left out. */
export const ksStatistic = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  largestGap(ascending(a, 'first sample'), ascending(b, 'second sample'))

/**
 * P(D ≥ statistic) when both samples of n and m come from one continuous law, asymptotically.
 * @source Stephens, "Use of the Kolmogorov-Smirnov, Cramér-von Mises and related statistics", JRSS B 32 (1970)
 * @verifiedBy test/uq/ks.test.ts (SciPy's values)
 */
export const ksPValue = (statistic: number, n: number, m: number): number =>
  kolmogorovTail(stephensFactor(n, m) * statistic)

/** E[D] when both samples come from one continuous law: what real against real gives at this n and m. */
export const ksFloor = (n: number, m: number): number => MEAN_OF_KOLMOGOROV / stephensFactor(n, m)
