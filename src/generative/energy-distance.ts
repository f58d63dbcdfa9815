import { InvalidInput } from '../numeric/errors.ts'
import { sampleOf } from './distances.ts'
import { euclideanDistances } from './pair-distances.ts'
import { acrossSamples, permutationPValue, withinPairs } from './relabelling.ts'

export interface EnergyTest {
  /** 2 E|X − Y| − E|X − X'| − E|Y − Y'| ≥ 0 (V-statistic); zero only for equal laws. */
  readonly distance: number
  /** Share of random relabellings with at least this distance, (1 + #) / (1 + permutations). */
  readonly pValue: number
  readonly n: number
  readonly m: number
}

/**
 * Energy distance of two samples with a permutation test of equal laws. Its power grows with n: a p-value means nothing
 * without it.
 * @param x [n, d] @param y [m, d] in comparable units per column
 * @param paired rows i of x and y share a condition: they may be exchanged with each other only
 * @source Székely, Rizzo, "Energy statistics", J. Stat. Plan. Inference 143 (2013)
 * @verifiedBy test/generative/distances.test.ts
 */
export const energyTest = (
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  d: number,
  permutations: number,
  seed = 0,
  paired = false,
): EnergyTest => {
  const [n, m] = [x.length / d, y.length / d]
  if (!Number.isInteger(n) || !Number.isInteger(m) || n < 2 || m < 2)
    throw InvalidInput.of('energyTest', `two or more rows of ${d} in each sample`, `${n} and ${m}`)
  if (paired && n !== m) throw InvalidInput.of('energyTest', 'as many rows in each sample, in pairs', `${n} and ${m}`)
  const relabelled = paired ? withinPairs(n, permutations, seed) : acrossSamples(n, m, permutations, seed)
  const [a, b] = [x, y].map((rows) => sampleOf(Float64Array.from(rows), d))
  const values = relabelled(euclideanDistances, a, b)
  return { distance: values[0], pValue: permutationPValue(values), n, m }
}
