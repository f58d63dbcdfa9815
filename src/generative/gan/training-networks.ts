import { add, concat, input, slice, type Tensor } from '../../tensor/graph.ts'
import { type CriticConfig, criticGraph, criticSpecs, type Sources } from './critic.ts'
import { generatorGraph, generatorSpecs } from './generator.ts'
import {
  conditioningSize,
  fullHiddenSizes,
  type GeneratorConfig,
  hiddenSizes,
  uniformCombinations,
} from './generator-config.ts'
import { GRANULARITIES, type Granularities, isFull } from './granularity.ts'
import type { Weights } from './matformer-block.ts'
import type { ParameterSpec } from './parameters.ts'
import type { GanOptions } from './training-options.ts'

export const weightInputs = (prefix: string, specs: readonly ParameterSpec[]): Weights =>
  Object.fromEntries(specs.map(({ name, shape }) => [name, input(`${prefix}${name}`, shape)]))

/** The inputs that the graphs of one training share, and what is built on them. */
export interface Networks {
  readonly options: GanOptions
  readonly generatorWeights: Weights
  readonly criticWeights: Weights
  readonly z: Tensor
  readonly conditioning: Tensor | undefined
  readonly x: Tensor
  /** Places between real and generated samples. */
  readonly mix: Tensor
  /** Instance noise, with its level of the iteration in it. */
  readonly realNoise: Tensor
  readonly fakeNoise: Tensor
}

export const criticConfig = (options: GanOptions): CriticConfig => ({
  kind: options.critic,
  latent: options.generator.latent,
  conditionCount: options.generator.conditionCount,
  hidden: options.criticHidden,
})

export const networks = (options: GanOptions): Networks => {
  const { generator, batch } = options
  const size = conditioningSize(generator)
  return {
    options,
    generatorWeights: weightInputs('g.', generatorSpecs(generator, fullHiddenSizes(generator))),
    criticWeights: weightInputs('d.', criticSpecs(criticConfig(options))),
    z: input('z', [batch, generator.latent]),
    conditioning: size > 0 ? input('conditioning', [batch, size]) : undefined,
    x: input('x', [batch, generator.latent]),
    mix: input('mix', [batch, 1]),
    realNoise: input('realNoise', [batch, generator.latent]),
    fakeNoise: input('fakeNoise', [batch, generator.latent]),
  }
}

/** The granularities of the whole network. */
export const full = (config: GeneratorConfig): Granularities => uniformCombinations(config).find(isFull)!

export const rows = (x: Tensor, start: number, end: number): Tensor => slice(x, 0, start, end)
export const generate = (n: Networks, granularities: Granularities, start = 0, end = n.options.batch): Tensor => {
  const cut = (x: Tensor): Tensor => (start === 0 && end === n.options.batch ? x : rows(x, start, end))
  const { generator } = n.options
  const conditioning = n.conditioning && cut(n.conditioning)
  return generatorGraph(generator, n.generatorWeights, hiddenSizes(generator, granularities), cut(n.z), conditioning)
}

/** θ: the leading p columns of the conditioning (the category is no part of the law, the critic does not see it). */
export const conditionsOf = (n: Networks): Tensor | undefined => {
  const p = n.options.generator.conditionCount
  if (p === 0 || !n.conditioning) return undefined
  return n.conditioning.shape[1] === p ? n.conditioning : slice(n.conditioning, 1, 0, p)
}

export const critic = (n: Networks, x: Tensor, theta: Tensor | undefined, sources: Sources): Tensor =>
  criticGraph(criticConfig(n.options), n.criticWeights, x, theta, sources)

export const noisy = (n: Networks, x: Tensor, noise: Tensor): Tensor =>
  n.options.instanceNoise > 0 ? add(x, noise) : x

/** Generated rows, and which granularities they are from. */
export interface Fakes {
  readonly rows: Tensor
  readonly sources: Sources
}

/** The samples of a uniform sub-network. */
export const fakesOf = (n: Networks, granularities: Granularities): Fakes => ({
  rows: generate(n, granularities),
  sources: [granularities[0]],
})

/** The four granularities side by side, a quarter of the batch each. */
export const jointFakes = (n: Networks): Fakes => {
  const all = uniformCombinations(n.options.generator)
  const share = n.options.batch / all.length
  const parts = all.map((g, i) => generate(n, g, i * share, (i + 1) * share))
  return { rows: concat(parts, 0), sources: GRANULARITIES }
}
