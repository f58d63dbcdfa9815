import type { Estimate } from '../uq/estimate.ts'
import { exceedanceEstimate, meanEstimate, quantileEstimate, standardDeviationEstimate } from '../uq/estimates.ts'
import { type Quantity, quantityUnit } from '../wave/quantity.ts'
import { column, type QuantityTable } from './quantity-table.ts'
import type { Study } from './schema.ts'

/** Every statistic that the study asks for, of every quantity, with its interval. */
export const statisticsOf = (study: Study, table: QuantityTable): Estimate[] =>
  study.quantities.flatMap((quantity, k) => statisticsOfQuantity(study, quantity as Quantity, column(table, k)))

const statisticsOfQuantity = (study: Study, quantity: Quantity, values: Float64Array): Estimate[] => {
  const { level, quantiles, exceedance } = study.estimate
  const sample = { qoi: quantity.name, unit: quantityUnit(quantity), values }
  const threshold = exceedance[quantity.name]
  return [
    meanEstimate(sample, level),
    standardDeviationEstimate(sample, level, study.seed),
    ...quantiles.map((p) => quantileEstimate(sample, p, level)),
    ...(threshold === undefined ? [] : [exceedanceEstimate(sample, threshold, level)]),
  ]
}
