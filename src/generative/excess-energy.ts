import { rowMajor } from '../numeric/blocked-product.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { randomStream } from '../numeric/random.ts'
import { addBilinearFormsInto } from './bilinear-forms.ts'
import type { Sample } from './distances.ts'
import { jointRows, samePairs } from './joint-rows.ts'
import { distancesWithin, euclideanDistances, withoutDiagonal } from './pair-distances.ts'
import type { TrainingData } from './training-data.ts'

export interface ExcessOptions {
  readonly resamples?: number
  /** Of the bounds, one-sided each. */
  readonly level?: number
  readonly seed?: number
}

export interface ExcessEnergy {
  /** E(model, real) − E(floor, real); without a floor E(model, real), whose floor is zero. Unbiased: may be negative. */
  readonly excess: number
  /** The excess is above with this confidence … */
  readonly lower: number
  /** … and below: excess − the (1 − level) quantile of the resampled deviations. */
  readonly upper: number
  readonly level: number
  readonly standardError: number
  /** E(model, real) and E(floor, real), unbiased. */
  readonly model: number
  readonly floor: number
  readonly resamples: number
}

export const EXCESS_DEFAULTS = { resamples: 999, level: 0.95, seed: 0 }
/** With fewer rows a resample may hold copies of one row alone. */
const FEWEST = 10

/** A sample with how often each resample drew each row: [1 + resamples, n], first all ones. */
interface Weighted {
  readonly rows: Sample
  readonly weights: Float64Array
}

const multiplicities = (n: number, resamples: number, seed: number, purpose: string): Float64Array => {
  const stream = randomStream(seed, `excess/${purpose}`)
  const uniforms = new Float64Array(n)
  const out = new Float64Array((1 + resamples) * n).fill(1, 0, n)
  for (let b = 1; b <= resamples; b++) {
    stream.uniformsInto(uniforms, b - 1)
    for (let i = 0; i < n; i++) out[b * n + Math.floor(uniforms[i] * n)]++
  }
  return out
}

/** Σ_i u_i, or Σ_i u_i² of each row of weights. */
const rowSums = (weights: Float64Array, n: number, power: 1 | 2): Float64Array => {
  const out = new Float64Array(weights.length / n)
  weights.forEach((u, at) => {
    out[Math.floor(at / n)] += u ** power
  })
  return out
}

/** Mean distance of pairs i ≠ j of one weighted set of rows, per resample: copies of a row are no pair. */
const meanApart = (a: Weighted, matrix: Float64Array, b: Weighted): Float64Array => {
  const n = a.rows.count
  const out = new Float64Array(a.weights.length / n)
  addBilinearFormsInto(out, 1, rowMajor(a.weights, n), withoutDiagonal(matrix, n), rowMajor(b.weights, n), n)
  const [sums, squares] = [rowSums(a.weights, n, 1), rowSums(a.weights, n, 2)]
  return out.map((total, k) => total / (sums[k] ** 2 - squares[k]))
}

const meanAcross = (a: Weighted, b: Weighted): Float64Array => {
  const [n, m] = [a.rows.count, b.rows.count]
  const out = new Float64Array(a.weights.length / n)
  const matrix = euclideanDistances(a.rows, b.rows)
  addBilinearFormsInto(out, 1 / (n * m), rowMajor(a.weights, n), matrix, rowMajor(b.weights, m), n)
  return out
}

/** E|A − B|, per resample. Rows of equal θ share their weights, and the pair (i, i) is left out: it is not independent. */
const meanBetween = (a: Weighted, b: Weighted): Float64Array =>
  a.weights === b.weights ? meanApart(a, euclideanDistances(a.rows, b.rows), b) : meanAcross(a, b)

const meanWithin = (a: Weighted): Float64Array => meanApart(a, distancesWithin(euclideanDistances, a.rows), a)

/** 2 E|A − B| − E|A − A'| − E|B − B'| per resample. */
const energies = (between: Float64Array, a: Float64Array, b: Float64Array): Float64Array =>
  between.map((v, k) => 2 * v - a[k] - b[k])

const checkSizes = (all: readonly TrainingData[]): void => {
  const sizes = all.map((d) => `${d.modes} modes and ${d.conditionCount} conditions`)
  const other = sizes.find((s) => s !== sizes[0])
  if (other !== undefined) throw InvalidInput.of('excessEnergyDistance', sizes[0], other)
  const fewest = Math.min(...all.map((d) => d.count))
  if (fewest < FEWEST)
    throw InvalidInput.of('excessEnergyDistance', `${FEWEST} or more rows in each sample`, String(fewest))
}

/**
 * How much farther model samples are from real ones than other real samples are, in energy distance of (a, θ), with one-sided bootstrap
 * bounds. All parts are U-statistics: equal laws give zero on average, at any n. The bounds resample rows (pairs of equal θ together), and
 * each mean leaves out copies of one row. Near equal laws the resampled deviations are wider than the true ones: the bound is then safe.
 * @param model, real, floor coefficients in comparable units; rows of equal θ in one order are taken as pairs. A second model for
 * `floor` gives the difference of two models.
 * @source Székely, Rizzo, J. Stat. Plan. Inference 143 (2013); Arcones, Giné, Ann. Statist. 20 (1992), for degenerate kernels
 * @verifiedBy test/statistical/joint-test.test.ts (unbiased; coverage of the bound for known Gaussian laws)
 */
export const excessEnergyDistance = (
  model: TrainingData,
  real: TrainingData,
  floor?: TrainingData,
  options: ExcessOptions = {},
): ExcessEnergy => {
  checkSizes(floor ? [real, model, floor] : [real, model])
  const { resamples, level, seed } = { ...EXCESS_DEFAULTS, ...options }
  const r: Weighted = { rows: jointRows(real), weights: multiplicities(real.count, resamples, seed, 'real') }
  const weighted = (data: TrainingData, purpose: string): Weighted => ({
    rows: jointRows(data),
    weights: samePairs(data, real) ? r.weights : multiplicities(data.count, resamples, seed, purpose),
  })
  const withinReal = meanWithin(r)
  const energyOf = (x: Weighted): Float64Array => energies(meanBetween(x, r), meanWithin(x), withinReal)
  const ofModel = energyOf(weighted(model, 'model'))
  const ofFloor = floor ? energyOf(weighted(floor, 'floor')) : new Float64Array(1 + resamples)
  return boundsOf(ofModel, ofFloor, level)
}

const boundsOf = (ofModel: Float64Array, ofFloor: Float64Array, level: number): ExcessEnergy => {
  const [excess, ...resampled] = ofModel.map((e, b) => e - ofFloor[b])
  const deviations = Float64Array.from(resampled, (e) => e - excess).sort()
  const resamples = deviations.length
  const rank = Math.max(1, Math.floor((1 - level) * (resamples + 1)))
  const mean = resampled.reduce((a, b) => a + b, 0) / resamples
  const standardError = Math.sqrt(resampled.reduce((sum, e) => sum + (e - mean) ** 2, 0) / (resamples - 1))
  return {
    excess,
    lower: excess - deviations[resamples - rank],
    upper: excess - deviations[rank - 1],
    ...{ level, standardError, model: ofModel[0], floor: ofFloor[0], resamples },
  }
}
