/** The numbers of one model on held-out runs. */
import { type ConditionalLaw, fitConditionalLaw } from '../../src/generative/conditional-law.ts'
import {
  columnDeviations,
  type FieldErrors,
  fieldMoments,
  momentErrors,
  sampleOf,
} from '../../src/generative/distances.ts'
import { type ExcessEnergy, excessEnergyDistance } from '../../src/generative/excess-energy.ts'
import { whitened } from '../../src/generative/joint-rows.ts'
import { type JointTest, jointTest } from '../../src/generative/joint-test.ts'
import { withFreshScale } from '../../src/generative/scale-calibration.ts'
import { scaleMargin, withScale } from '../../src/generative/scale-margin.ts'
import { latentDimension, type TraceModel } from '../../src/generative/trace-model.ts'
import { selectPairs, type TrainingData } from '../../src/generative/training-data.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { average, failures, ksByQuantity, type QuantityTable } from '../../src/study/quantity-table.ts'
import type { ExperimentData } from '../experiment-data.ts'
import type { Held } from './held.ts'
import type { Recipe } from './recipe.ts'

/** What models are measured with: made of training and validation runs alone. */
export interface Measure {
  readonly law: ConditionalLaw
  /** Of the training runs' coefficients: what a mode counts in the joint test. */
  readonly amplitudes: Float64Array
  /** Energy distance of a law whose scale is wrong by the recipe's factor. */
  readonly margin: number
}

export const measureOf = ({ training, validation }: ExperimentData, { marginScale }: Recipe): Measure => {
  const law = withFreshScale(fitConditionalLaw(training), validation)
  return {
    law,
    amplitudes: columnDeviations(sampleOf(training.coefficients, training.modes)),
    margin: scaleMargin(whitened(law, validation), marginScale),
  }
}

/** The joint test of some rows, and of the same with a wrong scale. */
export interface JointOutcome {
  readonly test: JointTest
  /** p-value with all modes alike and every pair of them: no target, since a law of the right family fails it (decision 0029). */
  readonly strict: number
  readonly excess: Pick<ExcessEnergy, 'excess' | 'lower' | 'upper'>
  /** p-values of the rows with each of the recipe's wrong scales. */
  readonly scaled: readonly number[]
}

export interface Judgement {
  readonly fields: FieldErrors
  readonly ks: readonly number[]
  /** Submodel runs that failed. */
  readonly failed: number
  /** Per block of held-out runs. */
  readonly joint: readonly JointOutcome[]
}

/** Row numbers of disjoint blocks of n rows; one block of all rows where there are fewer. */
export const blocksOf = (count: number, n: number): readonly (readonly number[])[] => {
  const size = Math.min(count, n)
  return Array.from({ length: Math.floor(count / size) }, (_, b) =>
    Array.from({ length: size }, (_, k) => b * size + k),
  )
}

const jointOutcome = (
  model: TrainingData,
  real: TrainingData,
  { jointTest: size, wrongScales }: Recipe,
  { amplitudes }: Measure,
): JointOutcome => {
  const { excess, lower, upper } = excessEnergyDistance(model, real)
  const options = { ...size, amplitudes }
  return {
    test: jointTest(model, real, options),
    strict: jointTest(model, real, { ...options, strict: true }).pValue,
    excess: { excess, lower, upper },
    scaled: wrongScales.map((factor) => jointTest(withScale(model, factor), real, options).pValue),
  }
}

/** Coefficients at the conditions of all held-out runs, one sample each. */
export const sampleHeld = (model: TraceModel, { runs }: Held, seed: number): Promise<Float64Array> => {
  const d = latentDimension(model.modes)
  const latent = new Float64Array(runs.count * d)
  const stream = randomStream(seed, 'generator-quality/latent')
  for (let i = 0; i < runs.count; i++) stream.normalsInto(latent.subarray(i * d, (i + 1) * d), i)
  return model.sample(runs.conditions, latent, runs.count)
}

const tableOf = async ({ quantities, tables }: Held, made: Float64Array, count: number): Promise<QuantityTable> => {
  const width = tables.held.quantities
  const values = await quantities(made, count)
  const status = Array.from({ length: count }, (_, n) => (Number.isFinite(values[n * width]) ? 'ok' : 'failed'))
  return { count, quantities: width, values, status }
}

/** @param blocks rows of the held-out runs on which the joint test is made, each by itself */
export const judgeModel = async (
  model: TraceModel,
  held: Held,
  measure: Measure,
  recipe: Recipe,
  seed: number,
  blocks: readonly (readonly number[])[],
): Promise<Judgement> => {
  const { runs, fields, moments, tables } = held
  const made = await sampleHeld(model, held, seed)
  const table = await tableOf(held, made, runs.count)
  const [generated, real] = [{ ...runs, coefficients: made }, runs].map((d) => whitened(measure.law, d))
  return {
    fields: momentErrors(fieldMoments(fields, sampleOf(made, runs.modes)), moments.held),
    ks: ksByQuantity(table, tables.held),
    failed: failures(table),
    joint: blocks.map((rows) => jointOutcome(selectPairs(generated, rows), selectPairs(real, rows), recipe, measure)),
  }
}

/** The same numbers of real runs: of training runs, and of one half of the held-out runs against another. */
export const judgeReal = ({ runs, moments, tables }: Held, measure: Measure, recipe: Recipe): Judgement => {
  const halves = blocksOf(runs.count, Math.min(recipe.jointTest.n, Math.floor(runs.count / 2)))
  const [a, b] = halves.slice(0, 2).map((rows) => whitened(measure.law, selectPairs(runs, rows)))
  return {
    fields: momentErrors(moments.training, moments.held),
    ks: ksByQuantity(tables.training, tables.held),
    failed: failures(tables.held),
    joint: [jointOutcome(a, b, recipe, measure)],
  }
}

export const meanKs = ({ ks }: Judgement): number => average(ks)
