import { encodeInto } from '../trace/codec.ts'
import type { Reduction } from '../trace/reduction.ts'
import { completeSeries, type Range, type Series } from './chunks.ts'
import { setupOf } from './full-domain-task.ts'
import type { Job } from './job.ts'
import { type QuantityTable, readTable } from './quantity-table.ts'
import type { Study } from './schema.ts'
import type { Boundary } from './submodel-task.ts'
import type { TraceSource } from './trace-source.ts'

/** Training traces that the quantities are differentiated at. */
const BASES = 8
/** Step of the finite differences in standard deviations: beyond the kinks of peaks, within the law. */
const STEP = 0.3
/** Modes that the weighted ones are chosen among, per mode that is wanted; the eigenproblem grows with their third power. */
const AMONG = 1.5
const MOST = 1500

/** K: modes of the plain reduction that the weighted one is chosen among. */
export const modesAmong = ({ reduction }: Study): number => Math.min(MOST, Math.ceil(AMONG * reduction.modes.at(-1)!))

/** Submodel runs that the gradients take. */
export const sensitivityRuns = (study: Study): number =>
  study.reduction.norm === 'quantities' ? BASES * (1 + modesAmong(study)) : 0

const basesOf = async (reduction: Reduction, source: TraceSource): Promise<Float64Array> => {
  const { modeCount } = reduction
  const out = new Float64Array(BASES * modeCount)
  for (let n = 0; n < BASES; n++) {
    const start = Math.floor((n * source.count) / BASES)
    encodeInto(out.subarray(n * modeCount, (n + 1) * modeCount), reduction, await source.read({ start, count: 1 }), 1)
  }
  return out
}

/** Run n(K + 1) + k: canonical base n, with coefficient k − 1 one step up; for k = 0 the base itself. */
const differences = (reduction: Reduction, bases: Float64Array, steps: Float64Array): Series<Boundary> => {
  const K = reduction.modeCount
  const input = async ({ start, count }: Range): Promise<Boundary> => {
    const coefficients = new Float64Array(count * K)
    for (let i = 0; i < count; i++) {
      const [n, k] = [Math.floor((start + i) / (K + 1)), (start + i) % (K + 1)]
      coefficients.set(bases.subarray(n * K, (n + 1) * K), i * K)
      if (k > 0) coefficients[i * K + k - 1] += steps[k - 1]
    }
    return { scale: new Float64Array(count).fill(1), arrival: new Float64Array(count), coefficients, rank: K }
  }
  return { path: 'model/reduction/sensitivity', total: BASES * (K + 1), input }
}

/**
 * [BASES · q, K] ∂Q/∂a relative to the mean of |Q| over the bases; a difference that failed, and a quantity that is zero or has no
 * value, count nothing.
 */
export const gradientsOf = (table: QuantityTable, steps: Float64Array): Float64Array => {
  const [K, q] = [steps.length, table.quantities]
  const value = (n: number, k: number, i: number): number => table.values[(n * (K + 1) + k) * q + i]
  const out = new Float64Array(BASES * q * K)
  for (let i = 0; i < q; i++) {
    const at = Array.from({ length: BASES }, (_, n) => Math.abs(value(n, 0, i))).filter(Number.isFinite)
    const size = at.reduce((sum, v) => sum + v, 0) / at.length
    for (let n = 0; n < BASES; n++) {
      for (let k = 0; k < K; k++) {
        const slope = (value(n, k + 1, i) - value(n, 0, i)) / (steps[k] * size)
        out[(n * q + i) * K + k] = Number.isFinite(slope) ? slope : 0
      }
    }
  }
  return out
}

/**
 * Gradients of the quantities with respect to the coefficients of a reduction, by finite differences through the submodel.
 * @verifiedBy test/study/sensitivity.test.ts
 */
export const sensitivity = async (job: Job, reduction: Reduction, source: TraceSource): Promise<Float64Array> => {
  const { study, folder, runner, progress, signal } = job
  const steps = reduction.singularValues.map((s) => (STEP * s) / Math.sqrt(reduction.count))
  const series = differences(reduction, await basesOf(reduction, source), steps)
  await completeSeries({
    ...{ folder, runner, progress, signal, task: 'submodel', series: [series] },
    ...{ setup: { ...setupOf(job), reduction }, stage: 'sensitivity of the quantities' },
  })
  return gradientsOf(await readTable(folder, series.path, series.total, study.quantities.length), steps)
}
