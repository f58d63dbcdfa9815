import { InvalidInput } from '../src/numeric/errors.ts'

/** '1,2' → [1, 2]; nothing when nothing is given. @throws InvalidInput for anything but whole numbers ≥ 0 */
export const seedsOf = (text: string | undefined): readonly number[] | undefined => {
  if (text === undefined) return undefined
  const seeds = text.split(',').map(Number)
  if (seeds.some((seed) => !Number.isInteger(seed) || seed < 0))
    throw InvalidInput.of('--seeds', 'whole numbers with commas between', text)
  return seeds
}
