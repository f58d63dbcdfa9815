import { type GanModel, ganModel } from '../generative/gan/gan-model.ts'
import { calibrateGan, type GanState } from '../generative/gan/gan-state.ts'
import {
  GRANULARITIES,
  type Granularities,
  granularityLabel,
  uniformGranularity,
} from '../generative/gan/granularity.ts'
import { loadModel } from '../generative/model-registry.ts'
import type { TraceModel } from '../generative/trace-model.ts'
import type { TensorExecutor } from '../tensor/executor.ts'
import { completeSeries, type Series } from './chunks.ts'
import { type LoadedTraces, loadTraces } from './dataset.ts'
import { setupOf } from './full-domain-task.ts'
import type { Job } from './job.ts'
import { conditionsOf } from './law.ts'
import { loadModelState, loadReduction } from './model-files.ts'
import { type QuantityTable, readTable } from './quantity-table.ts'
import { type Recommendation, recommend } from './recommend.ts'
import { conditionsOfTraces, replaySeries } from './replay.ts'
import type { ReportJson } from './report-json.ts'
import { estimateSamples, modelSeries } from './sampling.ts'
import { MODEL_NAMES, type ModelName, type Study } from './schema.ts'
import { datasetInputs, estimateInputs, modelInputs, openStage } from './stage.ts'
import type { Boundary } from './submodel-task.ts'
import { executorOf } from './train.ts'
import { allModels, type Findings, type Models, type RealTraces, type Tables, writeReport } from './write-report.ts'

const BASELINES = MODEL_NAMES.filter((name): name is Exclude<ModelName, 'gan'> => name !== 'gan')

const folderName = (model: TraceModel): string => model.name.replaceAll('/', '-').replaceAll('·', '_')
const seriesPath = (model: TraceModel): string => `estimate/${folderName(model)}`

/** The combinations that are run: full, uniform ones, those to compare, and the one to estimate with. */
export const combinationsOf = ({ generator, estimate }: Study): Granularities[] => {
  const uniform = [...GRANULARITIES].reverse().map((g) => uniformGranularity(g, generator.blocks))
  const all = [...uniform, ...estimate.granularities, chosenGranularities({ generator, estimate })] as Granularities[]
  return [...new Map(all.map((g) => [granularityLabel(g), g])).values()]
}

const chosenGranularities = ({ generator, estimate }: Pick<Study, 'generator' | 'estimate'>): Granularities =>
  Array.isArray(estimate.granularity)
    ? estimate.granularity
    : uniformGranularity(estimate.granularity, generator.blocks)

const loadModels = async (job: Job, executor: TensorExecutor): Promise<Models> => {
  const { study, folder } = job
  const combinations = combinationsOf(study)
  const state = await calibrateGan((await loadModelState(folder, 'gan')) as GanState, executor, combinations)
  const granularities: GanModel[] = []
  for (const combination of combinations) granularities.push(await ganModel(state, executor, combination))
  const named: Partial<Record<ModelName, TraceModel>> = { gan: granularities[0] }
  for (const name of BASELINES) named[name] = await loadModel(await loadModelState(folder, name))
  return { named: named as Record<ModelName, TraceModel>, granularities }
}

const complete = (job: Job, series: readonly Series<Boundary>[], setup: unknown, stage: string): Promise<void> =>
  completeSeries({ ...job, task: 'submodel', setup, series, stage })

/** Submodel runs of every model at the comparison count, and of real traces. */
const compare = async (job: Job, models: Models, real: RealTraces, setup: unknown): Promise<Tables> => {
  const { study } = job
  const { training, validation } = real
  const n = study.estimate.comparisonSamples
  const replays = [
    replaySeries(study, 'validation', validation, 'estimate/real-validation', validation.batch.count),
    replaySeries(study, 'train', training, 'estimate/real-training', n),
  ]
  const all = allModels(models)
  const sampled = all.map((model) => modelSeries(study, model, seriesPath(model), n))
  await complete(job, [...replays, ...sampled], setup, 'submodel runs, all models')
  const table = (s: Series<Boundary>): Promise<QuantityTable> =>
    readTable(job.folder, s.path, s.total, study.quantities.length)
  const byModel = new Map<string, QuantityTable>()
  for (const [k, model] of all.entries()) byModel.set(model.name, await table(sampled[k]))
  return { validation: await table(replays[0]), training: await table(replays[1]), byModel }
}

/** Judged on validation runs only; the held-out ones are not opened yet. */
const judge = (study: Study, validation: LoadedTraces, tables: Tables): Recommendation => {
  const count = study.estimate.comparisonSamples
  const conditions = conditionsOf(study, estimateSamples(study, { start: 0, count }))
  const real = { table: tables.validation, conditions: conditionsOfTraces(study, 'validation', validation) }
  return recommend(
    Object.fromEntries(MODEL_NAMES.map((name) => [name, { table: tables.byModel.get(name)!, conditions }])),
    real,
  )
}

/** The model that the study asks for. */
const chosenModel = ({ study }: Job, models: Models, recommendation: Recommendation): TraceModel => {
  const name = study.estimate.model === 'recommended' ? recommendation.model : study.estimate.model
  if (name !== 'gan') return models.named[name]
  const label = granularityLabel(chosenGranularities(study))
  return models.granularities.find((m) => granularityLabel(m.granularities) === label)!
}

/** What a study's folder holds before its models are loaded. */
type Grounds = Pick<
  Findings,
  | 'reduction'
  | 'rows'
  | 'withinTolerance'
  | 'datasetHash'
  | 'modelHash'
  | 'estimateHash'
  | 'executor'
  | 'executorChoice'
>

const estimateWith = async (job: Job, models: Models, grounds: Grounds): Promise<ReportJson> => {
  const { study, folder } = job
  const setup = { ...setupOf(job), reduction: grounds.reduction }
  const real = { training: await loadTraces(job, 'train'), validation: await loadTraces(job, 'validation') }
  const tables = await compare(job, models, real, setup)
  const recommendation = judge(study, real.validation, tables)
  const chosen = chosenModel(job, models, recommendation)
  const series = modelSeries(study, chosen, seriesPath(chosen), study.estimate.samples)
  await complete(job, [series], setup, `submodel runs, ${chosen.name}`)
  const estimated = await readTable(folder, series.path, series.total, study.quantities.length)
  const reference = await readTable(folder, 'dataset/test', study.dataset.test, study.quantities.length)
  return writeReport(job, { ...grounds, models, tables, real, recommendation, chosen, estimated, reference })
}

/**
 * Monte Carlo on the submodel: compares all trace models on validation runs, recommends one, runs the chosen one at full
 * count, then opens the held-out full-domain runs and writes the report.
 */
export const estimate = async (job: Job): Promise<ReportJson> => {
  const { study, folder } = job
  const executor = await executorOf(job)
  const inputs = datasetInputs(study, job.meshHash)
  const datasetHash = await openStage(folder, 'dataset', inputs)
  const model = modelInputs(study, inputs, executor.name)
  const modelHash = await openStage(folder, 'model', model)
  const estimateHash = await openStage(folder, 'estimate', estimateInputs(model))
  const { reduction, rows, withinTolerance } = await loadReduction(folder)
  const { name, choice: executorChoice } = executor
  const hashes = { datasetHash, modelHash, estimateHash }
  const grounds = { reduction, rows, withinTolerance, ...hashes, executor: name, executorChoice }
  const models = await loadModels(job, executor)
  try {
    return await estimateWith(job, models, grounds)
  } finally {
    await Promise.all(models.granularities.map((model) => model.release()))
  }
}
