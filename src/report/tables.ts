import { formatCount, formatEstimate, formatNumber, formatPercent, formatQuantity, formatStatistic } from './format.ts'
import { type Column, html, type Markup, NOTHING, table } from './markup.ts'
import type { EstimateRow, GranularityRow, ModelPanel, PanelMetric, ReportData } from './report-data.ts'
import { overlap } from './statistics.ts'

/** A probability is shown in percent. */
const unitShown = (row: EstimateRow): string => (row.unit === '1' && row.statistic.startsWith('P(') ? '%' : row.unit)

const withUnit = (row: EstimateRow): { readonly value: string; readonly interval: string } => {
  const { value, interval, unit } = formatEstimate(row.value, row.interval, unitShown(row))
  return unit === '' ? { value, interval } : { value: `${value} ${unit}`, interval: `${interval} ${unit}` }
}

const difference = (row: EstimateRow, reference: EstimateRow): string => {
  if (row.unit === '1') return `${formatNumber(100 * (row.value - reference.value), 2)} pp`
  return reference.value === 0 ? '–' : formatPercent(row.value / reference.value - 1)
}

const verdict = (row: EstimateRow, reference: EstimateRow): Markup =>
  overlap(row.interval, reference.interval)
    ? html`<span class="agree">● overlap</span>`
    : html`<span class="differ">▲ apart</span>`

const nameCell = (row: EstimateRow): Markup =>
  html`<span class="nowrap">${formatStatistic(row.statistic)}</span><br><small>${row.method}</small>`

const estimateCells = (row: EstimateRow, reference: EstimateRow | undefined): (string | Markup)[] => {
  const own = withUnit(row)
  const start = [nameCell(row), html`<b>${own.value}</b>`, own.interval]
  if (reference === undefined) return [...start, '–', '–', '–', '–']
  const other = withUnit(reference)
  return [...start, other.value, other.interval, difference(row, reference), verdict(row, reference)]
}

const ESTIMATE_COLUMNS: readonly Column[] = [
  { head: 'statistic' },
  { head: 'estimate', numeric: true, strong: true },
  { head: 'interval', numeric: true },
  { head: 'reference', numeric: true },
  { head: 'interval', numeric: true },
  { head: 'difference', numeric: true },
  { head: 'intervals' },
]

/** '4,000 samples (3 failed)', or every such count when the rows differ. */
const countsOf = (rows: readonly EstimateRow[]): string =>
  [
    ...new Set(
      rows.map(
        ({ samples, failed }) => `${formatCount(samples)}${failed > 0 ? ` (+ ${formatCount(failed)} failed)` : ''}`,
      ),
    ),
  ].join(', ')

/** Estimates of one quantity beside the full-domain reference. */
export const estimateTable = (
  label: string,
  rows: readonly EstimateRow[],
  reference: readonly EstimateRow[],
): Markup => {
  const find = (row: EstimateRow): EstimateRow | undefined =>
    reference.find((r) => r.qoi === row.qoi && r.statistic === row.statistic)
  const found = rows.map(find).filter((r) => r !== undefined)
  const levels = [...new Set([...rows, ...found].map((r) => formatPercent(r.level)))].join(', ')
  const caption = html`${label} <small>${levels} intervals; estimate from ${countsOf(rows)} samples, reference from ${
    found.length > 0 ? countsOf(found) : 'no'
  } runs</small>`
  return table(
    ESTIMATE_COLUMNS,
    rows.map((row) => estimateCells(row, find(row))),
    caption,
  )
}

const metricText = (metric: PanelMetric | undefined): Markup => {
  if (metric === undefined || !Number.isFinite(metric.value)) return html`–`
  if (metric.interval === undefined) return html`${formatQuantity(metric.value, metric.unit, 3)}`
  const { value, interval, unit } = formatEstimate(metric.value, metric.interval, metric.unit)
  return html`${value}${unit === '' ? '' : ` ${unit}`}<br><small class="nowrap">${interval}${unit === '' ? '' : ` ${unit}`}</small>`
}

const notesOf = (panels: readonly ModelPanel[]): ReadonlyMap<string, string> =>
  new Map(panels.flatMap((p) => p.metrics.filter((m) => m.note !== undefined).map((m) => [m.key, m.note!] as const)))

const metricLabel = (label: string, note: string | undefined): Markup =>
  note === undefined ? html`${label}` : html`${label}<br><small>${note}</small>`

/** Metrics by model, what real against real gives first. */
export const trustTable = ({ floor, models, recommended }: ReportData): Markup => {
  const panels = [floor, ...models]
  const columns: Column[] = [
    { head: 'metric' },
    { head: html`floor<br><small class="nowrap">${floor.name}</small>`, numeric: true },
    ...models.map((m) => ({
      head:
        m.name === recommended
          ? html`<span class="nowrap">${m.name}</span><br><small class="nowrap">★ recommended</small>`
          : html`<span class="nowrap">${m.name}</span>`,
      numeric: true,
      strong: m.name === recommended,
    })),
  ]
  const notes = notesOf(panels)
  const labels = new Map(panels.flatMap((p) => p.metrics.map((m) => [m.key, m.label] as const)))
  const metricRow = ([key, label]: readonly [string, string]): Markup[] => [
    metricLabel(label, notes.get(key)),
    ...panels.map((p) => metricText(p.metrics.find((m) => m.key === key))),
  ]
  return table(columns, [
    [html`samples`, ...panels.map((p) => html`${formatCount(p.samples)}`)],
    [html`mean KS distance over quantities`, ...panels.map((p) => html`${formatNumber(p.meanKs, 3)}`)],
    ...[...labels].map(metricRow),
  ])
}

export const modelTable = (models: readonly ModelPanel[], recommended: string): Markup =>
  table(
    [{ head: 'trace model' }, { head: 'what it assumes' }],
    models.map((m) => [m.name === recommended ? html`${m.name} ★` : m.name, m.description]),
  )

export const granularityTable = (rows: readonly GranularityRow[]): Markup =>
  table(
    [
      { head: 'granularity' },
      { head: 'parameters', numeric: true },
      { head: 'operations per sample', numeric: true },
      { head: 'time per sample', numeric: true },
      { head: 'energy distance', numeric: true },
      { head: 'mean KS', numeric: true },
      { head: 'correlation with full width', numeric: true },
    ],
    rows.map((r) => [
      html`${r.label}${r.mixed ? html` <small class="nowrap">mixed</small>` : NOTHING}`,
      formatCount(r.parameters),
      formatQuantity(r.flopsPerSample, 'FLOP', 3),
      formatQuantity(r.microsecondsPerSample * 1e-6, 's', 3),
      formatNumber(r.energyDistance, 3),
      formatNumber(r.meanKs, 3),
      formatNumber(r.correlation, 4),
    ]),
  )

export const reductionTable = ({ rows, modes }: ReportData['reduction']): Markup =>
  table(
    [{ head: 'modes' }, { head: 'energy kept', numeric: true }, { head: 'error of the quantities', numeric: true }],
    rows.map((r) => [
      html`${formatCount(r.modes)}${r.modes === modes ? html` <small>(kept)</small>` : NOTHING}`,
      formatPercent(r.energy, 4),
      formatPercent(r.quantityError),
    ]),
  )

export const provenanceTable = (p: ReportData['provenance']): Markup =>
  table(
    [{ head: 'what' }, { head: 'value' }],
    [
      ['command', html`<code>${p.command}</code>`],
      ['Nestwave', p.nestwave],
      ['Node', p.node],
      ['tensor executor', p.executor],
      ['seed', html`<code>${p.seed}</code>`],
      ['sha256 of the study', html`<code>${p.studyHash}</code>`],
      ...p.entries.map(({ label, value }): [string, Markup] => [label, html`<code>${value}</code>`]),
    ],
  )
