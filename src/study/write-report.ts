import type { GanModel } from '../generative/gan/gan-model.ts'
import { granularityLabel, isFull } from '../generative/gan/granularity.ts'
import type { TraceModel } from '../generative/trace-model.ts'
import type { TrainingData } from '../generative/training-data.ts'
import { trustPanel } from '../generative/trust-panel.ts'
import { renderReport } from '../report/html.ts'
import type { PanelMetric, ReductionRow } from '../report/report-data.ts'
import type { ExecutorChoice } from '../tensor/executor.ts'
import type { Reduction } from '../trace/reduction.ts'
import { hashOf, sha256 } from './canonical.ts'
import type { LoadedTraces } from './dataset.ts'
import { writeJson } from './folder.ts'
import type { Job } from './job.ts'
import { loadStory } from './model-files.ts'
import type { QuantityTable } from './quantity-table.ts'
import type { Recommendation } from './recommend.ts'
import { reportDataOf } from './report-data-of.ts'
import type { GranularityResult, ReportJson, TraceModelResult } from './report-json.ts'
import { meanCorrelation, modelResult } from './report-panels.ts'
import { sampleModelAt } from './sampling.ts'
import { MODEL_NAMES, type ModelName } from './schema.ts'
import { NUMERICS_VERSION } from './stage.ts'
import { statisticsOf } from './statistics.ts'
import { trainingDataOf } from './train.ts'
import { VERSION } from './version.ts'
import { warningsOf } from './warnings.ts'

/** Every trace model of the study: the named ones, and the generator at its other granularities. */
export interface Models {
  readonly named: Readonly<Record<ModelName, TraceModel>>
  /** The full network first, then the smaller ones and the study's combinations. */
  readonly granularities: readonly GanModel[]
}

/** Each model once: the full network is among the named ones already. */
export const allModels = ({ named, granularities }: Models): readonly TraceModel[] => [
  ...Object.values(named),
  ...granularities.filter((model) => !isFull(model.granularities)),
]

/** Real canonical traces, which models are fitted to and judged by. */
export interface RealTraces {
  readonly training: LoadedTraces
  readonly validation: LoadedTraces
}

/** Quantities of every series that the report compares. */
export interface Tables {
  /** Submodel under the real validation traces. */
  readonly validation: QuantityTable
  /** Submodel under distinct real training traces: the floor. */
  readonly training: QuantityTable
  readonly byModel: ReadonlyMap<string, QuantityTable>
}

export interface Findings {
  readonly models: Models
  readonly tables: Tables
  readonly real: RealTraces
  readonly recommendation: Recommendation
  readonly chosen: TraceModel
  readonly estimated: QuantityTable
  /** Held-out full-domain runs. */
  readonly reference: QuantityTable
  readonly reduction: Reduction
  readonly rows: readonly ReductionRow[]
  readonly withinTolerance: boolean
  readonly datasetHash: string
  readonly modelHash: string
  readonly estimateHash: string
  readonly executor: string
  readonly executorChoice: ExecutorChoice
}

/** Trace-level numbers of each model, judged on the validation runs. */
interface Panels {
  readonly floor: readonly PanelMetric[]
  readonly byModel: ReadonlyMap<string, readonly PanelMetric[]>
}

const panelsOf = async (job: Job, { models, reduction, real }: Findings): Promise<Panels> => {
  const { study, progress } = job
  const training = trainingDataOf(study, 'train', real.training, reduction)
  const test = trainingDataOf(study, 'validation', real.validation, reduction)
  const all = allModels(models)
  const stage = progress.stage('trust panel', all.length)
  const byModel = new Map<string, readonly PanelMetric[]>()
  let floor: readonly PanelMetric[] = []
  for (const model of all) {
    job.signal.throwIfAborted()
    const coefficients = await sampleModelAt(study, model, test.conditions, test.count)
    const generated: TrainingData = { ...test, coefficients }
    const panel = trustPanel({ training, test, generated, fields: reduction })
    floor = panel.floor
    byModel.set(model.name, panel.model)
    stage.advance(1, model.name)
  }
  stage.end()
  return { floor, byModel }
}

const numberOf = (metrics: readonly PanelMetric[], key: string): number => metrics.find((m) => m.key === key)!.value

const granularityResults = (
  { models, tables }: Findings,
  panels: Panels,
  results: (name: string) => TraceModelResult,
): GranularityResult[] => {
  const full = tables.byModel.get('gan')!
  return models.granularities.map((model) => ({
    label: granularityLabel(model.granularities),
    granularities: model.granularities,
    parameters: model.parameters,
    flopsPerSample: model.flopsPerSample,
    energyDistance: numberOf(panels.byModel.get(model.name)!, 'energyDistance'),
    meanKs: results(model.name).meanKs,
    correlation: isFull(model.granularities) ? 1 : meanCorrelation(tables.byModel.get(model.name)!, full),
  }))
}

const FLOOR = 'real traces of training runs through the submodel: what sampling noise alone gives'

/** The whole result as data that any run of the same study gives again to the last byte. */
const reportJson = (job: Job, findings: Findings, panels: Panels): ReportJson => {
  const { study } = job
  const { models, tables, recommendation, chosen, estimated, reference, reduction, rows } = findings
  const result = (name: string, description: string): TraceModelResult =>
    modelResult(study, description, tables.byModel.get(name)!, reference, panels.byModel.get(name)!)
  const chosenRow = rows.find((row) => row.modes === reduction.modeCount)!
  const report = {
    schemaVersion: 1,
    title: study.title,
    recommended: recommendation.model,
    recommendation: recommendation.reason,
    validationScores: recommendation.scores,
    model: { name: chosen.name, granularities: 'granularities' in chosen ? (chosen as GanModel).granularities : [] },
    estimates: statisticsOf(study, estimated),
    reference: statisticsOf(study, reference),
    floor: modelResult(study, FLOOR, tables.training, reference, panels.floor),
    traceModels: Object.fromEntries(MODEL_NAMES.map((name) => [name, result(name, models.named[name].description)])),
    granularities: granularityResults(findings, panels, (name) => result(name, '')),
    reduction: { modes: chosenRow.modes, energy: chosenRow.energy, rows },
    provenance: {
      nestwave: VERSION,
      numerics: NUMERICS_VERSION,
      seed: study.seed,
      executor: findings.executor,
      studyHash: hashOf(study),
      datasetHash: findings.datasetHash,
      modelHash: findings.modelHash,
      meshHash: job.meshHash,
    },
  } as const
  return { ...report, warnings: warningsOf(study, report, findings.withinTolerance) }
}

const stagesOf = ({ datasetHash, modelHash, estimateHash }: Findings): Readonly<Record<string, string>> => ({
  dataset: datasetHash,
  model: modelHash,
  estimate: estimateHash,
})

/** Judges every model against the held-out runs and writes report.json and report.html. */
export const writeReport = async (job: Job, findings: Findings): Promise<ReportJson> => {
  const panels = await panelsOf(job, findings)
  const report = reportJson(job, findings, panels)
  const text = `${JSON.stringify(report, null, 2)}\n`
  await job.folder.write('report.json', text)
  await writeJson(job.folder, 'manifest.json', { stages: stagesOf(findings), reportSha256: sha256(text) })
  const stage = job.progress.stage('report', 1)
  const data = await reportDataOf(job, findings, report, await loadStory(job.folder))
  await job.folder.write('report.html', renderReport(data))
  stage.advance(1)
  stage.end()
  return report
}
