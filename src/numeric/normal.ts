const ONE_OVER_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI)

/** Φ(x) − ½ for 0 ≤ x < √2, by the all-positive series φ(x)·Σ x²ᵏ⁺¹/(2k+1)!!. */
const centralMass = (x: number): number => {
  let term = x
  let sum = x
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x * x) / (2 * k + 1)
    sum += term
  }
  return ONE_OVER_SQRT_2PI * Math.exp((-x * x) / 2) * sum
}

/** 1 − Φ(x) for x ≥ √2, by the continued fraction φ(x)/(x + 1/(x + 2/(x + …))) (modified Lentz): relative accuracy. */
const upperTail = (x: number): number => {
  let f = x
  let c = x
  let d = 0
  for (let k = 1; k < 1000; k++) {
    d = 1 / (x + k * d)
    c = x + k / c
    f *= c * d
    if (Math.abs(c * d - 1) < 1e-16) break
  }
  return (ONE_OVER_SQRT_2PI * Math.exp((-x * x) / 2)) / f
}

/**
 * Φ(x), the standard normal distribution function, to about 1e-15 (2e-13 relative at x = −37).
 * @source Abramowitz & Stegun, Handbook of Mathematical Functions, 26.2.11 and 26.2.14
 * @verifiedBy test/uq/scipy-stats.test.ts
 */
export const normalCdf = (x: number): number => {
  if (Math.abs(x) < Math.SQRT2) return 0.5 + Math.sign(x) * centralMass(Math.abs(x))
  return x > 0 ? 1 - upperTail(x) : upperTail(-x)
}

// Ratios of degree-7 polynomials, lowest degree first: centre, near tail, far tail.
const CENTRE_OVER = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
]
const CENTRE_UNDER = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852854,
]
const NEAR_OVER = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
]
const NEAR_UNDER = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
]
const FAR_OVER = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 0.000027115555687434876, 2.0103343992922881e-7,
]
const FAR_UNDER = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 0.000018463183175100548,
  1.421511758316446e-7, 2.0442631033899397e-15,
]

const polynomial = (c: readonly number[], x: number): number => {
  let sum = 0
  for (let i = c.length - 1; i >= 0; i--) sum = sum * x + c[i]
  return sum
}
const ratio = (over: readonly number[], under: readonly number[], x: number): number =>
  polynomial(over, x) / polynomial(under, x)

const lowerTailQuantile = (p: number): number => {
  const r = Math.sqrt(-Math.log(p))
  return r <= 5 ? -ratio(NEAR_OVER, NEAR_UNDER, r - 1.6) : -ratio(FAR_OVER, FAR_UNDER, r - 5)
}

/**
 * Φ⁻¹(p) for 0 < p < 1, to about 1e-15; −∞ and ∞ at the ends, NaN outside.
 * @source Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988)
 * @verifiedBy test/uq/scipy-stats.test.ts
 */
export const normalQuantile = (p: number): number => {
  if (!(p >= 0 && p <= 1)) return Number.NaN
  if (p === 0 || p === 1) return p === 0 ? -Infinity : Infinity
  const q = p - 0.5
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRE_OVER, CENTRE_UNDER, 0.180625 - q * q)
  return q < 0 ? lowerTailQuantile(p) : -lowerTailQuantile(1 - p)
}
