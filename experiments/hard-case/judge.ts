/** The numbers of one model in one round. */
import { shareInside } from '../../src/generative/discriminant.ts'
import { energyTest } from '../../src/generative/energy-distance.ts'
import { ksDistance } from '../../src/generative/kolmogorov-smirnov.ts'
import { conditionalMeanError } from '../../src/generative/stratified-mean.ts'
import { selectPairs, type TrainingData } from '../../src/generative/training-data.ts'
import { average, column, type QuantityTable, rowsOf } from '../../src/study/quantity-table.ts'
import { type Ground, type RealRuns, scoresAt } from './ground.ts'
import type { Comparison } from './setting.ts'

/** Bins of the score, for the picture. */
export const BINS = { low: -3, high: 3, count: 60 } as const

export interface Judgement {
  /** Energy distance of (a, θ) to fresh runs, less that of real runs at the same θ. */
  readonly energyExcess: number
  readonly energyFloor: number
  /** KS distance of the quantities to fresh runs, mean over them, less that of real runs at the same θ. */
  readonly ksExcess: number
  readonly ksFloor: number
  /** Squared error of the conditional mean over the variance, noise taken off. */
  readonly meanError: number
  /** Share of samples between the two modes. */
  readonly gapShare: number
  /** Share of samples on the side of the cracked runs. */
  readonly crackedShare: number
  /** Counts of the score in {@link BINS}, what lies beyond in the outer ones. */
  readonly scores: readonly number[]
}

/** Rows [a / s, √3 θ]. */
const jointRows = (
  { count, conditionCount: p, modes, conditions, coefficients }: TrainingData,
  scale: Float64Array,
  leading: number,
) => {
  const width = leading + p
  return Float64Array.from({ length: count * width }, (_, at) => {
    const [n, k] = [Math.floor(at / width), at % width]
    return k < leading ? coefficients[n * modes + k] / scale[k] : Math.sqrt(3) * conditions[n * p + k - leading]
  })
}

/** The rows of one of `parts` equal blocks. */
export const blockOf = (total: number, parts: number, part: number): number[] => {
  const size = Math.floor(total / parts)
  return Array.from({ length: size }, (_, k) => (part % parts) * size + k)
}

const finite = (values: Float64Array): Float64Array => values.filter(Number.isFinite)
const meanKs = (a: QuantityTable, b: QuantityTable): number =>
  average(Array.from({ length: a.quantities }, (_, q) => ksDistance(finite(column(a, q)), finite(column(b, q)))))

const binned = (scores: Float64Array): number[] => {
  const { low, high, count } = BINS
  const counts = new Array<number>(count).fill(0)
  for (const s of scores) counts[Math.min(count - 1, Math.max(0, Math.floor(((s - low) / (high - low)) * count)))]++
  return counts
}

const middle = ([low, high]: readonly [number, number]): number => (low + high) / 2

/** What can be said of any law by its scores; also of the real one. */
export const scoreNumbers = (
  ground: Ground,
  data: TrainingData,
): Pick<Judgement, 'gapShare' | 'crackedShare' | 'scores'> => {
  const scores = scoresAt(ground, data)
  return {
    gapShare: shareInside(scores, ground.gap),
    crackedShare: shareInside(scores, [middle(ground.gap), Number.POSITIVE_INFINITY]),
    scores: binned(scores),
  }
}

/**
 * Judges a model by its samples at the θ of all test runs. The distances compare its samples at the θ of block s with the real runs of
 * block s + 1, and take off what the real runs of block s have there: a model that is right has 0 on average.
 * @param made coefficients at the θ of all test runs
 * @param quantities of the submodel at the θ of block s
 * @param real quantities of all test runs
 */
export const judge = (
  ground: Ground,
  test: RealRuns,
  made: Float64Array,
  tables: { readonly quantities: QuantityTable; readonly real: QuantityTable },
  { energyModes, seeds }: Comparison,
  place: number,
): Judgement => {
  const { data } = test
  const generated = { ...data, coefficients: made }
  const [own, next] = [place, place + 1].map((part) => blockOf(data.count, seeds.length, part))
  const leading = Math.min(energyModes, data.modes)
  const width = leading + data.conditionCount
  const joint = (from: TrainingData, rows: readonly number[]): Float64Array =>
    jointRows(selectPairs(from, rows), ground.scale, leading)
  const distance = (x: Float64Array): number => energyTest(x, joint(data, next), width, 0).distance
  const energyFloor = distance(joint(data, own))
  const fresh = rowsOf(tables.real, next)
  const ksFloor = meanKs(rowsOf(tables.real, own), fresh)
  return {
    energyExcess: distance(joint(generated, own)) - energyFloor,
    energyFloor,
    ksExcess: meanKs(tables.quantities, fresh) - ksFloor,
    ksFloor,
    meanError: conditionalMeanError(made, data.coefficients, data.conditions, data.modes),
    ...scoreNumbers(ground, generated),
  }
}
