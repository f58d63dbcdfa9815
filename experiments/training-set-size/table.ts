/** The tables of the experiment, from the judgements alone. */
import type { ModelName } from '../../src/study/schema.ts'
import type { Numbers } from './ground.ts'
import type { PartResult } from './judge.ts'

export interface Results {
  readonly parts: readonly PartResult[]
  /** Of real runs at the same θ. */
  readonly floor: Numbers
}

export interface Measure {
  readonly key: keyof Numbers
  readonly title: string
  /** For the axis of the figure. */
  readonly label: string
  readonly unit: string
}

export const MEASURES: readonly Measure[] = [
  { key: 'ks', title: 'KS distance of the quantities, mean', label: 'KS distance', unit: '1' },
  { key: 'meanError', title: 'error of E[Q \u2223 θ]', label: 'relative error', unit: '1' },
  { key: 'energy', title: 'energy distance of (w, θ), unbiased, σ', label: 'energy distance', unit: 'σ' },
]

/** Mean over the replicates, with the least and the largest of them. */
export interface Spread {
  readonly mean: number
  readonly low: number
  readonly high: number
  readonly count: number
}

export const spreadOf = (values: readonly (number | null)[]): Spread => {
  const known = values.filter((v) => v !== null)
  const mean = known.reduce((a, b) => a + b, 0) / known.length
  return { mean, low: Math.min(...known), high: Math.max(...known), count: known.length }
}

export const sizesOf = ({ parts }: Results): readonly number[] => [...new Set(parts.map(({ size }) => size))]
export const modelsOf = ({ parts }: Results): readonly ModelName[] => parts[0].judgements.map(({ model }) => model)

/** A measure of a model at one N over the replicates. */
export const spreadAt = ({ parts }: Results, size: number, model: ModelName, key: keyof Numbers): Spread =>
  spreadOf(
    parts.filter((part) => part.size === size).map(({ judgements }) => judgements.find((j) => j.model === model)![key]),
  )

const cell = ({ mean, low, high, count }: Spread): string => {
  if (count === 0) return '–'
  return count === 1 ? mean.toFixed(4) : `${mean.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const best = (results: Results, size: number, key: keyof Numbers): ModelName =>
  modelsOf(results).reduce((a, b) =>
    spreadAt(results, size, b, key).mean < spreadAt(results, size, a, key).mean ? b : a,
  )

const measureTable = (results: Results, { key, title }: Measure): string => {
  const sizes = sizesOf(results)
  const floor = cell(spreadOf([results.floor[key]]))
  return [
    line([title, ...sizes.map((size) => `N = ${size}`)]),
    line(['---', ...sizes.map(() => '---')]),
    ...modelsOf(results).map((model) =>
      line([model, ...sizes.map((size) => cell(spreadAt(results, size, model, key)))]),
    ),
    line(['real runs', ...sizes.map(() => floor)]),
    line(['smallest', ...sizes.map((size) => best(results, size, key))]),
  ].join('\n')
}

const counted = (models: readonly ModelName[]): string =>
  [...new Set(models)].map((m) => `${m} (${models.filter((n) => n === m).length} of ${models.length})`).join(', ')

/** Training sets of a size in which the generator is below every other model. */
const wins = ({ parts }: Results, size: number, key: keyof Numbers): string => {
  const own = parts.filter((part) => part.size === size)
  const won = own.filter(({ judgements }) => {
    const others = judgements.filter(({ model }) => model !== 'gan').map((j) => j[key] ?? Number.POSITIVE_INFINITY)
    return (judgements.find(({ model }) => model === 'gan')?.[key] ?? Number.POSITIVE_INFINITY) < Math.min(...others)
  })
  return `${won.length} of ${own.length}`
}

const choiceTable = (results: Results): string => {
  const sizes = sizesOf(results)
  return [
    line(['', ...sizes.map((size) => `N = ${size}`)]),
    line(['---', ...sizes.map(() => '---')]),
    ...MEASURES.map(({ key, title }) =>
      line([`gan is best: ${title}`, ...sizes.map((size) => wins(results, size, key))]),
    ),
    line([
      'recommended on N/4 validation runs',
      ...sizes.map((size) => counted(results.parts.filter((p) => p.size === size).map((p) => p.recommended))),
    ]),
  ].join('\n')
}

/** One table per measure, and one of who wins. */
export const tablesOf = (results: Results): string =>
  `${[...MEASURES.map((measure) => measureTable(results, measure)), choiceTable(results)].join('\n\n')}\n`
