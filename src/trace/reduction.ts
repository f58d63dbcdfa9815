import { addProductInto, rowMajor, transposed } from '../numeric/blocked-product.ts'
import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { leadingEigenpairs } from './leading-eigenvectors.ts'
import { nearlyOrthogonalRowsToOrthonormal } from './orthonormal-rows.ts'
import { type TraceBatch, type TraceGrid, traceSize } from './trace.ts'

/**
 * Proper orthogonal decomposition: trace ≈ mean + Σ_k a_k modes_k. Modes are orthonormal and ordered by energy, so the
 * first k of them are the best reduction to k. A plain record: structured clone carries it to workers.
 */
export interface Reduction {
  readonly grid: TraceGrid
  /** r */
  readonly modeCount: number
  /** [D] m, D = frames · P · components. */
  readonly mean: Float64Array
  /** [r, D] row-major, orthonormal rows. */
  readonly modes: Float64Array
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
}

/** Directions below this fraction of the largest singular value are round-off of the 32-bit traces. */
const NULL_FRACTION = 1e-7
const ROW_BLOCK = 128

const problemsOf = (batch: TraceBatch, options: ReductionOptions): Problem[] => {
  const problems: Problem[] = []
  const expect = (path: string, ok: boolean, expected: string, received: unknown): void => {
    if (!ok) problems.push({ path, expected, received: String(received) })
  }
  const size = batch.count * traceSize(batch.grid)
  expect('batch.count', batch.count >= 2, 'at least 2 traces', batch.count)
  expect('batch.values', batch.values.length === size, `${size} values`, batch.values.length)
  expect('modes', Number.isInteger(options.modes) && options.modes >= 1, 'a whole number ≥ 1', options.modes)
  const bad = batch.values.findIndex((v) => !Number.isFinite(v))
  expect('batch.values', bad < 0, 'finite values', `${batch.values[bad]} at ${bad}`)
  return problems
}

const meanOf = (values: Float32Array, count: number, size: number): Float64Array => {
  const mean = new Float64Array(size)
  for (let n = 0, at = 0; n < count; n++) for (let d = 0; d < size; d++, at++) mean[d] += values[at]
  return mean.map((sum) => sum / count)
}

/** [N, N] inner products of the traces, lower block triangle computed, then mirrored. */
const gramOf = (values: Float32Array, count: number, size: number): Float64Array => {
  const gram = new Float64Array(count * count)
  for (let i = 0; i < count; i += ROW_BLOCK) {
    const rows = Math.min(ROW_BLOCK, count - i)
    const left = rowMajor(values, size, i * size)
    addProductInto(rowMajor(gram, count, i * count), left, transposed(rowMajor(values, size)), rows, size, i + rows)
  }
  for (let i = 0; i < count; i++) for (let j = 0; j < i; j++) gram[j * count + i] = gram[i * count + j]
  return gram
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

/**
 * Modes of N training traces through the eigenvectors of their [N, N] Gram matrix: the right choice for N ≪ D.
 * 1,000 traces of 20,000 values take ~4 s.
 * @throws InvalidInput on sizes that do not match and on values that are not finite
 * @source Sirovich, "Turbulence and the dynamics of coherent structures", 1987 (method of snapshots)
 * @verifiedBy test/trace/reduction.test.ts (against ml-matrix's singular values)
 */
export const fitReduction = (batch: TraceBatch, options: ReductionOptions): Reduction => {
  const problems = problemsOf(batch, options)
  if (problems.length > 0) throw new InvalidInput(problems)
  const { grid, count, values } = batch
  const size = traceSize(grid)
  const gram = gramOf(values, count, size)
  const totalEnergy = centreGram(gram, count)
  const wanted = Math.min(options.modes, count - 1, size)
  const pairs = leadingEigenpairs(gram, count, wanted, options.seed ?? 0)
  const singular = pairs.values.map((v) => Math.sqrt(Math.max(v, 0)))
  const modeCount = singular.findLastIndex((s) => s > NULL_FRACTION * singular[0]) + 1
  if (modeCount === 0) throw InvalidInput.of('batch.values', 'traces that differ', 'equal traces')
  centreRows(pairs.vectors, modeCount, count)
  const raw = new Float64Array(modeCount * size)
  addProductInto(rowMajor(raw, size), rowMajor(pairs.vectors, count), rowMajor(values, size), modeCount, count, size)
  const modes = nearlyOrthogonalRowsToOrthonormal(raw, modeCount, size)
  const mean = meanOf(values, count, size)
  return { grid, modeCount, mean, modes, singularValues: singular.slice(0, modeCount), totalEnergy, count }
}

/** The same reduction with the leading `rank` modes only: views, nothing is copied. */
export const truncateReduction = (reduction: Reduction, rank: number): Reduction => ({
  ...reduction,
  modeCount: checkedRank(reduction, rank),
  modes: reduction.modes.subarray(0, rank * reduction.mean.length),
  singularValues: reduction.singularValues.subarray(0, rank),
})

/** Σ_{k<rank} s_k² / Σ s²: the share of the training traces' variance that `rank` modes keep. */
export const energyFraction = (reduction: Reduction, rank = reduction.modeCount): number =>
  reduction.singularValues.subarray(0, rank).reduce((sum, s) => sum + s * s, 0) / reduction.totalEnergy

export const checkedRank = (reduction: Reduction, rank: number): number => {
  if (Number.isInteger(rank) && rank >= 1 && rank <= reduction.modeCount) return rank
  throw InvalidInput.of('rank', `a whole number from 1 to ${reduction.modeCount}`, rank)
}
