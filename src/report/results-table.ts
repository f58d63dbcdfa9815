import {
  formatCount,
  formatEstimateIn,
  formatFixed,
  formatPercent,
  formatStatistic,
  type ShownUnit,
  shownUnit,
} from './format.ts'
import { html, type Markup, NOTHING } from './markup.ts'
import type { EstimateRow, QuantityPanel, ReportData } from './report-data.ts'
import { overlap } from './statistics.ts'

const PERCENT: ShownUnit = { factor: 0.01, unit: '%' }

/** A probability is shown in percent, all else in the one unit of its quantity. */
const unitOf = (row: EstimateRow, ofQuantity: ShownUnit): ShownUnit =>
  row.unit === '1' && row.statistic.startsWith('P(') ? PERCENT : ofQuantity

/** The unit that suits the quantity's mean (or the largest number there is). */
const quantityUnit = (rows: readonly EstimateRow[], unit: string): ShownUnit => {
  const own = rows.filter((r) => r.unit === unit)
  const leading = own.filter((r) => r.statistic === 'mean')
  const values = (leading.length > 0 ? leading : own).map((r) => Math.abs(r.value)).filter(Number.isFinite)
  return shownUnit(Math.max(...values, 0), unit)
}

const numbers = (row: EstimateRow, ofQuantity: ShownUnit): readonly [Markup, Markup] => {
  const { value, interval } = formatEstimateIn(unitOf(row, ofQuantity), row.value, row.interval)
  const behind = unitOf(row, ofQuantity) === PERCENT ? ' %' : ''
  return [html`${value}${behind}`, html`${interval}${behind}`]
}

const difference = (row: EstimateRow, reference: EstimateRow): string => {
  if (row.unit === '1') return `${formatFixed(100 * (row.value - reference.value), 1)} pp`
  return reference.value === 0 ? '–' : `${formatFixed(100 * (row.value / reference.value - 1), 1)} %`
}

const verdict = (row: EstimateRow, reference: EstimateRow): Markup =>
  overlap(row.interval, reference.interval)
    ? html`<span class="agree">● overlap</span>`
    : html`<span class="differ">▲ apart</span>`

const cells = (row: EstimateRow, reference: EstimateRow | undefined, unit: ShownUnit): Markup => {
  const [value, interval] = numbers(row, unit)
  const own = html`<td class="n strong">${value}</td><td class="n">${interval}</td>`
  if (reference === undefined) return html`${own}<td class="n">–</td><td class="n">–</td><td class="n">–</td><td>–</td>`
  const [other, otherInterval] = numbers(reference, unit)
  return html`${own}<td class="n">${other}</td><td class="n">${otherInterval}</td><td class="n">${difference(row, reference)}</td><td>${verdict(row, reference)}</td>`
}

/** '4,000', or every such count when the rows differ; failed samples are told quantity by quantity. */
const countsOf = (rows: readonly EstimateRow[]): string =>
  [...new Set(rows.map(({ samples, failed }) => formatCount(samples + failed)))].join(', ')

const failedNote = (rows: readonly EstimateRow[]): string => {
  const most = Math.max(...rows.map((r) => r.failed))
  return most > 0 ? ` · ${formatCount(most)} failed` : ''
}

const namesake = (row: EstimateRow, rows: readonly EstimateRow[]): EstimateRow | undefined =>
  rows.find((r) => r.qoi === row.qoi && r.statistic === row.statistic)

const groupOf = (quantity: QuantityPanel, rows: readonly EstimateRow[], reference: readonly EstimateRow[]): Markup => {
  const unit = quantityUnit(rows, quantity.unit)
  const name = html`<th scope="rowgroup" rowspan="${rows.length}">${quantity.label}<small class="unit">${unit.unit === '' ? '–' : unit.unit}${failedNote(rows)}</small></th>`
  const body = rows.map(
    (row, i) =>
      html`<tr${row.statistic === 'mean' ? html` class="mean"` : NOTHING}>${i === 0 ? name : NOTHING}<th scope="row"><span class="nowrap">${formatStatistic(row.statistic)}</span></th>${cells(row, namesake(row, reference), unit)}</tr>\n`,
  )
  return html`<tbody>${body}</tbody>`
}

/** 'mean by Student t; 5 % quantile, median by order statistics' */
const methodsOf = (rows: readonly EstimateRow[]): string => {
  const methods = [...new Set(rows.map((r) => r.method))]
  const statistics = (method: string): string[] => [
    ...new Set(
      rows
        .filter((r) => r.method === method)
        .map((r) => formatStatistic(r.statistic.startsWith('P(') ? 'probabilities' : r.statistic)),
    ),
  ]
  return methods.map((m) => `${statistics(m).join(', ')} by ${m}`).join('; ')
}

const noteOf = (rows: readonly EstimateRow[], found: readonly EstimateRow[]): Markup => {
  const levels = [...new Set([...rows, ...found].map((r) => formatPercent(r.level)))].join(', ')
  return html`<p class="note">${levels} intervals; estimate from ${countsOf(rows)} samples, reference from ${
    found.length > 0 ? countsOf(found) : 'no'
  } runs. Intervals of the ${methodsOf(rows)}. Difference: estimate against reference, relative${rows.some((r) => r.unit === '1') ? ' (pp: percentage points)' : ''}.</p>\n`
}

const HEAD = html`<thead><tr><th scope="col">quantity</th><th scope="col">statistic</th><th scope="col" class="n strong">estimate</th><th scope="col" class="n">interval</th><th scope="col" class="n">reference</th><th scope="col" class="n">interval</th><th scope="col" class="n">difference</th><th scope="col">intervals</th></tr></thead>`

/** Every estimate beside the full-domain reference: one group of rows per quantity, how they were made below. */
export const resultsTable = ({ quantities, estimates, reference }: ReportData): Markup => {
  const rowsOf = (q: QuantityPanel): EstimateRow[] => estimates.filter((e) => e.qoi === q.name)
  const shown = quantities.filter((q) => rowsOf(q).length > 0)
  const rows = shown.flatMap(rowsOf)
  const found = rows.map((r) => namesake(r, reference)).filter((r) => r !== undefined)
  return html`<div class="wide"><table class="results">${HEAD}${shown.map((q) => groupOf(q, rowsOf(q), reference))}</table></div>
${noteOf(rows, found)}`
}
