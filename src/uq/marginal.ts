import type { Problem } from '../numeric/errors.ts'
import { normalCdf, normalQuantile } from '../numeric/normal.ts'

/** The law of one random input, plain data. Units are the input's own. */
export type Marginal =
  | { readonly law: 'uniform'; readonly low: number; readonly high: number }
  | { readonly law: 'normal'; readonly mean: number; readonly standardDeviation: number }
  /** `mean` and `standardDeviation` are those of the variable itself, not of its logarithm. */
  | { readonly law: 'log-normal'; readonly mean: number; readonly standardDeviation: number }
  /** A normal law with these parent parameters, conditioned on [low, high]. */
  | {
      readonly law: 'truncated-normal'
      readonly mean: number
      readonly standardDeviation: number
      readonly low: number
      readonly high: number
    }
  | { readonly law: 'constant'; readonly value: number }

type Truncated = Extract<Marginal, { law: 'truncated-normal' }>
type LogNormal = Extract<Marginal, { law: 'log-normal' }>

/** μ, σ of ln X: σ² = ln(1 + (s/m)²), μ = ln m − σ²/2. */
const logParameters = (m: LogNormal): { readonly mu: number; readonly sigma: number } => {
  const variance = Math.log1p((m.standardDeviation / m.mean) ** 2)
  return { mu: Math.log(m.mean) - variance / 2, sigma: Math.sqrt(variance) }
}

const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))

/** Works in the lower tail, where Φ keeps its relative accuracy, by mirroring a law that lies above its mean. */
const truncatedQuantile = (m: Truncated, u: number): number => {
  const a = (m.low - m.mean) / m.standardDeviation
  const b = (m.high - m.mean) / m.standardDeviation
  const mirrored = a > 0
  const from = normalCdf(mirrored ? -b : a)
  const to = normalCdf(mirrored ? -a : b)
  const z = normalQuantile(from + (mirrored ? 1 - u : u) * (to - from))
  return clamp(m.mean + (mirrored ? -z : z) * m.standardDeviation, m.low, m.high)
}

const truncatedCdf = (m: Truncated, x: number): number => {
  const a = (m.low - m.mean) / m.standardDeviation
  const b = (m.high - m.mean) / m.standardDeviation
  const z = clamp((x - m.mean) / m.standardDeviation, a, b)
  return a > 0
    ? (normalCdf(-a) - normalCdf(-z)) / (normalCdf(-a) - normalCdf(-b))
    : (normalCdf(z) - normalCdf(a)) / (normalCdf(b) - normalCdf(a))
}

/**
 * F⁻¹(u): turns a uniform number into a draw of the law (`RandomStream.uniformsInto` gives 0 < u < 1).
 * @verifiedBy test/uq/marginal.test.ts (SciPy's values; moments)
 */
export const quantile = (m: Marginal, u: number): number => {
  switch (m.law) {
    case 'uniform':
      return m.low + u * (m.high - m.low)
    case 'normal':
      return m.mean + m.standardDeviation * normalQuantile(u)
    case 'log-normal': {
      const { mu, sigma } = logParameters(m)
      return Math.exp(mu + sigma * normalQuantile(u))
    }
    case 'truncated-normal':
      return truncatedQuantile(m, u)
    case 'constant':
      return m.value
  }
}

/** F(x) = P(X ≤ x). */
export const cdf = (m: Marginal, x: number): number => {
  switch (m.law) {
    case 'uniform':
      return clamp((x - m.low) / (m.high - m.low), 0, 1)
    case 'normal':
      return normalCdf((x - m.mean) / m.standardDeviation)
    case 'log-normal': {
      if (x <= 0) return 0
      const { mu, sigma } = logParameters(m)
      return normalCdf((Math.log(x) - mu) / sigma)
    }
    case 'truncated-normal':
      return truncatedCdf(m, x)
    case 'constant':
      return x >= m.value ? 1 : 0
  }
}

/** The range that a model is trained on and conditions are scaled by: the support, or the .001 and .999 quantiles. */
export const supportOf = (m: Marginal): readonly [number, number] => {
  switch (m.law) {
    case 'uniform':
    case 'truncated-normal':
      return [m.low, m.high]
    case 'constant':
      return [m.value, m.value]
    default:
      return [quantile(m, 0.001), quantile(m, 0.999)]
  }
}

/** x from its support to [−1, 1] (outside it for the .1 % tails of an unbounded law); 0 for a constant. */
export const scaledToSupport = (m: Marginal, x: number): number => {
  const [low, high] = supportOf(m)
  return high > low ? (2 * (x - low)) / (high - low) - 1 : 0
}

const finiteProblems = (m: Marginal, path: string): Problem[] =>
  Object.entries(m)
    .filter(([key, value]) => key !== 'law' && !Number.isFinite(value))
    .map(([key, value]) => ({ path: `${path}.${key}`, expected: 'a finite number', received: String(value) }))

const positive = (path: string, value: number): Problem[] =>
  value > 0 ? [] : [{ path, expected: 'a number > 0', received: String(value) }]
const ordered = (path: string, low: number, high: number): Problem[] =>
  high > low ? [] : [{ path: `${path}.high`, expected: `a number > low (${low})`, received: String(high) }]

/** Everything wrong with a law's numbers; empty when it is sound. */
export const marginalProblems = (m: Marginal, path: string): readonly Problem[] => {
  const notFinite = finiteProblems(m, path)
  if (notFinite.length > 0) return notFinite
  switch (m.law) {
    case 'uniform':
      return ordered(path, m.low, m.high)
    case 'normal':
      return positive(`${path}.standardDeviation`, m.standardDeviation)
    case 'log-normal':
      return [...positive(`${path}.mean`, m.mean), ...positive(`${path}.standardDeviation`, m.standardDeviation)]
    case 'truncated-normal':
      return [...positive(`${path}.standardDeviation`, m.standardDeviation), ...ordered(path, m.low, m.high)]
    case 'constant':
      return []
  }
}
