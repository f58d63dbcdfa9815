/** Models of one training set: fitted to it alone, judged on the test runs, one file each. */
import { excessEnergyDistance } from '../../src/generative/excess-energy.ts'
import { whitened } from '../../src/generative/joint-rows.ts'
import { latentDimension, type TraceModel } from '../../src/generative/trace-model.ts'
import type { TrainingData } from '../../src/generative/training-data.ts'
import { completeSeries } from '../../src/study/chunks.ts'
import type { RunsAt } from '../../src/study/conditional-mean.ts'
import { readJson, writeJson } from '../../src/study/folder.ts'
import { setupOf } from '../../src/study/full-domain-task.ts'
import { conditionsOf, latentStream } from '../../src/study/law.ts'
import { readTable, tableRows } from '../../src/study/quantity-table.ts'
import { type ConditionedTable, recommend } from '../../src/study/recommend.ts'
import { largestReduction } from '../../src/study/reduce.ts'
import type { ModelName } from '../../src/study/schema.ts'
import type { TraceSource } from '../../src/study/trace-source.ts'
import { encodedDataOf } from '../../src/study/train.ts'
import { changeModes } from '../../src/trace/change-modes.ts'
import type { Reduction } from '../../src/trace/reduction.ts'
import { coefficientSeries } from '../coefficient-series.ts'
import { type Splits, useModel } from '../fitted-models.ts'
import { type Part, validationSize } from './config.ts'
import { type Ground, jobWithin, judgedRuns, type Numbers, partName, quantityNumbers } from './ground.ts'
import { partOf } from './part-source.ts'

export interface Judgement extends Part, Numbers {
  readonly model: ModelName
  /** Confidence bounds of the energy distance, one-sided 95 % each. */
  readonly energyBounds: readonly [number, number]
}

/** What the product names, on the validation runs of that size. */
export interface PartResult extends Part {
  readonly judgements: readonly Judgement[]
  readonly recommended: ModelName
}

const resultFile = (part: Part, model: ModelName): string => `${partName(part)}/${model}.json`

interface Sources {
  readonly train: TraceSource
  readonly validation: TraceSource
}

const sourcesOf = ({ config, train, validation }: Ground, { size, replicate }: Part): Sources => {
  const held = validationSize(config, size)
  return {
    train: partOf(train.source, (replicate - 1) * size, size),
    validation: partOf(validation.source, (replicate - 1) * held, held),
  }
}

/** The reference is the reduction of the set that holds all runs. */
const reductionOf = ({ job, root, train, reference }: Ground, part: Part, own: TraceSource): Promise<Reduction> =>
  own.count === train.source.count
    ? Promise.resolve(reference)
    : largestReduction(jobWithin(job, `${root}/${partName(part)}`), own)

const splitsOf = async ({ job: { study } }: Ground, sources: Sources, reduction: Reduction): Promise<Splits> => ({
  training: await encodedDataOf(study, 'train', sources.train, reduction),
  validation: await encodedDataOf(study, 'validation', sources.validation, reduction),
})

/** A model's coefficients at the θ of all test runs; the latents are the replicate's own. */
const sampleTest = (
  { job, test, white: { conditions } }: Ground,
  model: TraceModel,
  { replicate }: Part,
): Promise<Float64Array> => {
  const d = latentDimension(model.modes)
  const count = test.source.count
  const latent = new Float64Array(count * d)
  const stream = latentStream(job.study, `training-set-size/${replicate}`)
  for (let n = 0; n < count; n++) stream.normalsInto(latent.subarray(n * d, (n + 1) * d), n)
  return model.sample(conditions, latent, count)
}

const energyOf = (ground: Ground, reduction: Reduction, made: Float64Array) => {
  const { reference, law, white, config } = ground
  const coefficients = changeModes(reduction, reference, made, white.count)
  const data: TrainingData = { ...white, coefficients }
  const { excess, lower, upper } = excessEnergyDistance(whitened(law, data), white, undefined, {
    resamples: config.resamples,
  })
  return { energy: excess, energyBounds: [lower, upper] as const }
}

const quantitiesPath = (part: Part, model: ModelName): string => `${partName(part)}/quantities/${model}`

interface Made {
  readonly model: ModelName
  /** [test runs, r] in the reduction of the part. */
  readonly coefficients: Float64Array
}

/** Fits the models that have no judgement yet, and samples them. */
const makeModels = async (
  ground: Ground,
  part: Part,
  models: readonly ModelName[],
  splits: Splits,
): Promise<Made[]> => {
  const job = jobWithin(ground.job, ground.root)
  const place = { path: `${partName(part)}/models`, seed: part.replicate, label: `N = ${part.size}, ${part.replicate}` }
  const made: Made[] = []
  for (const model of models)
    made.push({
      model,
      coefficients: await useModel(job, ground.executor, place, model, splits, (m) => sampleTest(ground, m, part)),
    })
  return made
}

const runSubmodels = (ground: Ground, part: Part, reduction: Reduction, made: readonly Made[]): Promise<void> => {
  const job = jobWithin(ground.job, ground.root)
  const { samples } = judgedRuns(ground)
  return completeSeries({
    ...job,
    ...{ task: 'submodel', setup: { ...setupOf(job), reduction }, stage: `submodel runs, N = ${part.size}` },
    series: made.map(({ model, coefficients }) => {
      const some = coefficients.slice(0, samples.length * reduction.modeCount)
      return coefficientSeries(job.study, samples, some, quantitiesPath(part, model))
    }),
  })
}

/** Quantities of a model, with the θ that they were made at. */
const madeRuns = async (ground: Ground, part: Part, model: ModelName): Promise<RunsAt> => {
  const { folder, study } = jobWithin(ground.job, ground.root)
  const { samples } = judgedRuns(ground)
  const table = await readTable(folder, quantitiesPath(part, model), samples.length, study.quantities.length)
  return { table, samples }
}

const judge = async (ground: Ground, part: Part, reduction: Reduction, { model, coefficients }: Made) => {
  const judgement: Judgement = {
    ...{ model, ...part },
    ...quantityNumbers(ground, await madeRuns(ground, part, model)),
    ...energyOf(ground, reduction, coefficients),
  }
  await writeJson(jobWithin(ground.job, ground.root).folder, resultFile(part, model), judgement)
}

const foundJudgement = async ({ job, root }: Ground, part: Part, model: ModelName): Promise<Judgement | null> =>
  (await readJson(jobWithin(job, root).folder, resultFile(part, model))) as Judgement | null

const recommendFor = async (ground: Ground, part: Part): Promise<ModelName> => {
  const { job, config, validation } = ground
  const conditioned = ({ table, samples }: RunsAt): ConditionedTable => ({
    table,
    conditions: conditionsOf(job.study, samples),
  })
  const models = await Promise.all(
    config.models.map(async (model) => [model, conditioned(await madeRuns(ground, part, model))] as const),
  )
  const held = validationSize(config, part.size)
  const rows = Array.from({ length: held }, (_, k) => (part.replicate - 1) * held + k).filter(
    (n) => n < validation.table.count,
  )
  const real = { table: tableRows(validation.table, rows), samples: rows.map((n) => validation.samples[n]) }
  return recommend(Object.fromEntries(models), conditioned(real)).model
}

/**
 * Judgements of all models of a training set, from their files or made now.
 * @param told is given the name of each that is made
 */
export const judgePart = async (ground: Ground, part: Part, told: (made: string) => void): Promise<PartResult> => {
  const { models } = ground.config
  const found = await Promise.all(models.map((model) => foundJudgement(ground, part, model)))
  const missing = models.filter((_, k) => found[k] === null)
  if (missing.length > 0) {
    const sources = sourcesOf(ground, part)
    const reduction = await reductionOf(ground, part, sources.train)
    const made = await makeModels(ground, part, missing, await splitsOf(ground, sources, reduction))
    await runSubmodels(ground, part, reduction, made)
    for (const one of made) {
      await judge(ground, part, reduction, one)
      told(`${partName(part)} ${one.model}`)
    }
  }
  const judgements = await Promise.all(models.map((model) => foundJudgement(ground, part, model)))
  return { ...part, judgements: judgements.map((j) => j!), recommended: await recommendFor(ground, part) }
}
