import { sampleCorrelation } from 'simple-statistics'
import type { PanelMetric } from '../report/report-data.ts'
import { average, column, failures, head, ksByQuantity, type QuantityTable } from './quantity-table.ts'
import type { TraceModelResult } from './report-json.ts'
import type { Study } from './schema.ts'

/** A model's submodel runs against the held-out full-domain runs. */
export const modelResult = (
  study: Study,
  description: string,
  table: QuantityTable,
  reference: QuantityTable,
  metrics: readonly PanelMetric[],
): TraceModelResult => {
  const ks = ksByQuantity(table, reference)
  return {
    description,
    samples: table.count,
    failed: failures(table),
    meanKs: average(ks),
    ksByQuantity: Object.fromEntries(study.quantities.map((q, k) => [q.name, ks[k]])),
    metrics: [...metrics, ...momentErrors(table, reference)],
  }
}

const moments = (values: Float64Array): { mean: number; deviation: number } => {
  const finite = values.filter(Number.isFinite)
  const mean = finite.reduce((a, b) => a + b, 0) / finite.length
  return { mean, deviation: Math.sqrt(finite.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (finite.length - 1)) }
}

/** How far means and standard deviations of the quantities are from the reference's, averaged over quantities. */
const momentErrors = (table: QuantityTable, reference: QuantityTable): PanelMetric[] => {
  const pairs = Array.from(
    { length: table.quantities },
    (_, q) => [moments(column(table, q)), moments(column(reference, q))] as const,
  )
  return [
    {
      key: 'quantityMeanError',
      label: 'Mean of the quantities, relative error',
      value: average(pairs.map(([a, b]) => Math.abs(a.mean - b.mean) / Math.abs(b.mean))),
      unit: '1',
    },
    {
      key: 'quantityDeviationError',
      label: 'Standard deviation of the quantities, relative error',
      value: average(pairs.map(([a, b]) => Math.abs(a.deviation / b.deviation - 1))),
      unit: '1',
    },
  ]
}

/** Mean over quantities of the correlation between two models' runs at the same (θ, latent). */
export const meanCorrelation = (a: QuantityTable, b: QuantityTable): number => {
  const n = Math.min(a.count, b.count)
  const [first, second] = [head(a, n), head(b, n)]
  return average(
    Array.from({ length: a.quantities }, (_, q) => {
      const [x, y] = [column(first, q), column(second, q)]
      const both = [...x.keys()].filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]))
      return sampleCorrelation(
        both.map((i) => x[i]),
        both.map((i) => y[i]),
      )
    }),
  )
}
