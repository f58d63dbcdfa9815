import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import type { Problem } from '../numeric/errors.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { gaussLegendre } from '../numeric/gauss-legendre.ts'

/**
 * Correlation of a field at two points Δ = (Δx, Δy) apart, ℓ the correlation length; along an axis it is 1/e at distance ℓ.
 * 'squared-exponential': exp(−(Δx² + Δy²)/ℓ²), smooth fields. 'exponential': exp(−(|Δx| + |Δy|)/ℓ), rough fields.
 */
export type CorrelationKernel = 'squared-exponential' | 'exponential'

export interface FieldSpec {
  /** [x0, y0, x1, y1] m: holds every point the field is wanted at. */
  readonly box: readonly [number, number, number, number]
  readonly kernel: CorrelationKernel
  /** ℓ, m. */
  readonly correlationLength: number
  /** Share of the mean variance over the box that the kept modes carry, in (0, 1). */
  readonly varianceShare: number
}

/** A truncated expansion g(x) = Σ_m b_m(x) ξ_m of a standard Gaussian field, ξ_m independent N(0, 1). */
export interface KarhunenLoeve {
  readonly count: number
  /** Eigenvalues of the kept modes, m², descending. */
  readonly eigenvalues: Float64Array
  /**
   * Share of the mean variance they carry before the normalisation: at least `varianceShare` of what the quadrature nodes
   * see. For the exponential kernel, whose spectrum has a long tail, the true share may be .01 lower.
   */
  readonly share: number
  /**
   * Fills out[m] = b_m(x, y), m = 0 … count−1, with Σ b_m² = 1.
   * @throws RangeError for a point outside the box
   */
  readonly evaluateInto: (out: Float64Array, x: number, y: number) => void
}

/** More modes than this say that the field is white noise on the scale of the box. */
const MOST_MODES = 4000
const MOST_NODES = 320

/**
 * Karhunen-Loève expansion of a Gaussian field with a separable kernel on a box. Per axis the eigenproblem
 * ∫ C(x, x') φ(x') dx' = λ φ(x), ∫ φ² = 1, is solved by Nyström's method on Gauss-Legendre nodes (symmetrised with √w); the
 * plane's modes are the products φ_i(x) φ_j(y), λ_i λ_j, kept from the largest on until they carry `varianceShare`.
 *
 * A truncated expansion has less variance than the field, and least near the edges. Here b(x) is divided by its own norm, so
 * that the variance is 1 at every point and the marginal law is exact at any truncation; the correlation then is that of the
 * truncated field (as the cosine of b(x) and b(x')).
 * @throws InvalidInput for a box without area, a correlation length ≤ 0 or far below the box, a share outside (0, 1)
 * @source Ghanem, Spanos, Stochastic Finite Elements, 1991, §2.3; Betz, Papaioannou, Straub, CMAME 271, 2014 (Nyström)
 * @verifiedBy test/wave/random-field.test.ts (closed-form eigenvalues, covariance, marginal law)
 */
export const karhunenLoeve = (spec: FieldSpec): KarhunenLoeve => {
  checkSpec(spec)
  const { box, kernel, correlationLength, varianceShare } = spec
  const [x0, y0, x1, y1] = box
  const alongX = axisModes(kernel, correlationLength, x0, x1)
  const alongY = axisModes(kernel, correlationLength, y0, y1)
  const { modes, share } = largest(alongX, alongY, varianceShare * (x1 - x0) * (y1 - y0))
  const valuesX = new Float64Array(alongX.eigenvalues.length)
  const valuesY = new Float64Array(alongY.eigenvalues.length)
  const slack = 1e-9 * Math.max(x1 - x0, y1 - y0)
  const evaluateInto = (out: Float64Array, x: number, y: number): void => {
    const inside = x >= x0 - slack && x <= x1 + slack && y >= y0 - slack && y <= y1 + slack
    if (!inside) throw new RangeError(`(${x}, ${y}) is outside the random field's box [${box}]`)
    alongX.evaluateInto(valuesX, x)
    alongY.evaluateInto(valuesY, y)
    let norm = 0
    for (let m = 0; m < modes.length; m++) {
      out[m] = Math.sqrt(modes[m].eigenvalue) * valuesX[modes[m].i] * valuesY[modes[m].j]
      norm += out[m] * out[m]
    }
    for (let m = 0; m < modes.length; m++) out[m] /= Math.sqrt(norm)
  }
  const eigenvalues = Float64Array.from(modes, ({ eigenvalue }) => eigenvalue)
  return { count: modes.length, eigenvalues, share: share / ((x1 - x0) * (y1 - y0)), evaluateInto }
}

/**
 * The expansion at given points: basis [points, count] row-major.
 * @param points [2·P] x0, y0, x1, y1, … m, e.g. cell centroids
 */
export const fieldAtPoints = (kl: KarhunenLoeve, points: Float64Array): Float64Array => {
  const basis = new Float64Array((points.length / 2) * kl.count)
  for (let p = 0; 2 * p < points.length; p++) {
    kl.evaluateInto(basis.subarray(p * kl.count, (p + 1) * kl.count), points[2 * p], points[2 * p + 1])
  }
  return basis
}

/**
 * A log-normal field: out[p] = exp(μ + σ Σ_m basis[p, m] ξ_m), σ² = ln(1 + cv²), μ = ln mean − σ²/2, so that each value has
 * exactly the given mean and coefficient of variation. Never negative.
 * @param out [P], in the unit of the mean
 * @param basis [P, count] of {@link fieldAtPoints}
 * @param normals [count] independent N(0, 1)
 * @verifiedBy test/wave/random-field.test.ts (moments and Kolmogorov-Smirnov distance of the marginals)
 */
export const lognormalInto = (
  out: Float64Array,
  basis: Float64Array,
  normals: Float64Array,
  law: { readonly mean: number; readonly cv: number },
): void => {
  const count = normals.length
  const sigma = Math.sqrt(Math.log1p(law.cv * law.cv))
  const mu = Math.log(law.mean) - (sigma * sigma) / 2
  for (let p = 0; p < out.length; p++) {
    let g = 0
    for (let m = 0; m < count; m++) g += basis[p * count + m] * normals[m]
    out[p] = Math.exp(mu + sigma * g)
  }
}

const checkSpec = ({ box, correlationLength, varianceShare }: FieldSpec): void => {
  const [x0, y0, x1, y1] = box
  const problems: Problem[] = []
  if (!(x1 > x0 && y1 > y0 && box.every(Number.isFinite))) {
    problems.push({ path: 'box', expected: '[x0, y0, x1, y1] in m with x0 < x1 and y0 < y1', received: `[${box}]` })
  }
  if (!(correlationLength > 0 && Number.isFinite(correlationLength))) {
    problems.push({ path: 'correlationLength', expected: 'a length > 0 m', received: String(correlationLength) })
  }
  if (!(varianceShare > 0 && varianceShare < 1)) {
    problems.push({ path: 'varianceShare', expected: 'a share in (0, 1)', received: String(varianceShare) })
  }
  if (problems.length > 0) throw new InvalidInput(problems)
}

/** Eigenpairs of the kernel on one axis. */
interface AxisModes {
  /** m, descending. */
  readonly eigenvalues: Float64Array
  /** Fills out[k] = φ_k(x), m^−½. */
  readonly evaluateInto: (out: Float64Array, x: number) => void
}

const correlation = (kernel: CorrelationKernel, distance: number): number =>
  kernel === 'exponential' ? Math.exp(-Math.abs(distance)) : Math.exp(-distance * distance)

/** Eigenvalues below this share of the largest are rounding. */
const ROUNDING = 1e-13

const axisModes = (kernel: CorrelationKernel, length: number, a: number, b: number): AxisModes => {
  const { nodes, weights } = gaussLegendre(nodesFor(kernel, (b - a) / length), a, b)
  const n = nodes.length
  const symmetric = Matrix.zeros(n, n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      symmetric.set(i, j, Math.sqrt(weights[i] * weights[j]) * correlation(kernel, (nodes[i] - nodes[j]) / length))
    }
  }
  const evd = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true })
  const order = Array.from({ length: n }, (_, k) => k).sort((k, l) => evd.realEigenvalues[l] - evd.realEigenvalues[k])
  const kept = order.filter((k) => evd.realEigenvalues[k] > ROUNDING * evd.realEigenvalues[order[0]])
  const eigenvalues = Float64Array.from(kept, (k) => evd.realEigenvalues[k])
  return { eigenvalues, evaluateInto: interpolant(kernel, length, nodes, weights, eigenvalues, kept, evd) }
}

/**
 * Enough nodes to resolve the kernel. The kink of the exponential one costs Nyström's method its spectral convergence (the
 * error falls with n⁻²), so it gets twice as many.
 */
const nodesFor = (kernel: CorrelationKernel, lengths: number): number => {
  if (16 * lengths > MOST_NODES) {
    const expected = `at least ${(16 / MOST_NODES).toFixed(2)} of the box's longer side`
    throw InvalidInput.of('correlationLength', expected, `${(1 / lengths).toPrecision(3)} of it`)
  }
  const n = Math.max(64, Math.ceil(16 * lengths))
  return kernel === 'exponential' ? Math.min(2 * n, MOST_NODES) : n
}

/** Nyström's interpolation φ_k(x) = λ_k⁻¹ Σ_j w_j C(x, x_j) φ_k(x_j); the sign makes φ_k positive at the first node. */
const interpolant = (
  kernel: CorrelationKernel,
  length: number,
  nodes: Float64Array,
  weights: Float64Array,
  eigenvalues: Float64Array,
  columns: readonly number[],
  evd: EigenvalueDecomposition,
): AxisModes['evaluateInto'] => {
  const n = nodes.length
  const scaled = new Float64Array(columns.length * n)
  columns.forEach((column, k) => {
    const sign = evd.eigenvectorMatrix.get(0, column) < 0 ? -1 : 1
    for (let j = 0; j < n; j++) {
      scaled[k * n + j] = (sign * Math.sqrt(weights[j]) * evd.eigenvectorMatrix.get(j, column)) / eigenvalues[k]
    }
  })
  const row = new Float64Array(n)
  return (out, x) => {
    for (let j = 0; j < n; j++) row[j] = correlation(kernel, (x - nodes[j]) / length)
    for (let k = 0; k < columns.length; k++) {
      let sum = 0
      for (let j = 0; j < n; j++) sum += scaled[k * n + j] * row[j]
      out[k] = sum
    }
  }
}

interface ProductMode {
  readonly i: number
  readonly j: number
  readonly eigenvalue: number
}

const largest = (x: AxisModes, y: AxisModes, wanted: number): { modes: readonly ProductMode[]; share: number } => {
  const all: ProductMode[] = []
  x.eigenvalues.forEach((a, i) => {
    y.eigenvalues.forEach((b, j) => {
      all.push({ i, j, eigenvalue: a * b })
    })
  })
  all.sort((p, q) => q.eigenvalue - p.eigenvalue || p.i - q.i || p.j - q.j)
  let sum = 0
  let count = 0
  while (sum < wanted && count < all.length) sum += all[count++].eigenvalue
  if (count > MOST_MODES) {
    const expected = `a field of at most ${MOST_MODES} modes (a longer correlation length, or a smaller varianceShare)`
    throw InvalidInput.of('correlationLength', expected, `${count} modes`)
  }
  return { modes: all.slice(0, count), share: sum }
}
