import { formatCount, formatFixed, formatNumber, formatPercent, formatQuantity } from './format.ts'
import { html, type Markup, NOTHING, table } from './markup.ts'
import type { GranularityRow, ModelPanel, ReportData } from './report-data.ts'

export const modelTable = (models: readonly ModelPanel[], recommended: string): Markup =>
  table(
    [{ head: 'trace model' }, { head: 'what it assumes' }],
    models.map((m) => [
      html`<span class="nowrap">${m.name}${m.name === recommended ? ' ★' : ''}</span>`,
      m.description,
    ]),
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
      html`<span class="nowrap">${r.label}${r.mixed ? html` <small>mixed</small>` : NOTHING}</span>`,
      formatCount(r.parameters),
      formatQuantity(r.flopsPerSample, 'FLOP', 3),
      formatQuantity(r.microsecondsPerSample * 1e-6, 's', 3),
      formatNumber(r.energyDistance, 2),
      formatNumber(r.meanKs, 2),
      formatFixed(r.correlation, 3),
    ]),
  )

export const reductionTable = ({ rows, modes }: ReportData['reduction']): Markup =>
  table(
    [{ head: 'modes' }, { head: 'energy kept', numeric: true }, { head: 'error of the quantities', numeric: true }],
    rows.map((r) => [
      html`<span class="nowrap">${formatCount(r.modes)}${r.modes === modes ? html` <b>kept</b>` : NOTHING}</span>`,
      formatPercent(r.energy, 4),
      formatPercent(r.quantityError),
    ]),
  )

export const provenanceTable = (p: ReportData['provenance']): Markup =>
  table(
    [{ head: 'what' }, { head: 'value' }],
    [
      ['Command', html`<code>${p.command}</code>`],
      ['Nestwave', p.nestwave],
      ['Node', p.node],
      ['Tensor executor', p.executor],
      ['Seed', html`<code>${p.seed}</code>`],
      ['SHA-256 of the study', html`<code>${p.studyHash}</code>`],
      ...p.entries.map(({ label, value }): [string, Markup] => [label, html`<code>${value}</code>`]),
    ],
  )
