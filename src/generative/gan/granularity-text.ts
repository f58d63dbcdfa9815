import { InvalidInput } from '../../numeric/errors.ts'
import { GRANULARITIES, type Granularities, granularityLabel, uniformGranularity } from './granularity.ts'

const NAMES = new Map(GRANULARITIES.map((g) => [granularityLabel([g]), g]))
const SEPARATOR = /[·,]/

/**
 * '1/2' for all blocks, '1/4·1/2·1' or, easier to type, '1/4,1/2,1' for one each.
 * @throws InvalidInput for anything else, and another number of blocks
 * @verifiedBy test/generative/granularity-text.test.ts
 */
export const granularitiesOf = (text: string, blocks: number, path: string): Granularities => {
  const refused = (expected: string): InvalidInput => InvalidInput.of(path, expected, text)
  const parts = text.split(SEPARATOR).map((part) => {
    const found = NAMES.get(part.trim())
    if (found === undefined) throw refused(`${[...NAMES.keys()].join(', ')}, or one of them per block: 1/4,1/2,1`)
    return found
  })
  if (parts.length === 1) return uniformGranularity(parts[0], blocks)
  if (parts.length !== blocks) throw refused(`one granularity, or one for each of ${blocks} blocks`)
  return parts
}
