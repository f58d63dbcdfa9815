import { InvalidInput } from '../../numeric/errors.ts'
import { normalQuantile } from '../../numeric/normal.ts'
import { add, concat, constant, exp, input, matmul, mul, reshape, slice, sub, type Tensor } from '../../tensor/graph.ts'
import { clamp, stepAbove, stepBelow } from '../../tensor/pieces.ts'
import { type ConditionalLaw, MEAN_DEGREE, VARIANCE_DEGREE } from '../conditional-law.ts'
import { totalDegreeIndices } from '../legendre.ts'
import type { TailLaw } from '../tail-law.ts'
import { groupOf } from '../tail-scale.ts'
import { latentDimension } from '../trace-model.ts'
import { generatorGraph, generatorSpecs } from './generator.ts'
import type { StandAlone } from './stand-alone.ts'

/** What a condition is scaled to [−1, 1] over, in its own unit. */
export interface Range {
  readonly low: number
  readonly high: number
}

/** What turns coefficients into traces: mean [D], modes [r, D], D = the product of `shape`. */
export interface Decoding {
  readonly mean: Float64Array
  readonly modes: Float64Array
  /** [frames, points, components] */
  readonly shape: readonly number[]
}

export interface ExportOptions {
  /** One per condition. */
  readonly ranges: readonly Range[]
  /** n */
  readonly batch: number
  readonly decoding?: Decoding
}

/** [rows, columns] → [columns, rows] */
const turned = (values: Float64Array, rows: number, columns: number): Tensor =>
  constant(
    Float64Array.from(values, (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]),
    [columns, rows],
  )

const column = (x: Tensor, k: number): Tensor => slice(x, 1, k, k + 1)
const product = (factors: readonly Tensor[]): Tensor => factors.reduce((a, b) => mul(a, b))

/**
 * (x − c) / h, c and h the middle and half of the range. c is taken off in two parts, so that rounding it to 32 bits costs nothing
 * where the range is narrow beside its middle.
 */
const scaled = (theta: Tensor, ranges: readonly Range[]): Tensor => {
  const middle = ranges.map(({ low, high }) => (low + high) / 2)
  const coarse = middle.map(Math.fround)
  const fine = middle.map((c, k) => c - coarse[k])
  const slopes = ranges.map(({ low, high }) => 2 / (high - low))
  return mul(sub(sub(theta, constant(coarse)), constant(fine)), constant(slopes))
}

/** √(2k+1) P_k(x), k = 0 … degree, of a column [n, 1]; the first is the number 1 and left out by the user. */
const legendre = (x: Tensor, degree: number): readonly Tensor[] => {
  const p = [constant(1, [1, 1]), x]
  for (let k = 1; k < degree; k++) p.push(sub(mul(mul(x, p[k]), (2 * k + 1) / (k + 1)), mul(p[k - 1], k / (k + 1))))
  return p.map((value, k) => mul(value, Math.sqrt(2 * k + 1)))
}

/**
 * Σ_α w_α φ_α(θ) [n, r], or [r] without conditions; θ counts as the nearest end of [−1, 1].
 * @param weights [r, K], the constant first
 */
const polynomial = (theta: Tensor | undefined, degree: number, weights: Float64Array, r: number): Tensor => {
  const k = weights.length / r
  const first = constant(Float64Array.from({ length: r }, (_, j) => weights[j * k]))
  if (theta === undefined) return first
  const p = theta.shape[1]
  const inside = clamp(theta, -1, 1)
  const powers = Array.from({ length: p }, (_, i) => legendre(column(inside, i), degree))
  const terms = totalDegreeIndices(p, degree)
    .slice(1)
    .map((index) => product(index.flatMap((a, i) => (a === 0 ? [] : [powers[i][a]]))))
  const rest = weights.filter((_, at) => at % k !== 0)
  return add(matmul(concat(terms, 1), turned(rest, r, k - 1)), first)
}

/** The category of the last latent normal v as [n, C]: k where Φ⁻¹(k/C) < v ≤ Φ⁻¹((k+1)/C), equally likely. */
const oneHot = (v: Tensor, categories: number): Tensor => {
  const above = (k: number): Tensor => stepAbove(v, normalQuantile(k / categories))
  const columns = Array.from({ length: categories }, (_, k) => {
    if (k === 0) return stepBelow(v, normalQuantile(1 / categories))
    return k === categories - 1 ? above(k) : sub(above(k), above(k + 1))
  })
  return concat(columns, 1)
}

/** Whitened leading modes [n, L]: the network, then its calibration. */
const leadingModes = ({ law, network, calibration }: StandAlone, z: Tensor, theta: Tensor | undefined): Tensor => {
  const { config, hidden, parameters } = network
  const weights = Object.fromEntries(
    generatorSpecs(config, hidden).map(({ name, shape }) => [name, constant(parameters[name], shape)]),
  )
  const category = config.categories > 1 ? [oneHot(column(z, law.modes), config.categories)] : []
  const told = [...(theta === undefined ? [] : [theta]), ...category]
  const conditioning = told.length > 0 ? concat(told, 1) : undefined
  const raw = generatorGraph(config, weights, hidden, slice(z, 1, 0, config.latent), conditioning)
  const { matrix, shift } = calibration
  return add(matmul(raw, turned(matrix, config.latent, config.latent)), constant(shift))
}

/** v = [√3 θ, scaled leading modes] [n, V] and its outer product with itself [n, V²]: what a quadratic polynomial is linear in. */
const quadraticTerms = (tail: TailLaw, leading: Tensor, theta: Tensor | undefined) => {
  const { scales, ranges } = tail
  const ends = (side: 0 | 1): Tensor => constant(ranges.filter((_, at) => at % 2 === side))
  const own = mul(clamp(slice(leading, 1, 0, scales.length), ends(0), ends(1)), constant(scales))
  const v = theta === undefined ? own : concat([mul(theta, Math.sqrt(3)), own], 1)
  const [n, variables] = v.shape
  const outer = mul(reshape(v, [n, variables, 1]), reshape(v, [n, 1, variables]))
  return { v, outer: reshape(outer, [n, variables * variables]) }
}
type QuadraticTerms = ReturnType<typeof quadraticTerms>

/** Σ_a w_a v_a + Σ_b≤a w_ab v_a v_b + w_0 [n, t]. @param weights [t, K]; the diagonal carries √½ */
const quadratic = ({ v, outer }: QuadraticTerms, weights: Float64Array, t: number): Tensor => {
  const variables = v.shape[1]
  const k = weights.length / t
  const linear = Float64Array.from({ length: variables * t }, (_, at) => weights[(at % t) * k + 1 + Math.floor(at / t)])
  const squares = new Float64Array(variables * variables * t)
  for (let a = 0, feature = 1 + variables; a < variables; a++)
    for (let b = 0; b <= a; b++, feature++)
      for (let j = 0; j < t; j++)
        squares[(a * variables + b) * t + j] = weights[j * k + feature] * (a === b ? Math.SQRT1_2 : 1)
  const first = add(
    matmul(v, constant(linear, [variables, t])),
    constant(Float64Array.from({ length: t }, (_, j) => weights[j * k])),
  )
  return add(first, matmul(outer, constant(squares, [variables * variables, t])))
}

/** Standard deviation of each tail mode [n, t]: its own times its group's scale. @param loudness [n, 1] */
const tailDeviations = ({ deviations, scale }: TailLaw, terms: QuadraticTerms, loudness: Tensor): Tensor => {
  const { weights, ranges, common } = scale
  const groups = ranges.length / 2
  const ends = (side: 0 | 1): Tensor => constant(ranges.filter((_, at) => at % 2 === side))
  const inside = clamp(quadratic(terms, weights, groups), ends(0), ends(1))
  const factor = sub(mul(loudness, common), common ** 2 / 2)
  const sizes = exp(mul(add(inside, factor), 0.5)) // [n, G]
  const t = deviations.length
  const spread = Float64Array.from({ length: groups * t }, (_, at) =>
    groupOf(at % t) === Math.floor(at / t) ? deviations[at % t] : 0,
  )
  return matmul(sizes, constant(spread, [groups, t]))
}

/** Whitened modes beyond the leading ones [n, t]: the polynomial of θ and the leading modes, and coloured noise about it. */
const tailModes = (
  tail: TailLaw,
  leading: Tensor,
  normals: Tensor,
  loudness: Tensor,
  theta: Tensor | undefined,
): Tensor => {
  const t = tail.deviations.length
  const terms = quadraticTerms(tail, leading, theta)
  const noise = matmul(normals, turned(tail.colouring, t, t))
  return add(quadratic(terms, tail.weights, t), mul(noise, tailDeviations(tail, terms, loudness)))
}

/** a = μ(θ) + Vᵀ (σ(θ) ∘ K w) */
const coefficientsOf = (law: ConditionalLaw, white: Tensor, theta: Tensor | undefined): Tensor => {
  const { modes: r, logVarianceRange } = law
  const mean = polynomial(theta, MEAN_DEGREE, law.meanWeights, r)
  const ends = (side: 0 | 1): Tensor => constant(logVarianceRange.filter((_, at) => at % 2 === side))
  const logVariance = clamp(polynomial(theta, VARIANCE_DEGREE, law.logVarianceWeights, r), ends(0), ends(1))
  const coloured = mul(matmul(white, turned(law.colouring, r, r)), exp(mul(logVariance, 0.5)))
  return add(matmul(coloured, constant(law.directions, [r, r])), mean)
}

const tracesOf = (coefficients: Tensor, { mean, modes, shape }: Decoding): Tensor => {
  const [n, r] = coefficients.shape
  const flat = add(matmul(coefficients, constant(modes, [r, mean.length])), constant(mean))
  return reshape(flat, [n, ...shape])
}

/**
 * x = f(z, θ) with everything inside. Inputs `z` [n, r + 1], independent N(0, 1): the latent law that all trace models share;
 * `theta` [n, p], in its own units (absent when p = 0). Outputs `coefficients` [n, r], POD coefficients in m, and with a
 * decoding `traces` [n, frames, points, components], canonical traces in m.
 * @throws InvalidInput for ranges that are not one per condition, or empty
 * @verifiedBy test/generative/export-graph.test.ts (the model itself), test/outside/model-export.test.ts (an interpreter in NumPy)
 */
export const exportGraph = (model: StandAlone, options: ExportOptions): Record<string, Tensor> => {
  const { law, tail } = model
  const { conditionCount: p, modes: r } = law
  const { ranges, batch, decoding } = options
  if (ranges.length !== p) throw InvalidInput.of('ranges', `${p}, one per condition`, ranges.length)
  const empty = ranges.findIndex(({ low, high }) => !(high > low))
  if (empty >= 0) throw InvalidInput.of(`ranges[${empty}]`, 'low < high', JSON.stringify(ranges[empty]))
  const z = input('z', [batch, latentDimension(r)])
  const theta = p > 0 ? scaled(input('theta', [batch, p]), ranges) : undefined
  const leading = leadingModes(model, z, theta)
  const white =
    tail === null
      ? leading
      : concat([leading, tailModes(tail, leading, slice(z, 1, tail.leading, r), column(z, r), theta)], 1)
  const coefficients = coefficientsOf(law, white, theta)
  return decoding === undefined ? { coefficients } : { coefficients, traces: tracesOf(coefficients, decoding) }
}
