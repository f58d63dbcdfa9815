import { addProductInto, rowMajor, type Strided, transposed } from '../numeric/blocked-product.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { checkedRank, type Reduction } from './reduction.ts'
import type { InterfaceTrace, TraceBatch } from './trace.ts'

const checkLength = (path: string, values: ArrayLike<number>, needed: number): void => {
  if (values.length < needed) throw InvalidInput.of(`${path}.length`, `≥ ${needed}`, values.length)
}

/** out [count, r] += values · dualsᵀ */
const addInnerProducts = (
  out: Float64Array,
  { modes, duals = modes, modeCount, mean }: Reduction,
  values: Float64Array | Float32Array,
  count: number,
): void => {
  const size = mean.length
  const columns = transposed(rowMajor(duals, size))
  addProductInto(rowMajor(out, modeCount), rowMajor(values, size), columns, count, size, modeCount)
}

/**
 * a = duals · (trace − mean), for `count` traces at once.
 * @param out [count, r] m, overwritten
 * @param values [count, D] m
 */
export const encodeInto = (
  out: Float64Array,
  reduction: Reduction,
  values: Float64Array | Float32Array,
  count: number,
): void => {
  const { mean, modeCount } = reduction
  checkLength('out', out, count * modeCount)
  checkLength('values', values, count * mean.length)
  out.fill(0, 0, count * modeCount)
  addInnerProducts(out, reduction, values, count)
  const shift = new Float64Array(modeCount)
  addInnerProducts(shift, reduction, mean, 1)
  for (let n = 0, at = 0; n < count; n++) for (let k = 0; k < modeCount; k++, at++) out[at] -= shift[k]
}

/** Coefficients [N, r] of a batch of traces. */
export const encodeBatch = (reduction: Reduction, batch: TraceBatch): Float64Array => {
  const out = new Float64Array(batch.count * reduction.modeCount)
  encodeInto(out, reduction, batch.values, batch.count)
  return out
}

type Order = (values: Float64Array, count: number, size: number) => Strided<Float64Array>
const sampleMajor: Order = (values, _count, size) => rowMajor(values, size)
const interleaved: Order = (values, count) => transposed(rowMajor(values, count))

const decode = (
  order: Order,
  out: Float64Array,
  reduction: Reduction,
  coefficients: Float64Array,
  count: number,
  rank: number,
  stride: number,
): void => {
  const { mean, modes } = reduction
  const size = mean.length
  checkedRank(reduction, rank)
  checkLength('out', out, count * size)
  checkLength('coefficients', coefficients, count === 0 ? 0 : (count - 1) * stride + rank)
  const to = order(out, count, size)
  for (let n = 0; n < count; n++) {
    for (let d = 0, at = n * to.rowStride; d < size; d++, at += to.columnStride) out[at] = mean[d]
  }
  addProductInto(to, rowMajor(coefficients, stride), rowMajor(modes, size), count, rank, size)
}

/**
 * trace = mean + Σ_{k<rank} a_k modes_k for `count` samples; allocates nothing.
 * @param out [count, D] = [count, frames, P, components] m, overwritten
 * @param coefficients [count, stride] m, the first `rank` of each row are used
 */
export const decodeInto = (
  out: Float64Array,
  reduction: Reduction,
  coefficients: Float64Array,
  count: number,
  rank: number = reduction.modeCount,
  stride: number = reduction.modeCount,
): void => decode(sampleMajor, out, reduction, coefficients, count, rank, stride)

/** As {@link decodeInto}, samples innermost: out [D, count] = [frames, P, components, count]. */
export const decodeInterleavedInto = (
  out: Float64Array,
  reduction: Reduction,
  coefficients: Float64Array,
  count: number,
  rank: number = reduction.modeCount,
  stride: number = reduction.modeCount,
): void => decode(interleaved, out, reduction, coefficients, count, rank, stride)

/** One sample's trace. */
export const decodeTrace = (reduction: Reduction, coefficients: Float64Array): InterfaceTrace => {
  const values = new Float64Array(reduction.mean.length)
  decodeInto(values, reduction, coefficients, 1, coefficients.length, coefficients.length)
  return { grid: reduction.grid, values }
}
