import { generatorSpecs } from '../../src/generative/gan/generator.ts'
import { fullHiddenSizes, type GeneratorConfig } from '../../src/generative/gan/generator-config.ts'
import { initialParameters } from '../../src/generative/gan/parameters.ts'
import { randomStream } from '../../src/numeric/random.ts'

const COMMON = { latent: 8, conditionCount: 2, categories: 0, width: 16, blocks: 3, hidden: 32, heads: 4, tokens: 4 }
export const FORMS: readonly GeneratorConfig[] = [
  { ...COMMON, form: 'residual' },
  { ...COMMON, form: 'transformer' },
  { ...COMMON, form: 'transformer', nestedHeads: true },
]

/** Random weights, biases and gains too, so that a test sees every one of them. */
export const randomWeights = (config: GeneratorConfig): Float32Array => {
  const weights = initialParameters(generatorSpecs(config, fullHiddenSizes(config)), 5, 'test')
  const jitter = new Float64Array(weights.length)
  randomStream(5, 'test/jitter').normalsInto(jitter, 0)
  return weights.map((w, i) => w + 0.2 * jitter[i])
}

export const uniformsOf = (n: number, index: number): Float32Array => {
  const out = new Float64Array(n)
  randomStream(6, 'test/inputs').uniformsInto(out, index)
  return Float32Array.from(out, (u) => 2 * u - 1)
}
