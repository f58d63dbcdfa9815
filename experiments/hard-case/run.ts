/**
 * Trace models on the hard case: `node experiments/hard-case/run.ts [--smoke] [--out DIR] [--workers N]`. What is finished is found in
 * DIR (default out/hard-case) and not computed again. The test runs are opened once all models stand.
 */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { TraceModel } from '../../src/generative/trace-model.ts'
import { latentDimension } from '../../src/generative/trace-model.ts'
import { completeSeries, type Series } from '../../src/study/chunks.ts'
import { dataset } from '../../src/study/dataset.ts'
import { readJson, writeJson } from '../../src/study/folder.ts'
import { setupOf } from '../../src/study/full-domain-task.ts'
import type { Job } from '../../src/study/job.ts'
import { conditionsOf, latentStream } from '../../src/study/law.ts'
import { readTable, tableRows } from '../../src/study/quantity-table.ts'
import { recommend } from '../../src/study/recommend.ts'
import { estimateSamples, sampleModel } from '../../src/study/sampling.ts'
import type { ModelName } from '../../src/study/schema.ts'
import { datasetInputs, modelInputs, openStage } from '../../src/study/stage.ts'
import type { Boundary } from '../../src/study/submodel-task.ts'
import { executorOf } from '../../src/study/train.ts'
import type { TensorExecutor } from '../../src/tensor/executor.ts'
import { checkCanonical } from '../canonical-load.ts'
import { coefficientSeries } from '../coefficient-series.ts'
import { MODELS, useModel } from '../fitted-models.ts'
import { type Ground, groundOf, openTest, type RealRuns } from './ground.ts'
import { blockOf, type Judgement, judge, scoreNumbers } from './judge.ts'
import { placeOf, type Round, roundPath, trainingOf } from './models.ts'
import { type Comparison, openSetting } from './setting.ts'
import { type Results, type Row, scoreFigure, tablesOf } from './table.ts'

/** All that the rounds share. */
interface Lab {
  readonly job: Job
  readonly comparison: Comparison
  readonly executor: TensorExecutor
  readonly ground: Ground
}

/** Visits the models of a round, one after the other. */
const withModels = async (
  { job, executor, ground }: Lab,
  round: Round,
  visit: (name: ModelName, model: TraceModel) => Promise<void>,
): Promise<void> => {
  const training = trainingOf(ground.training.data, round)
  for (const name of MODELS)
    await useModel(job, executor, placeOf(round), name, { training, validation: ground.validation.data }, (model) =>
      visit(name, model),
    )
}

const runSubmodels = (job: Job, ground: Ground, series: readonly Series<Boundary>[], stage: string): Promise<void> =>
  completeSeries({ ...job, task: 'submodel', setup: { ...setupOf(job), reduction: ground.reduction }, series, stage })

const judgedPath = (round: Round, name: ModelName): string => `${roundPath(round)}/judged/${name}`
const testPath = (round: Round, name: ModelName): string => `${roundPath(round)}/test/${name}`

/** Fits the models of every round of a size, and runs the submodel under those samples by which one is recommended. */
const fitSize = async (lab: Lab, rounds: readonly Round[]): Promise<void> => {
  const { job, ground, comparison } = lab
  const range = { start: 0, count: comparison.judgedSamples }
  const samples = estimateSamples(job.study, range)
  const series: Series<Boundary>[] = []
  for (const round of rounds)
    await withModels(lab, round, async (name, model) => {
      const coefficients = await sampleModel(job.study, model, range)
      series.push(coefficientSeries(job.study, samples, coefficients, judgedPath(round, name)))
    })
  await runSubmodels(job, ground, series, `submodel runs, N = ${rounds[0].size}`)
}

/** What the product would recommend: judged on validation runs. */
const recommendIn = async ({ job, ground, comparison }: Lab, round: Round): Promise<ModelName> => {
  const { study, folder } = job
  const count = comparison.judgedSamples
  const conditions = conditionsOf(study, estimateSamples(study, { start: 0, count }))
  const tables = await Promise.all(
    MODELS.map(async (name) => {
      const table = await readTable(folder, judgedPath(round, name), count, study.quantities.length)
      return [name, { table, conditions }] as const
    }),
  )
  const { indices, data } = ground.validation
  const all = await readTable(folder, 'dataset/validation', study.dataset.validation, study.quantities.length)
  return recommend(Object.fromEntries(tables), { table: tableRows(all, indices), conditions: data.conditions }).model
}

/** A model's coefficients at the θ of all test runs; the latents are the round's own. */
const sampleTest = (job: Job, model: TraceModel, round: Round, { data, indices }: RealRuns): Promise<Float64Array> => {
  const d = latentDimension(model.modes)
  const latent = new Float64Array(data.count * d)
  const stream = latentStream(job.study, `hard-case/${round.seed}`)
  indices.forEach((index, k) => {
    stream.normalsInto(latent.subarray(k * d, (k + 1) * d), index)
  })
  return model.sample(data.conditions, latent, data.count)
}

interface Unjudged {
  readonly round: Round
  readonly name: ModelName
  readonly file: string
  readonly rows: readonly number[]
  readonly made: Float64Array
}

/** Samples of those models of a size that have no judgement yet. */
const unjudged = async (lab: Lab, test: RealRuns, rounds: readonly Round[]): Promise<Unjudged[]> => {
  const { job, comparison } = lab
  const list: Unjudged[] = []
  for (const round of rounds) {
    const rows = blockOf(test.data.count, comparison.seeds.length, round.place)
    await withModels(lab, round, async (name, model) => {
      const file = judgementFile(round, name)
      if ((await job.folder.read(file)) !== null) return
      list.push({ round, name, file, rows, made: await sampleTest(job, model, round, test) })
    })
  }
  return list
}

const judgementFile = (round: Round, name: ModelName): string => `${roundPath(round)}/${name}.json`

/** Judges every model of a size, one file each. */
const judgeSize = async (lab: Lab, test: RealRuns, rounds: readonly Round[]): Promise<void> => {
  const { job, ground, comparison } = lab
  const { study, folder } = job
  const list = await unjudged(lab, test, rounds)
  const series = list.map(({ round, name, rows, made }) => {
    const [from, to] = [rows[0], rows[0] + rows.length]
    const rank = made.length / test.data.count
    return coefficientSeries(
      job.study,
      test.samples.slice(from, to),
      made.subarray(from * rank, to * rank),
      testPath(round, name),
    )
  })
  await runSubmodels(job, ground, series, `submodel runs at the test runs' θ, N = ${rounds[0].size}`)
  const all = await readTable(folder, 'dataset/test', study.dataset.test, study.quantities.length)
  const real = tableRows(all, test.indices)
  for (const { round, name, file, rows, made } of list) {
    const quantities = await readTable(folder, testPath(round, name), rows.length, study.quantities.length)
    await writeJson(folder, file, judge(ground, test, made, { quantities, real }, comparison, round.place))
  }
}

const rowOf = async ({ folder }: Job, rounds: readonly Round[], model: ModelName): Promise<Row> => {
  const read = async (round: Round): Promise<Judgement> =>
    (await readJson(folder, judgementFile(round, model))) as Judgement
  return { size: rounds[0].size, model, rounds: await Promise.all(rounds.map(read)) }
}

const openLab = async (job: Job, comparison: Comparison): Promise<Lab> => {
  checkCanonical(job.study)
  await dataset(job)
  const executor = await executorOf(job)
  const { sizes: _, ...settings } = comparison
  const inputs = modelInputs(job.study, datasetInputs(job.study, job.meshHash), executor.name)
  await openStage(job.folder, 'model', inputs)
  await openStage(job.folder, 'comparison', { ...inputs, test: job.study.dataset.test, settings })
  return { job, comparison, executor, ground: await groundOf(job, comparison) }
}

const experiment = async (job: Job, comparison: Comparison): Promise<Results> => {
  const lab = await openLab(job, comparison)
  const sizes = comparison.sizes.map((size) => comparison.seeds.map((seed, place): Round => ({ size, place, seed })))
  for (const rounds of sizes) await fitSize(lab, rounds)
  const recommended: Results['recommended'][number][] = []
  for (const rounds of sizes) {
    const models = await Promise.all(rounds.map((round) => recommendIn(lab, round)))
    recommended.push({ size: rounds[0].size, models })
  }
  const test = await openTest(job, lab.ground.reduction)
  for (const rounds of sizes) await judgeSize(lab, test, rounds)
  const rows: Row[] = []
  for (const rounds of sizes) for (const model of MODELS) rows.push(await rowOf(job, rounds, model))
  const real = { ...scoreNumbers(lab.ground, test.data), count: test.data.count }
  return { rows, real, gap: lab.ground.gap, recommended, level: comparison.level }
}

const { values: options } = parseArgs({
  options: { smoke: { type: 'boolean', default: false }, out: { type: 'string' }, workers: { type: 'string' } },
})
const out = resolve(options.out ?? (options.smoke ? 'out/hard-case-smoke' : 'out/hard-case'))
const { comparison, job, release } = await openSetting(
  out,
  options.smoke,
  options.workers ? Number(options.workers) : undefined,
)
try {
  const results = await experiment(job, comparison)
  const tables = tablesOf(results)
  await writeJson(job.folder, 'results.json', results)
  await job.folder.write('tables.md', tables)
  for (const size of comparison.sizes) await job.folder.write(`scores-${size}.svg`, scoreFigure(results, size))
  process.stdout.write(tables)
} finally {
  await release()
}
