import { describe, expect, it } from 'vitest'
import { ganOptions } from '../../src/generative/gan/training-options.ts'
import { generatorOptions } from '../../src/study/generator-options.ts'
import { parseStudy } from '../../src/study/study.ts'
import { tinyStudy } from '../end-to-end/tiny-study.ts'

const optionsOf = (generator: object) => {
  const study = parseStudy(JSON.stringify({ ...tinyStudy(), generator }), 'study.json')
  return ganOptions(2, 16, generatorOptions(study))
}

describe('generatorOptions', () => {
  it('hands every field of a study to the training', () => {
    const network = { form: 'transformer', latent: 8, width: 24, blocks: 2, heads: 3, tokens: 2, hidden: 40 }
    const rest = { nestedHeads: true, categories: 3 }
    const training = { mode: 'sampled', critic: 'branches', penalty: 'trace-and-condition' }
    const lengths = { iterations: 70, batch: 24, checkpointEvery: 30 }
    const options = optionsOf({ ...network, ...rest, ...training, ...lengths })
    expect(options).toMatchObject({ ...training, ...lengths, seed: 7 })
    expect(options.generator).toEqual({ ...network, ...rest, conditionCount: 2 })
  })

  it('refuses nested heads where there are no heads', () => {
    expect(() => optionsOf({ latent: 8, nestedHeads: true })).toThrow(
      'generator.nestedHeads: expected false (the residual form has no heads), received true',
    )
  })
})
