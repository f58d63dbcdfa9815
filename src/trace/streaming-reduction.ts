import { InvalidInput } from '../numeric/errors.ts'
import { nearlyOrthogonalRowsToOrthonormal } from './orthonormal-rows.ts'
import {
  checkedOptions,
  dualsOf,
  NULL_FRACTION,
  type Reduction,
  type ReductionOptions,
  STREAM_BLOCK,
  varyingOrThrow,
} from './reduction.ts'
import { rowSketch } from './row-sketch.ts'
import { balancedDerivativeWeight, fromPlainInto, type TimeMetric, timeMetric, toPlainInto } from './time-metric.ts'
import { type TraceBatch, type TraceGrid, traceSize } from './trace.ts'
import { finiteProblem } from './trace-check.ts'

/** Directions that are carried, more than the wanted ones: what is lost per block lies beyond them. */
const carried = (modes: number, size: number): number => Math.min(size, Math.ceil(1.5 * modes) + 64)

export interface StreamedReduction {
  readonly reduction: Reduction
  /** Bound, m²: the exact singular values have s_k² ≤ exact ≤ s_k² + this, for every k. */
  readonly missed: number
}

export interface ReductionStream {
  /** Takes the next traces; batches of any size, in order. */
  add(batch: TraceBatch): void
  finish(): StreamedReduction
}

/** Bytes that the stream needs, whatever the number of traces. */
export const streamBytes = (modes: number, size: number): number => {
  const width = carried(modes, size)
  return 8 * size * (2 * width + STREAM_BLOCK + 1) + 4 * size * STREAM_BLOCK + 3 * 8 * (width + STREAM_BLOCK + 1) ** 2
}

/**
 * The reduction of fitReduction in one pass over the traces, in memory that does not depend on their number. Every block
 * of {@link STREAM_BLOCK} traces is centred on its own mean m_b, and joins the n traces before it with one more row,
 * √(n b/(n + b)) (m − m_b): their scatter is then exactly that of all of them about the common mean. Rows go through
 * {@link rowSketch}, which bounds what is lost.
 * @throws InvalidInput for traces of another grid, values that are not finite, fewer than two traces, traces that do not vary
 * @source Ross, Lim, Lin, Yang, "Incremental learning for robust visual tracking", IJCV 77 (2008), lemma 1 (the mean)
 * @verifiedBy test/trace/streaming-reduction.test.ts
 */
export const reductionStream = (grid: TraceGrid, options: ReductionOptions): ReductionStream => {
  checkedOptions(options)
  const size = traceSize(grid)
  const scatter = centredRows(grid, options)
  const buffer = new Float32Array(STREAM_BLOCK * size)
  let buffered = 0
  const fold = (): void => {
    if (buffered > 0) scatter.fold(buffer.subarray(0, buffered * size), buffered)
    buffered = 0
  }
  const add = (batch: TraceBatch): void => {
    checkBatch(batch, size, scatter.count() + buffered)
    for (let n = 0; n < batch.count; n++) {
      buffer.set(batch.values.subarray(n * size, (n + 1) * size), buffered * size)
      if (++buffered === STREAM_BLOCK) fold()
    }
  }
  const finish = (): StreamedReduction => {
    fold()
    return scatter.finish()
  }
  return { add, finish }
}

/** mean [D] ← that of `count` traces */
const meanInto = (mean: Float64Array, values: Float32Array, count: number): void => {
  mean.fill(0)
  for (let n = 0, at = 0; n < count; n++) for (let d = 0; d < mean.length; d++, at++) mean[d] += values[at]
  for (let d = 0; d < mean.length; d++) mean[d] /= count
}

/** The scatter of traces about their common mean, block by block, as rows of a sketch. */
const centredRows = (grid: TraceGrid, options: ReductionOptions) => {
  const size = traceSize(grid)
  const sketch = rowSketch(size, carried(options.modes, size), STREAM_BLOCK + 1)
  const sum = new Float64Array(size)
  const blockMean = new Float64Array(size)
  let metric: TimeMetric | null = null
  let count = 0
  let energy = 0
  let rawEnergy = 0

  const push = (row: Float64Array): void => {
    if (metric !== null) toPlainInto(row, 1, metric)
    for (let d = 0; d < size; d++) energy += row[d] * row[d]
    sketch.push()
  }
  const pushBlock = (values: Float32Array, added: number): void => {
    meanInto(blockMean, values, added)
    for (let n = 0, at = 0; n < added; n++) {
      const row = sketch.next()
      for (let d = 0; d < size; d++, at++) row[d] = values[at] - blockMean[d]
      push(row)
    }
  }
  /** What the means of the block and of all before it differ by. */
  const pushMeans = (added: number): void => {
    const row = sketch.next()
    const weight = Math.sqrt((count * added) / (count + added))
    for (let d = 0; d < size; d++) row[d] = weight * (sum[d] / count - blockMean[d])
    push(row)
  }
  const account = (values: Float32Array, added: number): void => {
    for (let n = 0, at = 0; n < added; n++) {
      for (let d = 0; d < size; d++, at++) {
        sum[d] += values[at]
        rawEnergy += values[at] * values[at]
      }
    }
    count += added
  }
  const fold = (values: Float32Array, added: number): void => {
    if (count === 0 && options.norm === 'h1')
      metric = timeMetric(grid, balancedDerivativeWeight({ grid, count: added, values }))
    pushBlock(values, added)
    if (count > 0) pushMeans(added)
    account(values, added)
  }

  const finish = (): StreamedReduction => {
    varyingOrThrow(count, energy, rawEnergy)
    const { rows, norms, discarded } = sketch.finish()
    const wanted = norms.subarray(0, Math.min(options.modes, count - 1, norms.length))
    const modeCount = wanted.findLastIndex((s) => s > NULL_FRACTION * norms[0]) + 1
    const modes = nearlyOrthogonalRowsToOrthonormal(rows.subarray(0, modeCount * size), modeCount, size)
    if (metric !== null) fromPlainInto(modes, modeCount, metric)
    const reduction = {
      ...{ grid, modeCount, mean: sum.map((s) => s / count), modes },
      ...{ singularValues: norms.slice(0, modeCount), totalEnergy: energy, count },
      ...dualsOf(modes, modeCount, grid, metric),
    }
    return { reduction, missed: discarded }
  }
  return { count: () => count, fold, finish }
}

const checkBatch = ({ grid, count, values }: TraceBatch, size: number, before: number): void => {
  if (traceSize(grid) !== size) throw InvalidInput.of('batch.grid', `${size} values per trace`, traceSize(grid))
  if (values.length !== count * size) throw InvalidInput.of('batch.values', `${count * size} values`, values.length)
  for (let n = 0; n < count; n++) {
    const problem = finiteProblem(`trace ${before + n}`, grid, values, n * size)
    if (problem !== null) throw new InvalidInput([problem])
  }
}
