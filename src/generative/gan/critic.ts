import { concat, constant, leakyRelu, matmul, reshape, slice, type Tensor } from '../../tensor/graph.ts'
import { GRANULARITIES, type Granularity } from './granularity.ts'
import { dense, denseSpecs, type Weights } from './matformer-block.ts'
import type { ParameterSpec } from './parameters.ts'

const SLOPE = 0.2

/**
 * What the critic knows of the granularity that made a sample. 'shared': nothing; 'branches': the last hidden layer and the score
 * are the granularity's own, on shared layers (Slimmable GAN); 'conditioned': it is told, one-hot (Anycost GAN).
 * @source Hou et al., "Slimmable generative adversarial networks", 2020; Lin et al., "Anycost GANs", 2021
 */
export const CRITICS = ['shared', 'branches', 'conditioned'] as const
export type CriticKind = (typeof CRITICS)[number]

/** Sizes of the critic D(x, θ): a perceptron without any normalisation that couples samples. */
export interface CriticConfig {
  readonly kind: CriticKind
  readonly latent: number
  readonly conditionCount: number
  readonly hidden: readonly number[]
}

/** Granularities whose equal shares of a batch's rows follow one another: one for all rows, or several side by side. */
export type Sources = readonly Granularity[]

/** Where the weights after the shared layers are: one set, or one per granularity. */
const branch = (kind: CriticKind, granularity: Granularity): string =>
  kind === 'branches' ? `branch${GRANULARITIES.indexOf(granularity)}.` : ''

export const criticSpecs = ({ kind, latent, conditionCount, hidden }: CriticConfig): readonly ParameterSpec[] => {
  const told = kind === 'conditioned' ? GRANULARITIES.length : 0
  const sizes = [latent + conditionCount + told, ...hidden]
  const last = hidden.length - 1
  const layer = (prefix: string, i: number): readonly ParameterSpec[] =>
    denseSpecs(`${prefix}layer${i}`, sizes[i], sizes[i + 1], Math.SQRT2)
  const score = (prefix: string): ParameterSpec => ({
    ...{ name: `${prefix}score.w`, shape: [sizes[last + 1], 1], start: { normal: 1 / Math.sqrt(sizes[last + 1]) } },
  })
  const branches = [...new Set(GRANULARITIES.map((g) => branch(kind, g)))]
  return [
    ...hidden.slice(0, last).flatMap((_, i) => layer('', i)),
    ...branches.flatMap((prefix) => [...layer(prefix, last), score(prefix)]),
  ]
}

/** [B, granularities] a one in the column of the granularity that each row is from. */
const oneHot = (batch: number, sources: Sources): Tensor => {
  const share = batch / sources.length
  const columns = GRANULARITIES.length
  const values = new Float64Array(batch * columns)
  for (let row = 0; row < batch; row++)
    values[row * columns + GRANULARITIES.indexOf(sources[Math.floor(row / share)])] = 1
  return constant(values, [batch, columns])
}

/** A function of each source's rows, one below the other. */
const perSource = (x: Tensor, sources: Sources, map: (rows: Tensor, source: Granularity) => Tensor): Tensor => {
  if (sources.length === 1) return map(x, sources[0])
  const share = x.shape[0] / sources.length
  return concat(
    sources.map((source, i) => map(slice(x, 0, i * share, (i + 1) * share), source)),
    0,
  )
}

/**
 * D(x, θ) [B]; the score has no bias, which no difference of scores would see.
 * @param x [B, latent] @param theta [B, p]; absent when p = 0
 * @param sources which granularity made the rows; real rows are shown as if it had
 * @verifiedBy test/generative/losses.test.ts
 */
export const criticGraph = (
  { kind, hidden }: CriticConfig,
  weights: Weights,
  x: Tensor,
  theta: Tensor | undefined,
  sources: Sources,
): Tensor => {
  const told = kind === 'conditioned' ? [oneHot(x.shape[0], sources)] : []
  const seen = [x, ...(theta ? [theta] : []), ...told]
  const layer = (name: string, h: Tensor): Tensor => leakyRelu(dense(weights, name, h), SLOPE)
  const last = hidden.length - 1
  const shared = hidden.slice(0, last).reduce((h, _, i) => layer(`layer${i}`, h), seen.length > 1 ? concat(seen, 1) : x)
  const scored = (h: Tensor, prefix: string): Tensor =>
    matmul(layer(`${prefix}layer${last}`, h), weights[`${prefix}score.w`])
  const scores =
    kind === 'branches'
      ? perSource(shared, sources, (rows, source) => scored(rows, branch(kind, source)))
      : scored(shared, '')
  return reshape(scores, [x.shape[0]])
}
