import type { GanState } from '../../src/generative/gan/gan-state.ts'
import { GRANULARITIES, uniformGranularity } from '../../src/generative/gan/granularity.ts'
import { type JudgedCombination, judgeCombinations, mixNMatch } from '../../src/generative/gan/mix-n-match.ts'
import type { GanOverrides } from '../../src/generative/gan/training-options.ts'
import { selectPairs, type TrainingData } from '../../src/generative/training-data.ts'
import type { TensorExecutor } from '../../src/tensor/executor.ts'
import type { ExperimentData } from '../experiment-data.ts'

export interface MixConfig {
  readonly seeds: readonly number[]
  /** Of the training, over the defaults. */
  readonly options: GanOverrides
  readonly measure: 'energy' | 'sliced-wasserstein'
  /** Generated samples per validation pair. */
  readonly repeats: number
  /** Combinations to judge at most. */
  readonly limit: number
  /** Of the intervals over seeds. */
  readonly level: number
}

/** A combination on the half of the validation pairs that chose, and on the other half. */
export interface TwiceJudged extends JudgedCombination {
  /** Distance to the half that did not choose. */
  readonly fresh: number
}

/** The search on one trained network. */
export interface SearchResult {
  readonly seed: number
  readonly judged: readonly JudgedCombination[]
  readonly front: readonly TwiceJudged[]
  readonly rule: readonly TwiceJudged[]
  readonly uniform: readonly TwiceJudged[]
  readonly exhaustive: boolean
}

const half = (data: TrainingData, remainder: 0 | 1): TrainingData =>
  selectPairs(
    data,
    Array.from({ length: data.count }, (_, i) => i).filter((i) => i % 2 === remainder),
  )

/** Searches on every other validation pair and judges what was found, the rule's and the uniform combinations on the others. */
export const searched = async (
  seed: number,
  state: GanState,
  data: ExperimentData,
  executor: TensorExecutor,
  { measure, repeats, limit }: MixConfig,
): Promise<SearchResult> => {
  const [choosing, other] = [half(data.validation, 0), half(data.validation, 1)]
  const found = await mixNMatch(state, executor, choosing, { measure, repeats, limit })
  const names = new Set(GRANULARITIES.map((g) => uniformGranularity(g, state.config.blocks).join(' ')))
  const uniform = found.judged.filter(({ point }) => names.has(point.join(' ')))
  const again = [...new Map([...found.front, ...found.rule, ...uniform].map((c) => [c.label, c])).values()]
  const points = again.map(({ point }) => point)
  const fresh = await judgeCombinations(state, executor, points, other, { measure, repeats })
  const distances = new Map(fresh.map(({ label, distance }) => [label, distance]))
  const twice = (all: readonly JudgedCombination[]): TwiceJudged[] =>
    all.map((c) => ({ ...c, fresh: distances.get(c.label)! }))
  const { judged, exhaustive } = found
  return { seed, judged, exhaustive, front: twice(found.front), rule: twice(found.rule), uniform: twice(uniform) }
}

/** Front minus rule at the cost of each of the rule's combinations, mean: below 0, the search is better. */
export const advantage = ({ front, rule }: SearchResult, distance: (c: TwiceJudged) => number): number => {
  const differences = rule.map((r) => {
    const affordable = front.filter((f) => f.flopsPerSample <= r.flopsPerSample)
    return distance(affordable.at(-1)!) - distance(r)
  })
  return differences.reduce((a, b) => a + b, 0) / differences.length
}
