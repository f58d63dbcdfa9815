import { concat, leakyRelu, matmul, reshape, type Tensor } from '../../tensor/graph.ts'
import { dense, denseSpecs, type Weights } from './matformer-block.ts'
import type { ParameterSpec } from './parameters.ts'

const SLOPE = 0.2

/** Sizes of the critic D(x, θ): a perceptron without any normalisation that couples samples. */
export interface CriticConfig {
  readonly latent: number
  readonly conditionCount: number
  readonly hidden: readonly number[]
}

export const criticSpecs = ({ latent, conditionCount, hidden }: CriticConfig): readonly ParameterSpec[] => {
  const sizes = [latent + conditionCount, ...hidden]
  return [
    ...hidden.flatMap((units, i) => denseSpecs(`layer${i}`, sizes[i], units, Math.SQRT2)),
    { name: 'score.w', shape: [sizes[hidden.length], 1], start: { normal: 1 / Math.sqrt(sizes[hidden.length]) } },
  ]
}

/** D(x, θ) [B]; the score has no bias, which no difference of scores would see. @param x [B, latent] @param theta [B, p]; absent when p = 0 */
export const criticGraph = (weights: Weights, layers: number, x: Tensor, theta: Tensor | undefined): Tensor => {
  let h = theta ? concat([x, theta], 1) : x
  for (let i = 0; i < layers; i++) h = leakyRelu(dense(weights, `layer${i}`, h), SLOPE)
  return reshape(matmul(h, weights['score.w']), [x.shape[0]])
}
