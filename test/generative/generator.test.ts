import { describe, expect, it } from 'vitest'
import { extract } from '../../src/generative/gan/extract.ts'
import { generatorFlops, generatorGraph, generatorSpecs } from '../../src/generative/gan/generator.ts'
import {
  checkGeneratorConfig,
  DEFAULT_GENERATOR,
  fullHiddenSizes,
  type GeneratorConfig,
  hiddenSizes,
} from '../../src/generative/gan/generator-config.ts'
import { type Granularities, granularityLabel } from '../../src/generative/gan/granularity.ts'
import { viewParameters } from '../../src/generative/gan/parameters.ts'
import { compileSampler, SAMPLE_BLOCK, samplingGraph } from '../../src/generative/gan/sampler.ts'
import { prefixed } from '../../src/generative/gan/step-runner.ts'
import { weightInputs } from '../../src/generative/gan/training-networks.ts'
import { createExecutor } from '../../src/tensor/executor.ts'
import { input } from '../../src/tensor/graph.ts'
import { FORMS, randomWeights, uniformsOf } from './networks.ts'
import { plainGenerator } from './plain-generator.ts'

const COMBINATIONS: readonly Granularities[] = [
  [1, 1, 1],
  [0.5, 0.5, 0.5],
  [0.25, 0.25, 0.25],
  [0.125, 0.125, 0.125],
  [0.25, 1, 0.5],
]
const nameOf = ({ form, nestedHeads }: GeneratorConfig): string => form + (nestedHeads ? ' with nested heads' : '')
const cases = FORMS.flatMap((config) =>
  COMBINATIONS.map((g) => ({ config, g, name: `${nameOf(config)} ${granularityLabel(g)}` })),
)
const executor = await createExecutor({ kind: 'onnxruntime-cpu' })
const z = uniformsOf(SAMPLE_BLOCK * 8, 0)
const conditioning = uniformsOf(SAMPLE_BLOCK * 2, 1)

/** The nested network: all weights fed, sliced inside the graph. */
const nestedSamples = async (
  config: GeneratorConfig,
  weights: Float32Array,
  g: Granularities,
): Promise<Float32Array> => {
  const specs = generatorSpecs(config, fullHiddenSizes(config))
  const zs = input('z', [SAMPLE_BLOCK, config.latent])
  const c = input('conditioning', [SAMPLE_BLOCK, config.conditionCount])
  const samples = generatorGraph(config, weightInputs('g.', specs), hiddenSizes(config, g), zs, c)
  const graph = await executor.compile({ samples })
  const out = await graph.run({ ...prefixed('g.', viewParameters(specs, weights)), z, conditioning })
  await graph.release()
  return out.samples
}

describe.each(cases)('$name', ({ config, g }) => {
  const weights = randomWeights(config)
  const extracted = extract(config, weights, g)

  it('extracted equals nested bit for bit', async () => {
    const graph = await executor.compile(samplingGraph(extracted))
    const { samples } = await graph.run({ z, conditioning })
    await graph.release()
    expect(samples).toEqual(await nestedSamples(config, weights, g))
  })

  it('equals an independent evaluation in double precision', async () => {
    const sampler = await compileSampler(executor, extracted)
    const made = await sampler.sample(z, Float64Array.from(conditioning), new Float64Array(SAMPLE_BLOCK), SAMPLE_BLOCK)
    await sampler.release()
    for (const n of [0, 17, 63]) {
      const exact = plainGenerator(
        extracted,
        Array.from(z.subarray(8 * n, 8 * n + 8)),
        Array.from(conditioning.subarray(2 * n, 2 * n + 2)),
      )
      exact.forEach((v, k) => {
        expect(Math.abs(made[8 * n + k] - v)).toBeLessThan(1e-5 * Math.max(1, Math.abs(v)))
      })
    }
  })

  it('owns no more weights than it uses', () => {
    const count = Object.values(extracted.parameters).reduce((sum, p) => sum + p.length, 0)
    const units = 32 * g.reduce((a, b) => a + b, 0)
    const full = Object.values(extract(config, weights, [1, 1, 1]).parameters).reduce((sum, p) => sum + p.length, 0)
    // 4 columns in queries, keys and values with their biases, 4 rows of the output, 16 wide: per head that is left out.
    const heads = config.nestedHeads ? g.reduce((sum, share) => sum + 4 - Math.ceil(4 * share), 0) : 0
    expect(full - count).toBe((96 - units) * (2 * 16 + 1) + heads * 4 * (3 * (16 + 1) + 16))
  })
})

describe('compileSampler', () => {
  it('gives a sample the same bits in a full and in a padded block', async () => {
    const sampler = await compileSampler(executor, extract(FORMS[0], randomWeights(FORMS[0]), [1, 1, 1]))
    const theta = Float64Array.from(conditioning)
    const uniforms = new Float64Array(SAMPLE_BLOCK)
    const all = await sampler.sample(z, theta, uniforms, SAMPLE_BLOCK)
    const some = await sampler.sample(z.subarray(0, 24), theta.subarray(0, 6), uniforms.subarray(0, 3), 3)
    expect(some).toEqual(all.slice(0, 24))
    await sampler.release()
  })
})

describe('generator configuration', () => {
  it('names everything that does not fit', () => {
    const bad = {
      ...DEFAULT_GENERATOR,
      form: 'transformer',
      conditionCount: 2,
      hidden: 20,
      tokens: 5,
      heads: 7,
    } as const
    expect(() => checkGeneratorConfig(bad)).toThrow(/hidden: expected a multiple of 8[\s\S]*tokens[\s\S]*heads/)
  })

  it('refuses unknown granularities and wrong counts', () => {
    expect(() => extract(FORMS[0], randomWeights(FORMS[0]), [1, 1])).toThrow(/one for each of 3 blocks/)
    expect(() => extract(FORMS[0], randomWeights(FORMS[0]), [1, 0.3 as never, 1])).toThrow(/granularities\[1\]/)
  })

  it('counts more operations for wider blocks', () => {
    for (const config of FORMS) {
      const flops = COMBINATIONS.slice(0, 4).map((g) => generatorFlops(config, hiddenSizes(config, g)))
      expect(flops.toSorted((a, b) => b - a)).toEqual(flops)
    }
    // Two dense layers 10 → 16 → 8 and three blocks 16 → 32 → 16.
    expect(generatorFlops(FORMS[0], [32, 32, 32])).toBe(2 * (10 * 16 + 16 * 8 + 3 * 2 * 16 * 32))
  })

  it('counts fewer operations for fewer heads', () => {
    const [whole, nested] = FORMS.slice(1).map((config) => generatorFlops(config, hiddenSizes(config, [0.25, 1, 0.5])))
    // Six tokens, 16 wide, heads of 4: projections in and out, scores, mixing; 3 and 2 of the 4 heads are left out.
    expect(whole - nested).toBe(2 * 5 * 6 * 4 * (3 * 16 + 16 + 2 * 6))
  })

  it('has nested heads with attention only', () => {
    expect(() => checkGeneratorConfig({ ...FORMS[0], nestedHeads: true })).toThrow(
      'generator.nestedHeads: expected false (the residual form has no heads), received true',
    )
  })
})
