import { addProductInto, rowMajor } from '../numeric/blocked-product.ts'
import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { gramOf } from './gram.ts'
import { leadingEigenpairs } from './leading-eigenvectors.ts'
import { nearlyOrthogonalRowsToOrthonormal } from './orthonormal-rows.ts'
import {
  balancedDerivativeWeight,
  fromPlainInto,
  type TimeMetric,
  timeMetric,
  toPlainInto,
  weighInto,
} from './time-metric.ts'
import { type TraceBatch, type TraceGrid, traceSize } from './trace.ts'
import { finiteProblem } from './trace-check.ts'

/** What distance between traces means: L², or H¹ in time ({@link TimeMetric}). */
export type ReductionNorm = 'l2' | 'h1'

/** Traces that the time scale of H¹ is taken from, and that a stream folds in together. */
export const STREAM_BLOCK = 256

/**
 * Proper orthogonal decomposition: trace ≈ mean + Σ_k a_k modes_k. Modes are orthonormal in the norm of the reduction, and
 * ordered by energy in it, so the first k of them are the best reduction to k. A plain record: structured clone carries it to workers.
 */
export interface Reduction {
  readonly grid: TraceGrid
  /** r */
  readonly modeCount: number
  /** [D] m, D = frames · P · components. */
  readonly mean: Float64Array
  /** [r, D] row-major. */
  readonly modes: Float64Array
  /** [r, D] row-major, with ⟨duals_j, modes_k⟩ = δ_jk: what coefficients are taken with. Absent: the modes, orthonormal in L². */
  readonly duals?: Float64Array
  /** [r] descending, m. Coefficient k of the training traces has standard deviation s_k/√N. */
  readonly singularValues: Float64Array
  /** Σ over all modes of s², m²: what `energyFraction` refers to. */
  readonly totalEnergy: number
  /** N: training traces. */
  readonly count: number
}

export interface ReductionOptions {
  /** r: at most this many; fewer when the traces span fewer directions. */
  readonly modes: number
  readonly seed?: number
  /** Default 'l2'. */
  readonly norm?: ReductionNorm
}

/** Directions below this fraction of the largest singular value are round-off of the 32-bit traces. */
export const NULL_FRACTION = 1e-7

/** @throws InvalidInput for a number of modes that is none */
export const checkedOptions = ({ modes }: ReductionOptions): void => {
  if (!(Number.isInteger(modes) && modes >= 1)) throw InvalidInput.of('modes', 'a whole number ≥ 1', modes)
}

/**
 * Nothing can be learnt from one trace, nor from traces that are all the same.
 * @param energy Σ|u − ū|² over the traces
 * @param rawEnergy Σ|u|²
 * @throws InvalidInput
 */
export const varyingOrThrow = (count: number, energy: number, rawEnergy: number): void => {
  if (count < 2) throw InvalidInput.of('training traces', 'at least 2, since one has no law', count)
  if (energy > NULL_FRACTION ** 2 * rawEnergy) return
  throw InvalidInput.of(
    'training traces',
    'traces that differ from run to run (something in `load` or `uncertainty` must be random and reach the zone)',
    `${count} equal ones`,
  )
}

const problemsOf = (batch: TraceBatch, options: ReductionOptions): Problem[] => {
  const problems: Problem[] = []
  const expect = (path: string, ok: boolean, expected: string, received: unknown): void => {
    if (!ok) problems.push({ path, expected, received: String(received) })
  }
  const size = batch.count * traceSize(batch.grid)
  expect('training traces', batch.count >= 2, 'at least 2, since one has no law', batch.count)
  expect('batch.values', batch.values.length === size, `${size} values`, batch.values.length)
  expect('modes', Number.isInteger(options.modes) && options.modes >= 1, 'a whole number ≥ 1', options.modes)
  return [...problems, ...finiteProblems(batch)]
}

/** The first trace that holds a value which is not finite. */
const finiteProblems = ({ grid, values }: TraceBatch): Problem[] => {
  const bad = values.findIndex((v) => !Number.isFinite(v))
  if (bad < 0) return []
  const n = Math.floor(bad / traceSize(grid))
  const problem = finiteProblem(`trace ${n}`, grid, values, n * traceSize(grid))
  return problem === null ? [] : [problem]
}

const meanOf = (values: Float32Array, count: number, size: number): Float64Array => {
  const mean = new Float64Array(size)
  for (let n = 0, at = 0; n < count; n++) for (let d = 0; d < size; d++, at++) mean[d] += values[at]
  return mean.map((sum) => sum / count)
}

/** G ← H G H with H = I − 11ᵀ/N: the Gram matrix of the centred traces; returns its trace. */
const centreGram = (gram: Float64Array, count: number): number => {
  const rowMeans = Float64Array.from({ length: count }, (_, i) => {
    let sum = 0
    for (let j = 0; j < count; j++) sum += gram[i * count + j]
    return sum / count
  })
  const mean = rowMeans.reduce((a, b) => a + b) / count
  let energy = 0
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < count; j++) gram[i * count + j] += mean - rowMeans[i] - rowMeans[j]
    energy += gram[i * count + i]
  }
  return energy
}

const centreRows = (rows: Float64Array, count: number, length: number): void => {
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * length, (i + 1) * length)
    const mean = row.reduce((a, b) => a + b) / length
    for (let k = 0; k < length; k++) row[k] -= mean
  }
}

/** Bytes that {@link fitReduction} needs beside its modes: the traces, their Gram matrix and its decomposition. */
export const gramBytes = (count: number, size: number, norm: ReductionNorm): number =>
  (norm === 'h1' ? 12 : 4) * count * size + 3 * 8 * count * count

/** The metric of the norm, made for the first {@link STREAM_BLOCK} traces; null for L². */
const metricOf = ({ grid, count, values }: TraceBatch, norm: ReductionNorm | undefined): TimeMetric | null => {
  if (norm !== 'h1') return null
  const first = Math.min(count, STREAM_BLOCK)
  const some = { grid, count: first, values: values.subarray(0, first * traceSize(grid)) }
  return timeMetric(grid, balancedDerivativeWeight(some))
}

const plainRows = ({ count, values }: TraceBatch, metric: TimeMetric | null): Float32Array | Float64Array => {
  if (metric === null) return values
  const rows = Float64Array.from(values)
  toPlainInto(rows, count, metric)
  return rows
}

/**
 * Modes of N training traces through the eigenvectors of their [N, N] Gram matrix: the right choice for N ≪ D, and as long as
 * all traces fit in memory ({@link gramBytes}); beyond, {@link reductionStream}. 1,000 traces of 20,000 values take ~4 s.
 * @throws InvalidInput on sizes that do not match, values that are not finite, fewer than two traces, traces that do not vary
 * @source Sirovich, "Turbulence and the dynamics of coherent structures", 1987 (method of snapshots)
 * @verifiedBy test/trace/reduction.test.ts (against ml-matrix's singular values)
 */
export const fitReduction = (batch: TraceBatch, options: ReductionOptions): Reduction => {
  const problems = problemsOf(batch, options)
  if (problems.length > 0) throw new InvalidInput(problems)
  const { grid, count } = batch
  const size = traceSize(grid)
  const metric = metricOf(batch, options.norm)
  const values = plainRows(batch, metric)
  const gram = gramOf(values, count, size)
  const rawEnergy = traceOf(gram, count)
  const totalEnergy = centreGram(gram, count)
  varyingOrThrow(count, totalEnergy, rawEnergy)
  const wanted = Math.min(options.modes, count - 1, size)
  const pairs = leadingEigenpairs(gram, count, wanted, options.seed ?? 0)
  const singular = pairs.values.map((v) => Math.sqrt(Math.max(v, 0)))
  const modeCount = singular.findLastIndex((s) => s > NULL_FRACTION * singular[0]) + 1
  centreRows(pairs.vectors, modeCount, count)
  const raw = new Float64Array(modeCount * size)
  addProductInto(rowMajor(raw, size), rowMajor(pairs.vectors, count), rowMajor(values, size), modeCount, count, size)
  const modes = nearlyOrthogonalRowsToOrthonormal(raw, modeCount, size)
  if (metric !== null) fromPlainInto(modes, modeCount, metric)
  const mean = meanOf(batch.values, count, size)
  const singularValues = singular.slice(0, modeCount)
  return {
    ...{ grid, modeCount, mean, modes, singularValues, totalEnergy, count },
    ...dualsOf(modes, modeCount, grid, metric),
  }
}

/** Duals of modes that are orthonormal in the metric: W modes. */
export const dualsOf = (
  modes: Float64Array,
  count: number,
  grid: TraceGrid,
  metric: TimeMetric | null,
): { readonly duals?: Float64Array } => {
  if (metric === null) return {}
  const duals = new Float64Array(modes.length)
  weighInto(duals, modes, count, grid, metric.derivativeWeight)
  return { duals }
}

const traceOf = (matrix: Float64Array, n: number): number => {
  let sum = 0
  for (let i = 0; i < n; i++) sum += matrix[i * n + i]
  return sum
}

/** The same reduction with the leading `rank` modes only: views, nothing is copied. */
export const truncateReduction = (reduction: Reduction, rank: number): Reduction => ({
  ...reduction,
  modeCount: checkedRank(reduction, rank),
  modes: reduction.modes.subarray(0, rank * reduction.mean.length),
  ...(reduction.duals === undefined ? {} : { duals: reduction.duals.subarray(0, rank * reduction.mean.length) }),
  singularValues: reduction.singularValues.subarray(0, rank),
})

/** Σ_{k<rank} s_k² / Σ s²: the share of the training traces' variance that `rank` modes keep. */
export const energyFraction = (reduction: Reduction, rank = reduction.modeCount): number =>
  reduction.singularValues.subarray(0, rank).reduce((sum, s) => sum + s * s, 0) / reduction.totalEnergy

export const checkedRank = (reduction: Reduction, rank: number): number => {
  if (Number.isInteger(rank) && rank >= 1 && rank <= reduction.modeCount) return rank
  throw InvalidInput.of('rank', `a whole number from 1 to ${reduction.modeCount}`, rank)
}
