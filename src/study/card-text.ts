import type { PanelMetric } from '../report/report-data.ts'
import type { ModelCard } from './model-card.ts'
import type { ReportJson } from './report-json.ts'

/** What the report of the same training says of its generator; null before there is one. */
export interface Judgement {
  readonly recommended: string
  readonly reason: string
  /** Mean KS distance within strata of θ, on validation runs, by model. */
  readonly validationScores: Readonly<Record<string, number>>
  readonly panel: readonly { readonly label: string; readonly generator: number; readonly floor: number | null }[]
  readonly granularities: readonly { readonly label: string; readonly meanKs: number; readonly correlation: number }[]
}

const metricOf = (metrics: readonly PanelMetric[], key: string): number | null =>
  metrics.find((metric) => metric.key === key)?.value ?? null

/** The report's judgement, if it is of this very training. */
export const judgementOf = (card: ModelCard, report: ReportJson | null): Judgement | null => {
  if (report === null || report.provenance.modelHash !== card.trainedOn.modelHash) return null
  const { metrics } = report.traceModels['gan']
  return {
    recommended: report.recommended,
    reason: report.recommendation,
    validationScores: report.validationScores,
    panel: metrics.map(({ key, label, value }) => ({
      label,
      generator: value,
      floor: metricOf(report.floor.metrics, key),
    })),
    granularities: report.granularities.map(({ label, meanKs, correlation }) => ({ label, meanKs, correlation })),
  }
}

const number = (x: number): string => (Number.isFinite(x) ? String(Number(x.toPrecision(4))) : '–')
const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n')

const conditionsText = ({ conditions }: ModelCard): string =>
  conditions.length === 0
    ? 'None: position and width are constants of the study.'
    : table(
        ['condition', 'unit', 'from', 'to'],
        conditions.map(({ name, unit, low, high }) => [name, unit, number(low), number(high)]),
      )

const judgementText = (judgement: Judgement | null): string => {
  if (judgement === null) return 'Not judged yet: `nestwave estimate` writes the report with the trust panel.'
  const { recommended, reason, validationScores, panel, granularities } = judgement
  return [
    `Recommended trace model: **${recommended}**. ${reason}`,
    table(
      ['trace model', 'mean KS within strata, validation runs'],
      Object.entries(validationScores).map(([name, score]) => [name, number(score)]),
    ),
    'The full generator beside the floor, which is what real runs give against real runs:',
    table(
      ['measure', 'generator', 'floor'],
      panel.map(({ label, generator, floor }) => [label, number(generator), floor === null ? '–' : number(floor)]),
    ),
    table(
      ['granularity', 'mean KS', 'correlation with the full network'],
      granularities.map(({ label, meanKs, correlation }) => [label, number(meanKs), number(correlation)]),
    ),
  ].join('\n\n')
}

/** The card for people, in Markdown: the same content as card.json, and the judgement where there is one. */
export const cardText = (card: ModelCard, judgement: Judgement | null): string => {
  const { trainedOn, exact, trace, generator, best, versions } = card
  return `${[
    `# Model card: ${card.title}`,
    'A random generator of boundary histories (canonical traces) of a zone: x = f(z, θ), z standard normal.',
    '## Trained on',
    table(
      ['what', 'value'],
      [
        ['full-domain runs', `${trainedOn.training} training, ${trainedOn.validation} validation`],
        ['seed', trainedOn.seed],
        ['mesh (sha256)', trainedOn.meshHash],
        ['dataset', trainedOn.datasetHash],
        ['model', trainedOn.modelHash],
        ['executor', card.executor],
        ['versions', `nestwave ${versions.nestwave}, numerics ${versions.numerics}`],
      ],
    ),
    '## Conditions θ',
    conditionsText(card),
    `Outside these ranges nothing was learnt. Amplitude and arrival are exact and not learnt: a trace of amplitude A and arrival t₀ is A / ${number(exact.amplitude.reference)} ${exact.amplitude.unit} times the canonical one, later by t₀.`,
    '## What comes out',
    `${card.modes} POD coefficients (m) from ${card.latent} standard normals; decoded, ${trace.frames} frames every ${number(trace.frameStep)} s of ${trace.points} interface nodes with ${trace.components} component(s) (m).`,
    '## Network',
    table(
      ['setting', 'value'],
      Object.entries(generator).map(([key, value]) => [
        key,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]),
    ),
    ...(card.granularity === undefined || card.granularity === '1'
      ? []
      : [`This is granularity ${card.granularity} of it, cut out: nothing of the larger network is in these files.`]),
    `Weights of iteration ${best.iteration}, the one with the smallest distance on validation runs (${number(best.validationDistance)}). Calibrated granularities: ${card.calibrated.join(', ')}.`,
    '## Judgement',
    judgementText(judgement),
    '## Files',
    table(
      ['file', 'bytes', 'sha256'],
      Object.entries(card.files).map(([name, { bytes, sha256 }]) => [name, bytes, sha256]),
    ),
  ].join('\n\n')}\n`
}
