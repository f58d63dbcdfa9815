import { InvalidInput, type Problem } from '../numeric/errors.ts'
import type { Marginal } from '../uq/marginal.ts'
import type { LoadSample } from './law.ts'
import type { Study } from './schema.ts'

/** The order of θ as a vector. */
const KEYS = ['amplitude', 'arrival', 'position', 'width'] as const

/** Where a component of θ stands in a vector. */
export const loadPlace = (key: (typeof KEYS)[number], path: string): string => `${path}[${KEYS.indexOf(key)}]`

export const LOAD_SIZE = KEYS.length

export const loadNames = ({ load }: Study): string =>
  `load: amplitude (${load.kind === 'traction' ? 'Pa' : 'm'}), arrival (s), position (m), width (s)`

/** What a value of the law can be, where `x` cannot be one; null where it can. */
const contradiction = (law: Marginal, x: number): string | null => {
  switch (law.law) {
    case 'uniform':
    case 'truncated-normal':
      return x >= law.low && x <= law.high ? null : `a number from ${law.low} to ${law.high}`
    case 'constant':
      return x === law.value ? null : `${law.value}, a constant of the study`
    case 'log-normal':
      return x > 0 ? null : 'a number > 0'
    case 'normal':
      return null
  }
}

/**
 * θ of a vector of finite numbers [amplitude, arrival, position, width]. Nothing outside the laws is answered: the trace models
 * have not seen it, and would give the nearest end without a word.
 * @throws InvalidInput for a value outside the support of its law
 */
export const loadFromVector = ({ load }: Study, vector: readonly number[], path: string): LoadSample => {
  const problems = KEYS.flatMap((key, k): Problem[] => {
    const expected = contradiction(load[key], vector[k])
    if (expected === null) return []
    return [{ path: `${path}[${k}]`, expected: `${expected} (load.${key})`, received: String(vector[k]) }]
  })
  if (problems.length > 0) throw new InvalidInput(problems)
  const [amplitude, arrival, position, width] = vector
  return { amplitude, arrival, position, width }
}
