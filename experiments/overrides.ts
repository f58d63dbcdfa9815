import { DEFAULT_GENERATOR } from '../src/generative/gan/generator-config.ts'
import { DEFAULT_GAN, type GanOverrides } from '../src/generative/gan/training-options.ts'
import { InvalidInput } from '../src/numeric/errors.ts'

const checkKeys = (path: string, given: object, known: object): void => {
  for (const key of Object.keys(given))
    if (!(key in known)) throw InvalidInput.of(`${path}.${key}`, Object.keys(known).join(', '), 'no such option')
}

/** @throws InvalidInput for an option that no training has: a misspelt one must not be left out in silence */
export const checkOverrides = (named: Readonly<Record<string, GanOverrides>>): void => {
  for (const [name, overrides] of Object.entries(named)) {
    checkKeys(name, overrides, { ...DEFAULT_GAN, generator: {} })
    checkKeys(`${name}.generator`, overrides.generator ?? {}, DEFAULT_GENERATOR)
  }
}
