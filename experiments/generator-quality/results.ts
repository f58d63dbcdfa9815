import { type Granularity, granularityLabel } from '../../src/generative/gan/granularity.ts'
import type { WidthResult } from '../nesting/judge.ts'
import { correlation, differences, type NetworkResult, perSeed, type Summary, summaryOf } from '../nesting/summary.ts'
import type { HeldSplit } from './held.ts'
import { type JointOutcome, type Judgement, meanKs } from './judge.ts'
import { type BaselineName, GENERATOR } from './models.ts'
import type { Recipe } from './recipe.ts'

/** All that the table says. */
export interface Results {
  readonly recipe: Recipe
  readonly recipeHash: string
  readonly studyHash: string
  readonly split: HeldSplit
  /** Held-out runs. */
  readonly runs: number
  readonly modes: number
  readonly executor: string
  readonly margin: number
  readonly real: Judgement
  readonly generators: readonly { readonly seed: number; readonly judgement: Judgement }[]
  readonly baselines: readonly { readonly name: BaselineName; readonly judgement: Judgement }[]
  /** Of the generator and of the networks that learnt alone. */
  readonly widths: readonly NetworkResult[]
}

export interface Target {
  readonly name: string
  /** What real runs have; empty where that makes no sense. */
  readonly floor: string
  readonly measured: string
  readonly wanted: string
  readonly met: boolean
}

const percent = (x: number): string => `${(100 * x).toFixed(2)} %`
const withHalf = ({ mean, half }: Summary, shown: (x: number) => string): string =>
  `${shown(mean)}${Number.isNaN(half) ? '' : ` ± ${shown(half)}`}`
const signed = (x: number): string => `${x < 0 ? '−' : '+'}${Math.abs(x).toFixed(4)}`

/** Mean with interval over the seeds of a number of the generator. */
export const overSeeds = ({ generators, recipe }: Results, number: (j: Judgement) => number): Summary =>
  summaryOf(
    generators.map(({ judgement }) => number(judgement)),
    1 - recipe.level,
  )

const outcomes = ({ generators }: Results): readonly JointOutcome[] =>
  generators.flatMap(({ judgement }) => judgement.joint)

const atMost = (
  results: Results,
  name: string,
  number: (j: Judgement) => number,
  target: number,
  shown: (x: number) => string,
): Target => {
  const summary = overSeeds(results, number)
  return {
    ...{ name, floor: shown(number(results.real)), measured: withHalf(summary, shown) },
    ...{ wanted: `≤ ${shown(target)}`, met: summary.mean <= target },
  }
}

const jointTarget = (results: Results): Target => {
  const { level, targets } = results.recipe
  const pValues = outcomes(results).map(({ test }) => test.pValue)
  const rejected = pValues.filter((p) => p <= level).length
  return {
    name: `joint test of all modes with θ, seeds rejected at ${100 * level} %`,
    floor: `p = ${results.real.joint[0].test.pValue.toFixed(3)}`,
    measured: `${rejected} of ${pValues.length} (p = ${pValues.map((p) => p.toFixed(3)).join(', ')})`,
    ...{ wanted: `≤ ${targets.rejections}`, met: rejected <= targets.rejections },
  }
}

/** The test must see what it is there to see: in the generator's rows and in real ones. */
const scaleTarget = (results: Results, factor: number, at: number): Target => {
  const { level } = results.recipe
  const model = Math.max(...outcomes(results).map(({ scaled }) => scaled[at]))
  const real = results.real.joint[0].scaled[at]
  return {
    name: `the same with every scale times ${factor}, largest p`,
    ...{ floor: `p = ${real.toFixed(3)}`, measured: `p = ${model.toFixed(3)}` },
    ...{ wanted: `both ≤ ${level}`, met: model <= level && real <= level },
  }
}

const marginTarget = (results: Results): Target => {
  const upper = Math.max(...outcomes(results).map(({ excess }) => excess.upper))
  return {
    name: 'energy distance of all (w, θ) over real pairs, 95 % upper bound, largest of the seeds',
    floor: signed(results.real.joint[0].excess.upper),
    ...{ measured: signed(upper), wanted: `< ${signed(results.margin)}, the margin`, met: upper < results.margin },
  }
}

const differenceTarget = ({ widths, recipe }: Results, g: Granularity): Target => {
  const { mean, half, seeds } = summaryOf(differences(widths, GENERATOR, g), 1 - recipe.level)
  const ends = Number.isNaN(half) ? '' : ` [${signed(mean - half)}, ${signed(mean + half)}]`
  return {
    name: `energy distance at ${granularityLabel([g])}, calibrated, minus that of a network of its size`,
    ...{
      floor: '',
      measured: seeds === 0 ? 'no value' : `${signed(mean)}${ends}`,
      wanted: 'zero or less in the interval',
    },
    met: seeds > 1 && mean - half <= 0,
  }
}

const correlationTarget = (
  { widths, recipe }: Results,
  g: Granularity,
  kind: 'raw' | 'calibrated',
  target: number,
): Target => {
  const number = (width: WidthResult): number => correlation(width)[kind]
  const summary = summaryOf([...perSeed(widths, GENERATOR, g, number).values()], 1 - recipe.level)
  return {
    name: `correlation of the quantities with the full generator's at ${granularityLabel([g])}, ${kind}`,
    ...{ floor: '', measured: withHalf(summary, (x) => x.toFixed(3)) },
    ...{ wanted: `≥ ${target}`, met: summary.mean >= target },
  }
}

/** Every target beside what was measured, judged by the numbers alone. */
export const targetsOf = (results: Results): readonly Target[] => {
  const { targets, wrongScales, independent } = results.recipe
  return [
    atMost(results, 'mean trace, relative error', (j) => j.fields.mean, targets.traceMean, percent),
    atMost(results, 'standard deviation of the trace', (j) => j.fields.deviation, targets.traceDeviation, percent),
    atMost(results, 'KS distance, mean over the quantities', meanKs, targets.ks, (x) => x.toFixed(4)),
    jointTarget(results),
    ...wrongScales.map((factor, at) => scaleTarget(results, factor, at)),
    marginTarget(results),
    ...independent.map((g) => differenceTarget(results, g)),
    ...Object.entries(targets.correlation).flatMap(([g, target]) =>
      (['raw', 'calibrated'] as const).map((kind) =>
        correlationTarget(results, Number(g) as Granularity, kind, target),
      ),
    ),
  ]
}
