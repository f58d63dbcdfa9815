import { encodeInto } from '../trace/codec.ts'
import type { Reduction } from '../trace/reduction.ts'
import type { Range, Series } from './chunks.ts'
import { conditionsOf, type LoadSample, loadSampler } from './law.ts'
import type { Split, Study } from './schema.ts'
import { referenceAmplitude } from './study.ts'
import type { Boundary } from './submodel-task.ts'
import type { TraceSource } from './trace-source.ts'

/** Scale and shift that turn canonical traces into those of the samples. */
export const driveOf = (study: Study, samples: readonly LoadSample[]): Pick<Boundary, 'scale' | 'arrival'> => {
  const reference = referenceAmplitude(study.load.amplitude)
  return {
    scale: Float64Array.from(samples, (s) => s.amplitude / reference),
    arrival: Float64Array.from(samples, (s) => s.arrival),
  }
}

/** θ of the runs of a loaded split, in its order. */
export const samplesOf = (study: Study, split: Split, { indices }: Pick<TraceSource, 'indices'>): LoadSample[] => {
  const sample = loadSampler(study, split)
  return indices.map(sample)
}

export const conditionsOfTraces = (study: Study, split: Split, traces: Pick<TraceSource, 'indices'>): Float64Array =>
  conditionsOf(study, samplesOf(study, split, traces))

/**
 * The submodel under real canonical traces, scaled and shifted by each run's own amplitude and arrival; with a reduction, under
 * what its leading `rank` modes keep of them.
 */
export const replaySeries = (
  study: Study,
  split: Split,
  source: TraceSource,
  path: string,
  total: number,
  reduced?: { readonly reduction: Reduction; readonly rank: number },
): Series<Boundary> => {
  const samples = samplesOf(study, split, source)
  const input = async ({ start, count }: Range): Promise<Boundary> => {
    const traces = await source.read({ start, count })
    const drive = driveOf(study, samples.slice(start, start + count))
    return reduced ? { ...drive, ...leading(reduced.reduction, traces, count, reduced.rank) } : { ...drive, traces }
  }
  return { path, total: Math.min(total, source.count), input }
}

const leading = (
  reduction: Reduction,
  traces: Float32Array,
  count: number,
  rank: number,
): { coefficients: Float64Array; rank: number } => {
  const all = new Float64Array(count * reduction.modeCount)
  encodeInto(all, reduction, traces, count)
  const coefficients = new Float64Array(count * rank)
  for (let n = 0; n < count; n++)
    coefficients.set(all.subarray(n * reduction.modeCount, n * reduction.modeCount + rank), n * rank)
  return { coefficients, rank }
}
