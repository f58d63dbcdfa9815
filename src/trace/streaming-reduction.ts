import { InvalidInput } from '../numeric/errors.ts'
import { nearlyOrthogonalRowsToOrthonormal } from './orthonormal-rows.ts'
import {
  checkedOptions,
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

/** Directions that are carried beside the wanted ones: what is lost per block lies beyond them. */
const OVERSAMPLING = 64

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
  const width = modes + OVERSAMPLING
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
  const sketch = rowSketch(size, Math.min(options.modes + OVERSAMPLING, size), STREAM_BLOCK + 1)
  const buffer = new Float32Array(STREAM_BLOCK * size)
  const sum = new Float64Array(size)
  const blockMean = new Float64Array(size)
  let metric: TimeMetric | null = null
  let buffered = 0
  let count = 0
  let energy = 0
  let rawEnergy = 0

  const pushRow = (row: Float64Array): void => {
    if (metric !== null) toPlainInto(row, 1, metric)
    for (let d = 0; d < size; d++) energy += row[d] * row[d]
    sketch.push()
  }

  const foldBlock = (): void => {
    if (buffered === 0) return
    const values = buffer.subarray(0, buffered * size)
    if (count === 0 && options.norm === 'h1')
      metric = timeMetric(grid, balancedDerivativeWeight({ grid, count: buffered, values }))
    blockMean.fill(0)
    for (let n = 0, at = 0; n < buffered; n++) for (let d = 0; d < size; d++, at++) blockMean[d] += values[at]
    for (let d = 0; d < size; d++) blockMean[d] /= buffered
    for (let n = 0, at = 0; n < buffered; n++) {
      const row = sketch.next()
      for (let d = 0; d < size; d++, at++) row[d] = values[at] - blockMean[d]
      pushRow(row)
    }
    if (count > 0) {
      const row = sketch.next()
      const weight = Math.sqrt((count * buffered) / (count + buffered))
      for (let d = 0; d < size; d++) row[d] = weight * (sum[d] / count - blockMean[d])
      pushRow(row)
    }
    for (let n = 0, at = 0; n < buffered; n++) {
      for (let d = 0; d < size; d++, at++) {
        sum[d] += values[at]
        rawEnergy += values[at] * values[at]
      }
    }
    count += buffered
    buffered = 0
  }

  const add = (batch: TraceBatch): void => {
    checkBatch(batch, size, count + buffered)
    for (let n = 0; n < batch.count; n++) {
      buffer.set(batch.values.subarray(n * size, (n + 1) * size), buffered * size)
      if (++buffered === STREAM_BLOCK) foldBlock()
    }
  }

  const finish = (): StreamedReduction => {
    foldBlock()
    varyingOrThrow(count, energy, rawEnergy)
    const { rows, norms, discarded } = sketch.finish()
    const wanted = norms.subarray(0, Math.min(options.modes, count - 1, norms.length))
    const modeCount = wanted.findLastIndex((s) => s > NULL_FRACTION * norms[0]) + 1
    const modes = nearlyOrthogonalRowsToOrthonormal(rows.subarray(0, modeCount * size), modeCount, size)
    if (metric !== null) fromPlainInto(modes, modeCount, metric)
    const reduction = {
      ...{ grid, modeCount, mean: sum.map((s) => s / count), modes },
      ...{ singularValues: norms.slice(0, modeCount), totalEnergy: energy, count },
      ...(metric === null ? {} : { derivativeWeight: metric.derivativeWeight }),
    }
    return { reduction, missed: discarded }
  }
  return { add, finish }
}

const checkBatch = ({ grid, count, values }: TraceBatch, size: number, before: number): void => {
  if (traceSize(grid) !== size) throw InvalidInput.of('batch.grid', `${size} values per trace`, traceSize(grid))
  if (values.length !== count * size) throw InvalidInput.of('batch.values', `${count * size} values`, values.length)
  for (let n = 0; n < count; n++) {
    const problem = finiteProblem(`trace ${before + n}`, grid, values, n * size)
    if (problem !== null) throw new InvalidInput([problem])
  }
}
