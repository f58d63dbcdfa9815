import { generatorFlops } from './generator.ts'
import { type GeneratorConfig, hiddenSizes } from './generator-config.ts'
import { GRANULARITIES, type Granularities, type Granularity } from './granularity.ts'

/** Every choice of one granularity per block: 4^blocks. */
export const allCombinations = (blocks: number): readonly Granularities[] =>
  Array.from({ length: GRANULARITIES.length ** blocks }, (_, number) =>
    Array.from(
      { length: blocks },
      (_, block) => GRANULARITIES[Math.floor(number / GRANULARITIES.length ** block) % GRANULARITIES.length],
    ),
  )

/** The combinations that differ by one step of the width of one block. */
export const neighbours = (granularities: Granularities): readonly Granularities[] =>
  granularities.flatMap((g, block) =>
    [-1, 1]
      .map((step): Granularity | undefined => GRANULARITIES[GRANULARITIES.indexOf(g) + step])
      .filter((changed) => changed !== undefined)
      .map((changed) => granularities.with(block, changed)),
  )

/** Widths that do not fall with depth. */
const rising = (blocks: number, from = 0): readonly Granularities[] =>
  blocks === 0
    ? [[]]
    : GRANULARITIES.slice(from).flatMap((g, i) => rising(blocks - 1, from + i).map((rest) => [g, ...rest]))

/** Rise from the first to the last block; of equal ones, that with the smaller steps is the gentler. */
const slope = (granularities: Granularities): readonly [rise: number, squaredSteps: number] => [
  granularities.at(-1)! - granularities[0],
  granularities.slice(1).reduce((sum, g, i) => sum + (g - granularities[i]) ** 2, 0),
]

const gentler = (a: Granularities, b: Granularities): Granularities => {
  const [[rise, steps], [otherRise, otherSteps]] = [slope(a), slope(b)]
  return otherRise < rise || (otherRise === rise && otherSteps < steps) ? b : a
}

/**
 * The rule of MatFormer's authors: granularities that do not fall with depth, and of those with equal cost the one of least
 * slope. Cheapest first.
 * @source Devvrit et al., "MatFormer: nested transformer for elastic inference", 2023, Mix'n'Match
 * @verifiedBy test/generative/mix-n-match.test.ts
 */
export const ruleCombinations = (config: GeneratorConfig): readonly Granularities[] => {
  const byCost = new Map<number, Granularities>()
  for (const candidate of rising(config.blocks)) {
    const cost = generatorFlops(config, hiddenSizes(config, candidate))
    byCost.set(cost, gentler(byCost.get(cost) ?? candidate, candidate))
  }
  return [...byCost].sort(([a], [b]) => a - b).map(([, granularities]) => granularities)
}
