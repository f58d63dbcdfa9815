import { add, concat, mul, reshape, slice, type Tensor } from '../../tensor/graph.ts'
import { blockShape, conditioningSize, type GeneratorConfig } from './generator-config.ts'
import {
  type BlockShape,
  blockSpecs,
  dense,
  denseSpecs,
  matformerBlock,
  normDense,
  type Weights,
} from './matformer-block.ts'
import type { ParameterSpec } from './parameters.ts'

/** The head's start, so small that the untrained generator is the Gaussian law z itself: training only has to mend it. */
const HEAD_START = 0.05
/** s = SKIP_SCALE · weight: Adam moves every weight alike, and a mode far from Gaussian must be able to drop its z soon. */
const SKIP_SCALE = 10

const chunk = (config: GeneratorConfig): number => config.latent / config.tokens

const embeddingSpecs = (config: GeneratorConfig): readonly ParameterSpec[] => {
  const { form, latent, width, tokens } = config
  const conditioning = conditioningSize(config)
  if (form === 'residual') return denseSpecs('embed', latent + conditioning, width)
  return [
    { name: 'position', shape: [tokens, width], start: { normal: 0.5 } },
    ...denseSpecs('embed', chunk(config), width),
    ...denseSpecs('latent', latent, width),
    ...(conditioning > 0 ? denseSpecs('condition', conditioning, width) : []),
  ]
}

/**
 * Weights of the generator. @param hidden feed-forward units per block: all of them for the nested network, fewer for an
 * extracted one
 */
export const generatorSpecs = (config: GeneratorConfig, hidden: readonly number[]): readonly ParameterSpec[] => {
  const { form, width, latent } = config
  const outputs = form === 'transformer' ? chunk(config) : latent
  return [
    ...embeddingSpecs(config),
    ...hidden.flatMap((h, i) => blockSpecs(`block${i}`, blockShape(config, h))),
    { name: 'head.norm.gain', shape: [width], start: { constant: 1 } },
    { name: 'head.norm.bias', shape: [width], start: { constant: 0 } },
    { name: 'head.skip', shape: [latent], start: { constant: 1 / SKIP_SCALE } },
    ...denseSpecs('head', width, outputs, HEAD_START),
  ]
}

/** Mode tokens, each from its share of z and its position, then one token of all of z and one of the conditions: [B·S, width]. */
const embedTokens = (
  config: GeneratorConfig,
  weights: Weights,
  z: Tensor,
  conditioning: Tensor | undefined,
): Tensor => {
  const { tokens, width } = config
  const batch = z.shape[0]
  const single = (x: Tensor): Tensor => reshape(x, [batch, 1, width])
  const embedded = dense(weights, 'embed', reshape(z, [batch * tokens, chunk(config)]))
  const modes = add(reshape(embedded, [batch, tokens, width]), weights.position)
  const whole = single(dense(weights, 'latent', z))
  const others = conditioning ? [whole, single(dense(weights, 'condition', conditioning))] : [whole]
  return reshape(concat([modes, ...others], 1), [-1, width])
}

/** The mode tokens of the stream: [B·S, width] → [B·tokens, width]. */
const modeTokens = ({ tokens, width }: GeneratorConfig, stream: Tensor, batch: number): Tensor =>
  reshape(slice(reshape(stream, [batch, -1, width]), 1, 0, tokens), [-1, width])

/**
 * G(z, θ) = s ∘ z + network(z, θ) [B, latent], s learnt from 1. The whitened modes are nearly Gaussian, and a law that starts from z stays near it
 * instead of drifting through its rotations, which average to too small a variance.
 * @param hidden hidden units used per block
 * @param z [B, latent]
 * @param conditioning [B, p + categories]; absent when that is zero
 * @verifiedBy test/generative/generator.test.ts (an independent evaluation in double precision)
 */
export const generatorGraph = (
  config: GeneratorConfig,
  weights: Weights,
  hidden: readonly number[],
  z: Tensor,
  conditioning: Tensor | undefined,
): Tensor => {
  const transformer = config.form === 'transformer'
  const start = transformer
    ? embedTokens(config, weights, z, conditioning)
    : dense(weights, 'embed', conditioning ? concat([z, conditioning], 1) : z)
  const tokens = start.shape[0] / z.shape[0]
  const stream = hidden.reduce(
    (h, units, i) => matformerBlock(weights, `block${i}`, h, blockShape(config, units), tokens),
    start,
  )
  const read = transformer ? modeTokens(config, stream, z.shape[0]) : stream
  const correction = reshape(normDense(weights, 'head.norm', 'head', read), [z.shape[0], config.latent])
  return add(mul(z, mul(weights['head.skip'], SKIP_SCALE)), correction)
}

/** Multiplications of one token of a sequence through one block's attention: projections, scores, mixing. */
const attentionProducts = ({ width, heads, depth }: BlockShape, sequence: number): number =>
  heads * depth * (4 * width + 2 * sequence)

/** Multiplications and additions of one sample's forward pass (matrix products only). */
export const generatorFlops = (config: GeneratorConfig, hidden: readonly number[]): number => {
  const { form, latent, width, tokens } = config
  const conditioning = conditioningSize(config)
  const units = hidden.reduce((a, b) => a + b, 0)
  if (form === 'residual') return 2 * width * (2 * latent + conditioning + 2 * units)
  const sequence = tokens + (conditioning > 0 ? 2 : 1)
  const attention = hidden
    .map((h) => sequence * attentionProducts(blockShape(config, h), sequence))
    .reduce((a, b) => a + b, 0)
  return 2 * (attention + 2 * width * units * sequence + width * (3 * latent + conditioning))
}
