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
import { readTable } from '../../src/study/quantity-table.ts'
import { recommend } from '../../src/study/recommend.ts'
import { driveOf } from '../../src/study/replay.ts'
import { estimateSamples, modelSeries } from '../../src/study/sampling.ts'
import type { ModelName } from '../../src/study/schema.ts'
import { datasetInputs, modelInputs, openStage } from '../../src/study/stage.ts'
import type { Boundary } from '../../src/study/submodel-task.ts'
import { executorOf } from '../../src/study/train.ts'
import type { TensorExecutor } from '../../src/tensor/executor.ts'
import { checkCanonical, type Ground, groundOf, openTest, type RealRuns } from './ground.ts'
import { blockOf, type Judgement, judge, rowsOf, scoreNumbers } from './judge.ts'
import { MODELS, modelOf, type Round, roundPath, trainingOf } from './models.ts'
import { type Comparison, openSetting } from './setting.ts'
import { type Results, type Row, scoreFigure, tablesOf } from './table.ts'

type Fitted = ReadonlyMap<ModelName, TraceModel>

const roundsOf = ({ sizes, seeds }: Comparison): Round[] =>
  sizes.flatMap((size) => seeds.map((seed, place) => ({ size, place, seed })))

const fitRound = async (job: Job, executor: TensorExecutor, ground: Ground, round: Round): Promise<Fitted> => {
  const training = trainingOf(ground.training.data, round)
  const models = new Map<ModelName, TraceModel>()
  for (const name of MODELS)
    models.set(name, await modelOf(job, executor, round, name, training, ground.validation.data))
  return models
}

const releaseAll = async (models: Fitted): Promise<void> => {
  for (const model of models.values()) if ('release' in model) await (model.release as () => Promise<void>)()
}

const runSubmodels = (job: Job, ground: Ground, series: readonly Series<Boundary>[], stage: string): Promise<void> =>
  completeSeries({ ...job, task: 'submodel', setup: { ...setupOf(job), reduction: ground.reduction }, series, stage })

/** What the product would recommend: judged on validation runs. */
const recommendIn = async (
  job: Job,
  ground: Ground,
  { judgedSamples }: Comparison,
  round: Round,
  models: Fitted,
): Promise<ModelName> => {
  const { study, folder } = job
  const path = (name: ModelName): string => `${roundPath(round)}/judged/${name}`
  const series = [...models].map(([name, model]) => modelSeries(study, model, path(name), judgedSamples))
  await runSubmodels(job, ground, series, `submodel runs, N = ${round.size}, seed ${round.seed}`)
  const conditions = conditionsOf(study, estimateSamples(study, { start: 0, count: judgedSamples }))
  const tables = await Promise.all(
    [...models.keys()].map(async (name) => {
      const table = await readTable(folder, path(name), judgedSamples, study.quantities.length)
      return [name, { table, conditions }] as const
    }),
  )
  const { indices, data } = ground.validation
  const all = await readTable(folder, 'dataset/validation', study.dataset.validation, study.quantities.length)
  return recommend(Object.fromEntries(tables), { table: rowsOf(all, indices), conditions: data.conditions }).model
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

const blockSeries = (
  job: Job,
  { samples }: RealRuns,
  rows: readonly number[],
  coefficients: Float64Array,
  path: string,
): Series<Boundary> => {
  const rank = coefficients.length / samples.length
  const [first] = rows
  return {
    path,
    total: rows.length,
    input: async ({ start, count }) => ({
      ...driveOf(job.study, samples.slice(first + start, first + start + count)),
      coefficients: coefficients.slice((first + start) * rank, (first + start + count) * rank),
      rank,
    }),
  }
}

/** The judgements of a round, each kept in a file of its own. */
const judgeRound = async (
  job: Job,
  ground: Ground,
  test: RealRuns,
  comparison: Comparison,
  round: Round,
  models: Fitted,
): Promise<ReadonlyMap<ModelName, Judgement>> => {
  const { study, folder } = job
  const fileOf = (name: ModelName): string => `${roundPath(round)}/${name}.json`
  const found = new Map<ModelName, Judgement>()
  for (const name of models.keys()) {
    const kept = (await readJson(folder, fileOf(name))) as Judgement | null
    if (kept !== null) found.set(name, kept)
  }
  const missing = [...models].filter(([name]) => !found.has(name))
  const rows = blockOf(test.data.count, comparison.seeds.length, round.place)
  const made = new Map<ModelName, Float64Array>()
  for (const [name, model] of missing) made.set(name, await sampleTest(job, model, round, test))
  const path = (name: ModelName): string => `${roundPath(round)}/test/${name}`
  const series = [...made].map(([name, coefficients]) => blockSeries(job, test, rows, coefficients, path(name)))
  await runSubmodels(job, ground, series, `submodel runs at test θ, N = ${round.size}, seed ${round.seed}`)
  const all = await readTable(folder, 'dataset/test', study.dataset.test, study.quantities.length)
  const real = rowsOf(all, test.indices)
  for (const [name, coefficients] of made) {
    const quantities = await readTable(folder, path(name), rows.length, study.quantities.length)
    const judgement = judge(ground, test, coefficients, { quantities, real }, comparison, round.place)
    await writeJson(folder, fileOf(name), judgement)
    found.set(name, judgement)
  }
  return found
}

const experiment = async (job: Job, comparison: Comparison): Promise<Results> => {
  checkCanonical(job)
  await dataset(job)
  const executor = await executorOf(job)
  const { sizes: _, ...settings } = comparison
  const inputs = modelInputs(job.study, datasetInputs(job.study, job.meshHash), executor.name)
  await openStage(job.folder, 'model', inputs)
  await openStage(job.folder, 'comparison', { ...inputs, test: job.study.dataset.test, settings })
  const ground = await groundOf(job, comparison)
  const rounds = roundsOf(comparison)
  const recommended = new Map<Round, ModelName>()
  for (const round of rounds) {
    const models = await fitRound(job, executor, ground, round)
    recommended.set(round, await recommendIn(job, ground, comparison, round, models))
    await releaseAll(models)
  }
  const test = await openTest(job, ground.reduction)
  const judgements = new Map<Round, ReadonlyMap<ModelName, Judgement>>()
  for (const round of rounds) {
    const models = await fitRound(job, executor, ground, round)
    judgements.set(round, await judgeRound(job, ground, test, comparison, round, models))
    await releaseAll(models)
  }
  const of = (size: number): Round[] => rounds.filter((round) => round.size === size)
  const rows = comparison.sizes.flatMap((size) =>
    MODELS.map((model): Row => ({ size, model, rounds: of(size).map((r) => judgements.get(r)!.get(model)!) })),
  )
  return {
    rows,
    real: { ...scoreNumbers(ground, test.data), count: test.data.count },
    gap: ground.gap,
    recommended: comparison.sizes.map((size) => ({ size, models: of(size).map((r) => recommended.get(r)!) })),
    level: comparison.level,
  }
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
