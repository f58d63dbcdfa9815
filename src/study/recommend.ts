import { randomStream } from '../numeric/random.ts'
import { average, type QuantityTable } from './quantity-table.ts'
import type { ModelName } from './schema.ts'

/** Samples with the conditions they were made at, [n·p] in [−1, 1]. */
export interface ConditionedTable {
  readonly table: QuantityTable
  readonly conditions: Float64Array
}

/**
 * Who wins a tie: the simplest law first; late the models that repeat stored runs, near θ or at any, because their few atoms
 * hold no more than those runs do, which no interval of theirs shows; last the one that ignores θ, right only where θ does not
 * matter.
 */
const PREFERENCE: readonly ModelName[] = [
  'scale-gauss',
  'gaussian-mixture',
  'residual-bootstrap',
  'gan',
  'local-bootstrap',
  'trace-replay',
  'pca-gauss',
]
const RESAMPLES = 200

/** Stratum of each sample: which half of its range each condition lies in. A law that ignores θ fails within strata. */
const strataOf = (conditions: Float64Array, n: number): Int32Array => {
  const p = conditions.length / n
  return Int32Array.from({ length: n }, (_, i) => {
    let code = 0
    for (let k = 0; k < p; k++) code = 2 * code + (conditions[i * p + k] > 0 ? 1 : 0)
    return code
  })
}

/** Sorted finite values of each (stratum, quantity), with the sample each came from. */
type Cells = ReadonlyMap<string, { readonly values: Float64Array; readonly samples: Int32Array }>

const cellsOf = ({ table, conditions }: ConditionedTable): Cells => {
  const strata = strataOf(conditions, table.count)
  const lists = new Map<string, [number, number][]>()
  for (let n = 0; n < table.count; n++)
    for (let q = 0; q < table.quantities; q++) {
      const value = table.values[n * table.quantities + q]
      if (!Number.isFinite(value)) continue
      const key = `${strata[n]}/${q}`
      const list = lists.get(key)
      if (list) list.push([value, n])
      else lists.set(key, [[value, n]])
    }
  return new Map(
    [...lists].map(([key, list]) => {
      list.sort((a, b) => a[0] - b[0])
      return [key, { values: Float64Array.from(list, (e) => e[0]), samples: Int32Array.from(list, (e) => e[1]) }]
    }),
  )
}

const totalWeight = (samples: Int32Array, weights: Float64Array): number =>
  samples.reduce((sum, n) => sum + weights[n], 0)

/** sup |F_a − F_b|, b's samples counted with weights (how often a resample drew each). */
const weightedKs = (
  a: Float64Array,
  b: { values: Float64Array; samples: Int32Array },
  weights: Float64Array,
): number => {
  const total = totalWeight(b.samples, weights)
  let i = 0
  let reached = 0
  let gap = 0
  for (let j = 0; j < b.values.length; j++) {
    while (i < a.length && a[i] < b.values[j]) i++
    gap = Math.max(gap, Math.abs(i / a.length - reached / total))
    reached += weights[b.samples[j]]
    while (i < a.length && a[i] <= b.values[j]) i++
    gap = Math.max(gap, Math.abs(i / a.length - reached / total))
  }
  return gap
}

/**
 * Mean over cells. A small stratum may be missing from a resample; it is missing for every model then. A model without one
 * good sample in a cell is as far from it as can be: leaving the cell out would reward the failures.
 */
const score = (model: Cells, real: Cells, weights: Float64Array): number =>
  average(
    [...real]
      .filter(([, { samples }]) => totalWeight(samples, weights) > 0)
      .map(([key, cell]) => (model.has(key) ? weightedKs(model.get(key)!.values, cell, weights) : 1)),
  )

/** Multiplicities of a bootstrap resample of n. */
const resampleWeights = (n: number, index: number): Float64Array => {
  const u = new Float64Array(n)
  randomStream(0, 'recommend/bootstrap').uniformsInto(u, index)
  const weights = new Float64Array(n)
  for (const x of u) weights[Math.floor(x * n)]++
  return weights
}

export interface Recommendation {
  readonly model: ModelName
  readonly reason: string
  /** Mean stratified KS of each model on validation data. */
  readonly scores: Readonly<Record<string, number>>
}

const threeDigits = (x: number): string => x.toFixed(3)

/**
 * The model to use, judged on validation runs only: the mean over quantities and strata of θ of the KS distance. Models whose
 * score is within one standard error (paired bootstrap over the validation runs) of the best count as equal, and the
 * first of them in {@link PREFERENCE} is taken.
 * @verifiedBy test/study/recommend.test.ts
 */
export const recommend = (
  models: Readonly<Partial<Record<ModelName, ConditionedTable>>>,
  real: ConditionedTable,
): Recommendation => {
  const realCells = cellsOf(real)
  const cells = new Map(PREFERENCE.filter((name) => models[name]).map((name) => [name, cellsOf(models[name]!)]))
  const ones = new Float64Array(real.table.count).fill(1)
  const scores = new Map([...cells].map(([name, c]) => [name, score(c, realCells, ones)]))
  const best = [...scores].reduce((a, b) => (b[1] < a[1] ? b : a))[0]
  const tied = [...cells.keys()].filter(
    (name) => name === best || isTied(cells.get(name)!, cells.get(best)!, realCells, real.table.count),
  )
  const model = tied[0]
  return { model, reason: reasonOf(model, best, tied, scores), scores: Object.fromEntries(scores) }
}

/** Whether the score's excess over the best one's is below its own standard error. */
const isTied = (model: Cells, best: Cells, real: Cells, n: number): boolean => {
  const ones = new Float64Array(n).fill(1)
  const excess = score(model, real, ones) - score(best, real, ones)
  const draws = Array.from({ length: RESAMPLES }, (_, i) => {
    const weights = resampleWeights(n, i)
    return score(model, real, weights) - score(best, real, weights)
  })
  const mean = average(draws)
  const variance = draws.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (RESAMPLES - 1)
  return excess <= Math.sqrt(variance)
}

/** Models with few atoms at each θ, or that ignore θ, come late however simple they are. */
const LATE: Partial<Readonly<Record<ModelName, string>>> = {
  'local-bootstrap': 'has few stored residuals for each θ',
  'trace-replay': 'only repeats stored runs',
  'pca-gauss': 'ignores θ',
}

/** Why `model` goes before `best`, which comes later in the order. */
const claimOf = (model: ModelName, best: ModelName): string =>
  LATE[best] === undefined ? `${model} is the simpler law` : `${best} ${LATE[best]}`

const reasonOf = (
  model: ModelName,
  best: ModelName,
  tied: readonly ModelName[],
  scores: ReadonlyMap<ModelName, number>,
): string => {
  const own = `${model} has a mean KS distance within strata of θ of ${threeDigits(scores.get(model)!)} on the validation runs`
  if (tied.length === 1) return `${own}, the smallest of all models.`
  if (model === best) return `${own}, the smallest; ${tied.slice(1).join(', ')} cannot be told apart from it.`
  return `${own}; ${best} has ${threeDigits(scores.get(best)!)}, which these runs cannot tell apart, and ${claimOf(model, best)}.`
}
