import { DEPTH, packInto, rowMajor, transposed } from '../numeric/blocked-product.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { TILE, wasmTileKernel } from '../numeric/tile-kernel.ts'
import { checkedRank, type Reduction } from './reduction.ts'
import { type TraceGrid, traceSize } from './trace.ts'

/** Decodes some of a trace's entries, again and again. */
export interface Decoder {
  /** E: entries that are decoded. */
  readonly size: number
  /** Samples per call, at most. */
  readonly lanes: number
  /**
   * out [count, E] = mean + Σ_{k<rank} a_k modes_k, overwritten. Allocates nothing.
   * @param coefficients [count, stride] m, the first `rank` of each row are used
   */
  decodeInto(out: Float64Array, coefficients: Float64Array, count: number, rank: number, stride?: number): void
}

export interface DecoderOptions {
  /** Samples per call, at most. */
  readonly lanes: number
  /** Most modes that will be asked for; default: all. */
  readonly rank?: number
  /** Entries of the trace that are wanted, in the order of the output; default: all. */
  readonly entries?: Int32Array
}

const padded = (n: number): number => Math.ceil(n / TILE) * TILE

/**
 * The modes, or the part of them that is wanted, laid out once as the inner kernel reads them. decodeInto of codec.ts lays them out at
 * every call, which for the few samples of a submodel's batch is most of its time. The bits are the same.
 * @throws InvalidInput for a rank that the reduction does not have
 * @verifiedBy test/trace/decoder.test.ts; bench/decode.ts measures the gain
 */
export const prepareDecoder = (reduction: Reduction, options: DecoderOptions): Decoder => {
  const most = checkedRank(reduction, options.rank ?? reduction.modeCount)
  const { lanes, entries = null } = options
  const { mean, modes } = entries === null ? reduction : partOf(reduction, entries, most)
  const size = mean.length
  const width = padded(size)
  const left = width * most
  const result = left + padded(lanes) * most
  const kernel = wasmTileKernel(result + TILE * TILE)
  const m = kernel.buffer
  const columns = transposed(rowMajor(modes, size))
  for (let k0 = 0; k0 < most; k0 += DEPTH) packInto(m, k0 * width, columns, 0, size, k0, Math.min(DEPTH, most - k0))

  const addTile = (out: Float64Array, i0: number, rows: number, j0: number, cols: number): void => {
    for (let i = 0; i < rows; i++)
      for (let j = 0, to = (i0 + i) * size + j0; j < cols; j++, to++) out[to] += m[result + TILE * i + j]
  }

  const decodeInto: Decoder['decodeInto'] = (out, coefficients, count, rank, stride = rank) => {
    if (!(rank >= 1 && rank <= most)) throw InvalidInput.of('rank', `a whole number from 1 to ${most}`, rank)
    if (count > lanes) throw InvalidInput.of('count', `at most ${lanes}`, count)
    for (let n = 0; n < count; n++) out.set(mean, n * size)
    const from = rowMajor(coefficients, stride)
    for (let k0 = 0; k0 < rank; k0 += DEPTH) {
      const depth = Math.min(DEPTH, rank - k0)
      const packed = Math.min(DEPTH, most - k0)
      packInto(m, left, from, 0, count, k0, depth)
      for (let j = 0; j < size; j += TILE) {
        for (let i = 0; i < count; i += TILE) {
          kernel.tile(depth, left + i * depth, k0 * width + j * packed, result)
          addTile(out, i, Math.min(TILE, count - i), j, Math.min(TILE, size - j))
        }
      }
    }
  }
  return { size, lanes, decodeInto }
}

const partOf = (
  { mean, modes }: Reduction,
  entries: Int32Array,
  rank: number,
): { readonly mean: Float64Array; readonly modes: Float64Array } => {
  const part = new Float64Array(rank * entries.length)
  for (let k = 0, at = 0; k < rank; k++)
    for (let e = 0; e < entries.length; e++, at++) part[at] = modes[k * mean.length + entries[e]]
  return { mean: Float64Array.from(entries, (d) => mean[d]), modes: part }
}

/** The entries of the first `frames` frames: what a submodel that ends earlier uses. */
export const leadingFrames = (grid: TraceGrid, frames: number): Int32Array =>
  Int32Array.from({ length: (traceSize(grid) / grid.frames) * frames }, (_, d) => d)

/** The history of some degrees of freedom of Γ: entries [frames, dofs]. */
export const historiesOf = (grid: TraceGrid, dofs: readonly number[]): Int32Array => {
  const width = traceSize(grid) / grid.frames
  return Int32Array.from(
    { length: grid.frames * dofs.length },
    (_, at) => Math.floor(at / dofs.length) * width + dofs[at % dofs.length],
  )
}
