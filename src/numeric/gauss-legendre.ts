/** Nodes ascending and weights of a quadrature rule. */
export interface QuadratureRule {
  readonly nodes: Float64Array
  readonly weights: Float64Array
}

/**
 * Gauss-Legendre rule of n nodes on [a, b], exact for polynomials of degree 2n − 1. Newton on P_n from Tricomi's
 * asymptotic roots.
 * @source Abramowitz, Stegun, Handbook of Mathematical Functions, 25.4.29-30 and 22.16.6
 * @verifiedBy test/wave/random-field.test.ts
 */
export const gaussLegendre = (n: number, a: number, b: number): QuadratureRule => {
  const nodes = new Float64Array(n)
  const weights = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    let slope = 0
    for (let step = 0; step < 100; step++) {
      const [value, derivative] = legendre(n, x)
      slope = derivative
      x -= value / derivative
      if (Math.abs(value / derivative) < 1e-15) break
    }
    const at = n - 1 - i
    nodes[at] = (a + b) / 2 + ((b - a) / 2) * x
    weights[at] = (b - a) / ((1 - x * x) * slope * slope)
  }
  return { nodes, weights }
}

/** P_n(x) and its derivative by the three-term recurrence. */
const legendre = (n: number, x: number): readonly [value: number, derivative: number] => {
  let previous = 1
  let value = x
  for (let k = 2; k <= n; k++) [previous, value] = [value, ((2 * k - 1) * x * value - (k - 1) * previous) / k]
  return n === 0 ? [1, 0] : [value, (n * (x * value - previous)) / (x * x - 1)]
}
