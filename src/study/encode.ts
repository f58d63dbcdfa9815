import { encodeInto } from '../trace/codec.ts'
import type { Reduction } from '../trace/reduction.ts'
import type { TraceSource } from './trace-source.ts'

/** Coefficients [N, r] of a source's traces, block by block. */
export const encodeSource = async (reduction: Reduction, source: TraceSource): Promise<Float64Array> => {
  const { modeCount } = reduction
  const out = new Float64Array(source.count * modeCount)
  let at = 0
  for await (const { count, values } of source.blocks()) {
    encodeInto(out.subarray(at, at + count * modeCount), reduction, values, count)
    at += count * modeCount
  }
  return out
}
