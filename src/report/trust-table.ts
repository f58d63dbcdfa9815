import { decimalsFor, formatCount, formatFixed, type ShownUnit, shownUnit } from './format.ts'
import { type Column, groupedTable, html, type Markup, NOTHING, type RowGroup } from './markup.ts'
import type { ModelPanel, PanelMetric, ReportData } from './report-data.ts'

type Row = readonly Markup[]

/** Metrics of what comes out of the submodel have keys of this form; all others judge the histories themselves. */
const ABOUT_QUANTITIES = /^quantit/

const metricOf = (panel: ModelPanel, key: string): PanelMetric | undefined => panel.metrics.find((m) => m.key === key)

/** Two digits for the largest of a row (three if it starts with a one), at least one for the smallest; four places at most. */
const rowDecimals = (sizes: readonly number[]): number => {
  const known = sizes.filter((v) => v > 0)
  if (known.length === 0) return 1
  const largest = Math.max(...known)
  const two = 1 - Math.floor(Math.log10(largest / 2))
  const one = -Math.floor(Math.log10(Math.min(...known)))
  return Math.min(4, Math.max(0, two, one))
}

const cell = (metric: PanelMetric | undefined, { factor }: ShownUnit, decimals: number): Markup => {
  if (metric === undefined || !Number.isFinite(metric.value)) return html`–`
  if (metric.interval === undefined) return html`${formatFixed(metric.value / factor, decimals)}`
  const [low, high] = metric.interval
  const number = (x: number): string => formatFixed(x / factor, decimalsFor((high - low) / 2 / factor))
  return html`${number(metric.value)}<br><small class="nowrap">[${number(low)}, ${number(high)}]</small>`
}

/** A superscript per distinct note; what the floor says of itself stands behind what the models say. */
class Notes {
  readonly texts: string[] = []

  mark(key: string, { floor, models }: Pick<ReportData, 'floor' | 'models'>): Markup {
    const ofModels = [...new Set(models.map((m) => metricOf(m, key)?.note).filter((n) => n !== undefined))]
    const ofFloor = metricOf(floor, key)?.note
    const apart = ofFloor !== undefined && !ofModels.includes(ofFloor) ? [`floor: ${ofFloor}`] : []
    const note = [...ofModels, ...apart].join('; ')
    if (note === '') return NOTHING
    if (!this.texts.includes(note)) this.texts.push(note)
    return html`<sup>${this.texts.indexOf(note) + 1}</sup>`
  }
}

const metricRow = (key: string, data: ReportData, notes: Notes): Row => {
  const found = [data.floor, ...data.models].map((p) => metricOf(p, key))
  const { label, unit } = found.find((m) => m !== undefined)!
  const sizes = found.map((m) => Math.abs(m?.value ?? 0)).filter(Number.isFinite)
  const shown = shownUnit(Math.max(...sizes, 0), unit)
  const decimals = rowDecimals(sizes.map((v) => v / shown.factor))
  const behind = shown.unit === '' ? '' : ` (${shown.unit})`
  return [html`${label}${behind}${notes.mark(key, data)}`, ...found.map((m) => cell(m, shown, decimals))]
}

const ksText = (ks: number | undefined): string => formatFixed(ks ?? Number.NaN, 3)

const ksRow = (qoi: string, label: string, panels: readonly ModelPanel[]): Row => [
  html`<span class="inset">${label}</span>`,
  ...panels.map((p) => html`${ksText(p.ksByQuantity.find((k) => k.qoi === qoi)?.ks)}`),
]

const heading = (model: ModelPanel, recommended: string): Column => ({
  head: model.name === recommended ? html`${model.name}<br><small>recommended</small>` : model.name,
  numeric: true,
  strong: model.name === recommended,
})

/** Metrics by model, what real against real gives first; notes of the metrics below. */
export const trustTable = (data: ReportData): Markup => {
  const { floor, models, recommended, quantities } = data
  const panels = [floor, ...models]
  const columns: Column[] = [
    { head: 'metric' },
    { head: html`floor<br><small>${floor.name}</small>`, numeric: true },
    ...models.map((m) => heading(m, recommended)),
  ]
  const notes = new Notes()
  const keys = [...new Set(panels.flatMap((p) => p.metrics.map((m) => m.key)))]
  const rows = (about: boolean): Row[] =>
    keys.filter((k) => ABOUT_QUANTITIES.test(k) === about).map((k) => metricRow(k, data, notes))
  const groups: RowGroup[] = [
    {
      name: html`Quantities of interest, behind the submodel`,
      rows: [
        [html`Samples`, ...panels.map((p) => html`${formatCount(p.samples)}`)],
        [html`<b>Mean KS distance over quantities</b>`, ...panels.map((p) => html`<b>${ksText(p.meanKs)}</b>`)],
        ...quantities.map((q) => ksRow(q.name, q.label, panels)),
        ...rows(true),
      ],
    },
    { name: html`Boundary histories, before the submodel`, rows: rows(false) },
  ]
  const below = notes.texts.map((note, i) => html`<sup>${i + 1}</sup> ${note}. `)
  return html`${groupedTable(
    columns,
    groups.filter((g) => g.rows.length > 0),
    'trust',
  )}${below.length > 0 ? html`<p class="note">${below}</p>\n` : NOTHING}`
}
