/** Multi-indices α of length p with |α| ≤ degree, by total degree: the constant first. */
export const totalDegreeIndices = (parameters: number, degree: number): readonly (readonly number[])[] => {
  const extend = (p: number, left: number): number[][] =>
    p === 0
      ? [[]]
      : Array.from({ length: left + 1 }, (_, a) => a).flatMap((a) =>
          extend(p - 1, left - a).map((rest) => [a, ...rest]),
        )
  const order = (index: readonly number[]): number => index.reduce((sum, a) => sum + a, 0)
  return extend(parameters, degree).sort((a, b) => order(a) - order(b))
}

/** P_0 … P_degree at x, scaled to E[P²] = 1 under the uniform law on [-1, 1]. */
const normalisedLegendre = (x: number, degree: number): number[] => {
  const p = [1, x]
  for (let k = 1; k < degree; k++) p.push(((2 * k + 1) * x * p[k] - k * p[k - 1]) / (k + 1))
  return p.slice(0, degree + 1).map((value, k) => value * Math.sqrt(2 * k + 1))
}

/** Values of an orthonormal total-degree Legendre basis: a function θ → [K]. */
export interface LegendreBasis {
  readonly size: number
  /** @param out [K], overwritten @param theta [p]; values outside [-1, 1] count as the nearest end: no extrapolation */
  evaluateInto(out: Float64Array, theta: Float64Array): void
}

/**
 * φ_α(θ) = Π_i √(2α_i+1) P_{α_i}(θ_i), |α| ≤ degree.
 * @verifiedBy test/generative/conditional-law.test.ts (orthonormality by quadrature)
 */
export const legendreBasis = (parameters: number, degree: number): LegendreBasis => {
  const indices = totalDegreeIndices(parameters, degree)
  const evaluateInto = (out: Float64Array, theta: Float64Array): void => {
    const factors = Array.from(theta, (x) => normalisedLegendre(Math.min(1, Math.max(-1, x)), degree))
    indices.forEach((index, k) => {
      out[k] = index.reduce((product, a, i) => product * factors[i][a], 1)
    })
  }
  return { size: indices.length, evaluateInto }
}

/** [N, K] basis values at N conditions. */
export const designMatrix = (basis: LegendreBasis, conditions: Float64Array, count: number): Float64Array => {
  const p = conditions.length / count
  const design = new Float64Array(count * basis.size)
  for (let n = 0; n < count; n++) {
    const row = design.subarray(n * basis.size, (n + 1) * basis.size)
    basis.evaluateInto(row, conditions.subarray(n * p, (n + 1) * p))
  }
  return design
}
