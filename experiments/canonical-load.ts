import { InvalidInput } from '../src/numeric/errors.ts'
import type { Study } from '../src/study/schema.ts'

/**
 * Test runs have their own amplitude and arrival, training and validation runs have not. An experiment that encodes all of them as they are
 * needs a study in which these are the same.
 * @throws InvalidInput
 */
export const checkCanonical = ({ load: { amplitude, arrival } }: Study): void => {
  if (amplitude.law === 'constant' && arrival.law === 'constant' && arrival.value === 0) return
  throw InvalidInput.of('load', 'a constant amplitude and arrival 0', `${amplitude.law}, ${arrival.law}`)
}
