/** Coefficients of Stirling's asymptotic series of ln Γ: B₂ₖ / (2k(2k−1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156]
const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI)

/** ln Γ(x) − [(x − ½) ln x − x + ½ ln 2π] for x ≥ 12. */
const stirlingRest = (x: number): number => {
  let power = 1 / x
  let sum = 0
  for (const c of STIRLING) {
    sum += c * power
    power /= x * x
  }
  return sum
}

/**
 * ln Γ(x) for x > 0: the recurrence up to x ≥ 12, then Stirling's series.
 * @source Abramowitz & Stegun, Handbook of Mathematical Functions, 6.1.15 and 6.1.41
 * @verifiedBy test/uq/scipy-stats.test.ts
 */
export const logGamma = (x: number): number => {
  let product = 1
  for (; x < 12; x++) product *= x
  return (x - 0.5) * Math.log(x) - x + HALF_LOG_TWO_PI + stirlingRest(x) - Math.log(product)
}

/** ln Γ(b) − ln Γ(a + b) for b ≥ 12 without the cancellation of two large numbers. */
const logGammaDrop = (a: number, b: number): number =>
  a - a * Math.log(b) - (a + b - 0.5) * Math.log1p(a / b) + stirlingRest(b) - stirlingRest(a + b)

/** ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b). */
const logBeta = (a: number, b: number): number => {
  const small = Math.min(a, b)
  const large = Math.max(a, b)
  return logGamma(small) + (large < 12 ? logGamma(large) - logGamma(a + b) : logGammaDrop(small, large))
}

const TINY = 1e-300
const awayFromZero = (x: number): number => (Math.abs(x) < TINY ? TINY : x)

/** The continued fraction of Iₓ(a, b) (modified Lentz); converges fast for x < (a+1)/(a+b+2). */
const betaFraction = (a: number, b: number, x: number): number => {
  let c = 1
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1))
  let f = d
  for (let m = 1; m < 20_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / awayFromZero(1 + even * d)
    c = awayFromZero(1 + even / c)
    f *= c * d
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / awayFromZero(1 + odd * d)
    c = awayFromZero(1 + odd / c)
    f *= c * d
    if (Math.abs(c * d - 1) < 1e-15) break
  }
  return f
}

/**
 * Iₓ(a, b), the regularised incomplete beta function: the distribution function of Beta(a, b).
 * @source Abramowitz & Stegun, Handbook of Mathematical Functions, 26.5.8
 * @verifiedBy test/uq/scipy-stats.test.ts
 */
export const betaCdf = (x: number, a: number, b: number): number => {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf(1 - x, b, a)
  return (Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a) * betaFraction(a, b, x)
}

/**
 * The p-quantile of Beta(a, b): Newton's method on Iₓ(a, b) = p, kept inside a shrinking bracket.
 * @verifiedBy test/uq/scipy-stats.test.ts
 */
export const betaQuantile = (p: number, a: number, b: number): number => {
  if (p <= 0) return 0
  if (p >= 1) return 1
  const constant = logBeta(a, b)
  let low = 0
  let high = 1
  let x = a / (a + b)
  for (let i = 0; i < 200; i++) {
    const excess = betaCdf(x, a, b) - p
    if (excess > 0) high = x
    else low = x
    const density = Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - constant)
    const newton = x - excess / density
    const next = newton > low && newton < high ? newton : (low + high) / 2
    if (Math.abs(next - x) <= 1e-15 * x) return next
    x = next
  }
  return x
}

/** P(B ≤ k) of a binomial count B of n trials with probability p. */
export const binomialCdf = (k: number, n: number, p: number): number =>
  k < 0 ? 0 : k >= n ? 1 : betaCdf(1 - p, n - k, k + 1)
