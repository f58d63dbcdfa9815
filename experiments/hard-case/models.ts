/** The rounds of the experiment: one N, one seed, the training runs that belong to them, and where their models are kept. */
import { selectPairs, type TrainingData } from '../../src/generative/training-data.ts'
import type { Place } from '../fitted-models.ts'

export interface Round {
  readonly size: number
  /** Place of the seed in the list: which training runs, and which block of test runs. */
  readonly place: number
  readonly seed: number
}

export const roundPath = ({ size, seed }: Round): string => `comparison/${size}-${seed}`

export const placeOf = (round: Round): Place => ({
  path: roundPath(round),
  seed: round.seed,
  label: `N = ${round.size}, seed ${round.seed}`,
})

/** N training runs: a round takes its own where there are enough, and begins anew with the first where there are not. */
export const trainingOf = (all: TrainingData, { size, place }: Round): TrainingData => {
  const parts = Math.max(1, Math.floor(all.count / size))
  const start = (place % parts) * size
  return selectPairs(
    all,
    Array.from({ length: Math.min(size, all.count) }, (_, k) => start + k),
  )
}
