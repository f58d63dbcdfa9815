import { sampleCorrelation } from 'simple-statistics'
import type { PanelMetric } from '../report/report-data.ts'
import { quantileEstimate } from '../uq/estimates.ts'
import { countAbove, proportionInterval } from '../uq/exceedance.ts'
import { type Quantity, quantityUnit } from '../wave/quantity.ts'
import { conditionalMeanError, type RunsAt } from './conditional-mean.ts'
import { average, column, failures, head, ksByQuantity, type QuantityTable } from './quantity-table.ts'
import type { TraceModelResult } from './report-json.ts'
import type { Study } from './schema.ts'

/** A model's submodel runs against the held-out full-domain runs. */
export const modelResult = (
  study: Study,
  description: string,
  model: RunsAt,
  real: RunsAt,
  metrics: readonly PanelMetric[],
): TraceModelResult => {
  const [table, reference] = [model.table, real.table]
  const ks = ksByQuantity(table, reference)
  return {
    description,
    samples: table.count,
    failed: failures(table),
    meanKs: average(ks),
    ksByQuantity: Object.fromEntries(study.quantities.map((q, k) => [q.name, ks[k]])),
    metrics: [
      ...metrics,
      ...momentErrors(table, reference),
      ...conditionalError(study, model, real),
      ...exceedances(study, table, reference),
    ],
  }
}

const conditionalError = (study: Study, model: RunsAt, real: RunsAt): PanelMetric[] => {
  const error = conditionalMeanError(study, model, real)
  if (error === null) return []
  const label = 'Error of E[Q | load parameters], relative to its own spread'
  const note = 'cubic regressions; 0 is perfect, 1 ignores the load; 95 % interval: jackknife over 10 groups of runs'
  return [{ key: 'quantityConditionalMean', label, ...error, unit: '1', note }]
}

const TAIL = 0.95

/** What the study asks for, else what one held-out run in twenty exceeds. */
const thresholdOf = (study: Study, k: number, reference: Float64Array): number | null => {
  const quantity = study.quantities[k]
  const asked = study.estimate.exceedance[quantity.name]
  if (asked !== undefined) return asked
  if (reference.filter(Number.isFinite).length < 2) return null
  const unit = quantityUnit(quantity as Quantity)
  return quantileEstimate({ qoi: quantity.name, unit, values: reference }, TAIL, study.estimate.level).value
}

/** P(Q > threshold) of each quantity with its binomial interval, for models and for real runs alike. */
const exceedances = (study: Study, table: QuantityTable, reference: QuantityTable): PanelMetric[] =>
  study.quantities.flatMap((quantity, k): PanelMetric[] => {
    const threshold = thresholdOf(study, k, column(reference, k))
    const values = column(table, k).filter(Number.isFinite)
    if (threshold === null || values.length === 0) return []
    const unit = quantityUnit(quantity as Quantity)
    const { value, interval, method } = proportionInterval(
      countAbove(values, threshold),
      values.length,
      study.estimate.level,
    )
    const label = `P(${quantity.name} > ${Number(threshold.toPrecision(3))} ${unit})`
    return [{ key: `quantityExceedance/${quantity.name}`, label, value, unit: '1', interval, note: method }]
  })

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

/** Mean over quantities of the correlation between two models' runs at the same (θ, latent); NaN where hardly a pair succeeded. */
export const meanCorrelation = (a: QuantityTable, b: QuantityTable): number => {
  const n = Math.min(a.count, b.count)
  const [first, second] = [head(a, n), head(b, n)]
  return average(
    Array.from({ length: a.quantities }, (_, q) => {
      const [x, y] = [column(first, q), column(second, q)]
      const both = [...x.keys()].filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]))
      if (both.length < 3) return Number.NaN
      return sampleCorrelation(
        both.map((i) => x[i]),
        both.map((i) => y[i]),
      )
    }),
  )
}
