/**
 * Φ(x), the standard normal distribution function, to ~1e-15 absolute: the Taylor series about 0 for |x| < 5, the
 * continued fraction of the tail beyond.
 * @source Marsaglia, "Evaluating the normal distribution", Journal of Statistical Software 11(4), 2004
 */
export const normalDistribution = (x: number): number => {
  if (Math.abs(x) > 5) return x > 0 ? 1 - upperTail(x) : upperTail(-x)
  let term = x
  let sum = x
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (x * x) / k
    sum += term
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI)
}

/** 1 − Φ(x) for x > 5. */
const upperTail = (x: number): number => {
  let fraction = x
  for (let k = 60; k >= 1; k--) fraction = x + k / fraction
  return Math.exp(-0.5 * x * x) / (Math.sqrt(2 * Math.PI) * fraction)
}
