import { InvalidInput } from '../../numeric/errors.ts'

/** Share of the hidden units of a block that are used: the first H/8, H/4, H/2 or all. */
export const GRANULARITIES = [0.125, 0.25, 0.5, 1] as const
export type Granularity = (typeof GRANULARITIES)[number]
/** One granularity per block; unequal ones are a Mix'n'Match combination. */
export type Granularities = readonly Granularity[]

export const uniformGranularity = (granularity: Granularity, blocks: number): Granularities =>
  new Array<Granularity>(blocks).fill(granularity)

const FRACTIONS: Readonly<Record<Granularity, string>> = { 0.125: '1/8', 0.25: '1/4', 0.5: '1/2', 1: '1' }

/** '1/4' for a uniform sub-network, '1/4·1/2·1/4' for a combination: its name in reports and its key in a saved model. */
export const granularityLabel = (granularities: Granularities): string =>
  granularities.every((g) => g === granularities[0])
    ? FRACTIONS[granularities[0]]
    : granularities.map((g) => FRACTIONS[g]).join('·')

export const isFull = (granularities: Granularities): boolean => granularities.every((g) => g === 1)

/** @throws InvalidInput unless there is one known granularity per block */
export const checkGranularities = (granularities: Granularities, blocks: number): Granularities => {
  if (granularities.length !== blocks)
    throw InvalidInput.of('granularities', `one for each of ${blocks} blocks`, `${granularities.length}`)
  granularities.forEach((g, i) => {
    if (!GRANULARITIES.includes(g)) throw InvalidInput.of(`granularities[${i}]`, GRANULARITIES.join(', '), g)
  })
  return granularities
}
