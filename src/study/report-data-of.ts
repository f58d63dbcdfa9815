import type { GanModel } from '../generative/gan/gan-model.ts'
import { formatCount } from '../report/format.ts'
import type { ModelPanel, PanelMetric, QuantityPanel, ReportData } from '../report/report-data.ts'
import { runningMean } from '../uq/convergence.ts'
import { type Quantity, quantityUnit } from '../wave/quantity.ts'
import { executorEntries } from './executor-entries.ts'
import type { Job } from './job.ts'
import { trainedRanges } from './law.ts'
import type { TrainingStory } from './model-files.ts'
import { column } from './quantity-table.ts'
import type { ReportJson, TraceModelResult } from './report-json.ts'
import { pictureRun, traceFans } from './report-pictures.ts'
import { sampleModel } from './sampling.ts'
import { MODEL_NAMES, type Study } from './schema.ts'
import type { Findings } from './write-report.ts'

/** Relative errors are fractions that read better in percent. */
const shownMetric = (metric: PanelMetric): PanelMetric =>
  metric.unit === '1' && /relative error/.test(metric.label) ? { ...metric, unit: '%' } : metric

const panel = (study: Study, name: string, result: TraceModelResult): ModelPanel => ({
  name,
  description: result.description,
  samples: result.samples,
  meanKs: result.meanKs,
  metrics: result.metrics.map(shownMetric),
  ksByQuantity: study.quantities.map((q) => ({ qoi: q.name, ks: result.ksByQuantity[q.name] })),
})

const quantityPanels = (study: Study, { tables, chosen, estimated, reference }: Findings): QuantityPanel[] =>
  study.quantities.map((quantity, k) => ({
    name: quantity.name,
    label: quantity.name,
    unit: quantityUnit(quantity as Quantity),
    reference: column(reference, k),
    byModel: MODEL_NAMES.map((model) => ({
      model,
      values: column(model === chosen.name ? estimated : tables.byModel.get(model)!, k),
    })),
    convergence: runningMean(column(estimated, k), study.estimate.level),
  }))

const ROUNDS = 12
const BLOCK = 64

/** µs per sample of the generator at each granularity, decode excluded: the quickest of some rounds in which all take turns. */
const microseconds = async (study: Study, models: readonly GanModel[]): Promise<number[]> => {
  const quickest = models.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < ROUNDS; round++)
    for (const [k, model] of models.entries()) {
      const start = performance.now()
      await sampleModel(study, model, { start: round * BLOCK, count: BLOCK })
      quickest[k] = Math.min(quickest[k], performance.now() - start)
    }
  return quickest.map((ms) => (1000 * ms) / BLOCK)
}

const percent = (x: number): string => `${(100 * x).toFixed(1)} %`

const summaryOf = (study: Study, report: ReportJson): ReportData['summary'] => {
  const recommended = report.traceModels[report.recommended]
  const row = report.reduction.rows.find((r) => r.modes === report.reduction.modes)!
  const mean = report.estimates[0]
  return {
    headlines: [
      { label: 'Recommended trace model', value: report.recommended, note: 'by validation runs only' },
      {
        label: 'Distance to held-out runs',
        value: recommended.meanKs.toFixed(3),
        note: `mean KS over ${study.quantities.length} quantities; real against real ${report.floor.meanKs.toFixed(3)}`,
      },
      {
        label: 'Generator (GAN)',
        value: report.traceModels['gan'].meanKs.toFixed(3),
        note: `mean KS at n = ${formatCount(report.traceModels['gan'].samples)}, m = ${formatCount(report.reference[0].samples)}`,
      },
      { label: 'Submodel samples', value: formatCount(mean.samples + mean.failed), note: `${mean.failed} failed` },
      {
        label: 'Reduction',
        value: `${row.modes} modes`,
        note: `${percent(row.quantityError)} error in the quantities`,
      },
    ],
  }
}

/** The report's data: what report.json says, with the samples, pictures and times that figures need. */
export const reportDataOf = async (
  job: Job,
  findings: Findings,
  report: ReportJson,
  story: TrainingStory,
): Promise<ReportData> => {
  const { study } = job
  const { models, reduction, real, recommendation } = findings
  const { geometry, snapshots } = pictureRun(job)
  const shown = [...new Set([recommendation.model, 'gan', 'scale-gauss'] as const)].map((name) => models.named[name])
  const timings = await job.timings()
  const times = await microseconds(study, models.granularities)
  return {
    title: study.title,
    summary: summaryOf(study, report),
    geometry,
    snapshots,
    snapshotUnit: 'm',
    fans: await traceFans(study, reduction, shown, real.validation),
    floor: panel(study, 'real against real', report.floor),
    models: MODEL_NAMES.map((name) => panel(study, name, report.traceModels[name])),
    recommended: report.recommended,
    estimated: report.model.name,
    recommendation: report.recommendation,
    reduction: { ...report.reduction, tolerance: study.reduction.tolerance },
    quantities: quantityPanels(study, findings),
    estimates: report.estimates,
    reference: report.reference,
    granularities: report.granularities.map((row, k) => ({
      ...row,
      mixed: new Set(row.granularities).size > 1,
      microsecondsPerSample: times[k],
    })),
    training: {
      iterations: story.history.map((r) => r.iteration),
      series: [
        { label: "critic's gap, training runs", values: story.history.map((r) => r.criticGap) },
        { label: "critic's gap, validation runs", values: story.history.map((r) => r.heldOutGap) },
        {
          label: 'sliced Wasserstein distance, validation runs',
          values: story.history.map((r) => r.validationDistance),
        },
      ],
      best: story.best,
      note: `The weights of iteration ${formatCount(story.best)} are used: the smallest validation distance.`,
    },
    timings: Object.entries(timings).map(([stage, seconds]) => ({ stage, seconds })),
    warnings: report.warnings,
    provenance: {
      nestwave: report.provenance.nestwave,
      node: process.version,
      executor: report.provenance.executor,
      seed: study.seed,
      studyHash: report.provenance.studyHash,
      command: 'nestwave run study.json --out DIR (with the study below and its mesh)',
      entries: [
        ...executorEntries(findings.executorChoice.attempts),
        { label: 'dataset inputs, SHA-256', value: report.provenance.datasetHash },
        { label: 'model inputs, SHA-256', value: report.provenance.modelHash },
        { label: 'mesh file, SHA-256', value: report.provenance.meshHash },
        { label: 'numerics version', value: String(report.provenance.numerics) },
        ...trainedRanges(study).map(({ key, low, high }) => ({
          label: `trained range of ${key}`,
          value: `${low} to ${high}`,
        })),
      ],
    },
    study: JSON.stringify(study, null, 2),
  }
}
