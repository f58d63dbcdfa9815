import { jackknifeIntervals } from '../generative/jackknife.ts'
import { designMatrix, legendreBasis } from '../generative/legendre.ts'
import { predict, ridgeFit } from '../generative/ridge.ts'
import { scaledToSupport } from '../uq/marginal.ts'
import type { LoadSample } from './law.ts'
import { average, column, type QuantityTable } from './quantity-table.ts'
import type { Study } from './schema.ts'

/** Runs with the θ that they were made at. */
export interface RunsAt {
  readonly table: QuantityTable
  readonly samples: readonly LoadSample[]
}

const DEGREE = 3
const KEYS = ['amplitude', 'arrival', 'position', 'width'] as const

/** All of θ that varies, scaled to [−1, 1]: [n·p]. Amplitude and arrival matter to a quantity, though no model learns them. */
const scaledTheta = ({ load }: Study, samples: readonly LoadSample[]): Float64Array => {
  const keys = KEYS.filter((key) => load[key].law !== 'constant')
  return Float64Array.from(samples.flatMap((s) => keys.map((key) => scaledToSupport(load[key], s[key]))))
}

interface Pairs {
  readonly design: Float64Array
  readonly values: Float64Array
  readonly count: number
}

/** Rows of one quantity that succeeded and are kept. */
const pairsOf = (design: Float64Array, values: Float64Array, keep: (row: number) => boolean): Pairs => {
  const size = design.length / values.length
  const rows = [...values.keys()].filter((i) => keep(i) && Number.isFinite(values[i]))
  const kept = new Float64Array(rows.length * size)
  rows.forEach((from, to) => {
    kept.set(design.subarray(from * size, (from + 1) * size), to * size)
  })
  return { design: kept, values: Float64Array.from(rows, (i) => values[i]), count: rows.length }
}

/** ‖m_model − m_real‖ / ‖m_real − mean‖ over the θ of the real runs, m cubic regressions on θ. */
const regressionError = (model: Pairs, real: Pairs): number => {
  const [a, b] = [model, real].map((pairs) => {
    const { weights } = ridgeFit(pairs.design, pairs.values, pairs.count)
    return predict(real.design, weights, real.count)
  })
  const mean = b.reduce((sum, v) => sum + v, 0) / real.count
  const difference = a.reduce((sum, v, i) => sum + (v - b[i]) ** 2, 0)
  return Math.sqrt(difference / b.reduce((sum, v) => sum + (v - mean) ** 2, 0))
}

/** Fewer runs than this say nothing of a cubic. */
const FEWEST = 20

/**
 * Error of E[Q | θ], averaged over quantities, with an interval: 0 for a perfect model with endless runs, about 1 for one that ignores θ.
 * Null where nothing of θ varies, or too few runs succeeded.
 * @verifiedBy test/study/conditional-mean.test.ts
 */
export const conditionalMeanError = (
  study: Study,
  model: RunsAt,
  real: RunsAt,
): { readonly value: number; readonly interval: readonly [number, number] } | null => {
  const [theta, thetaReal] = [model, real].map((runs) => scaledTheta(study, runs.samples))
  const p = thetaReal.length / real.samples.length
  const good = [model, real].map((runs) => runs.table.status.filter((s) => s === 'ok').length)
  if (p === 0 || Math.min(...good) < FEWEST) return null
  const basis = legendreBasis(p, DEGREE)
  const designs = [
    designMatrix(basis, theta, model.samples.length),
    designMatrix(basis, thetaReal, real.samples.length),
  ] as const
  const errorOf = (keep: (row: number) => boolean): number =>
    average(
      Array.from({ length: real.table.quantities }, (_, q) =>
        regressionError(
          pairsOf(designs[0], column(model.table, q), keep),
          pairsOf(designs[1], column(real.table, q), keep),
        ),
      ),
    )
  const value = errorOf(() => true)
  const [[low, high]] = jackknifeIntervals([value], (keep) => [errorOf(keep)])
  return { value, interval: [Math.max(0, low), high] }
}
