import {
  add,
  layerNorm,
  leakyRelu,
  matmul,
  mul,
  reshape,
  slice,
  softmax,
  type Tensor,
  transpose,
} from '../../tensor/graph.ts'
import type { ParameterSpec } from './parameters.ts'

/** One block's sizes. heads = 0: no attention. */
export interface BlockShape {
  readonly width: number
  readonly heads: number
  readonly hidden: number
}
export type Weights = Readonly<Record<string, Tensor>>

const SLOPE = 0.1
/** Standard deviation of W2's start times √hidden: the block starts as a small correction of its input. */
const RESIDUAL_START = 0.5

const normSpecs = (prefix: string, width: number): readonly ParameterSpec[] => [
  { name: `${prefix}.gain`, shape: [width], start: { constant: 1 } },
  { name: `${prefix}.bias`, shape: [width], start: { constant: 0 } },
]
/** W [inputs, outputs] and b [outputs]. */
export const denseSpecs = (prefix: string, inputs: number, outputs: number, gain = 1): readonly ParameterSpec[] => [
  { name: `${prefix}.w`, shape: [inputs, outputs], start: { normal: gain / Math.sqrt(inputs) } },
  { name: `${prefix}.b`, shape: [outputs], start: { constant: 0 } },
]

export const blockSpecs = (prefix: string, { width, heads, hidden }: BlockShape): readonly ParameterSpec[] => [
  ...(heads > 0
    ? [
        ...normSpecs(`${prefix}.attention.norm`, width),
        ...denseSpecs(`${prefix}.attention.in`, width, 3 * width),
        ...denseSpecs(`${prefix}.attention.out`, width, width, RESIDUAL_START),
      ]
    : []),
  ...normSpecs(`${prefix}.norm`, width),
  ...denseSpecs(`${prefix}.up`, width, hidden, Math.SQRT2),
  ...denseSpecs(`${prefix}.down`, hidden, width, RESIDUAL_START),
]

/** x W + b. @param x [rows, inputs]: with a matrix an executor adds b as it multiplies */
export const dense = (weights: Weights, prefix: string, x: Tensor): Tensor =>
  add(matmul(x, weights[`${prefix}.w`]), weights[`${prefix}.b`])

export const norm = (weights: Weights, prefix: string, x: Tensor): Tensor =>
  layerNorm(x, weights[`${prefix}.gain`], weights[`${prefix}.bias`])

/** softmax(Q Kᵀ / √d) V per head, over the tokens: [B·S, width] → [B·S, width]. */
const attention = (weights: Weights, prefix: string, x: Tensor, heads: number, tokens: number): Tensor => {
  const [rows, width] = x.shape
  const [batch, depth] = [rows / tokens, width / heads]
  const together = reshape(dense(weights, `${prefix}.in`, x), [batch, tokens, 3, heads, depth])
  const qkv = transpose(together, [2, 0, 3, 1, 4]) // one transposition; its three parts lie one after another
  const [q, k, v] = [0, 1, 2].map((part) => reshape(slice(qkv, 0, part, part + 1), [batch, heads, tokens, depth]))
  const scores = mul(matmul(q, transpose(k, [0, 1, 3, 2])), 1 / Math.sqrt(depth)) // [B, heads, S, S]
  const mixed = transpose(matmul(softmax(scores), v), [0, 2, 1, 3]) // [B, S, heads, depth]
  return dense(weights, `${prefix}.out`, reshape(mixed, [rows, width]))
}

/**
 * The block of the nested transformer: h ← h + Attention(LN h) when heads > 0, then h ← h + W2 LeakyReLU(W1 LN h), where a
 * granularity uses the first `hidden` columns of W1, numbers of b1 and rows of W2.
 * @param x [B, width] without attention; with it [B·S, width], the tokens of one sample one after another
 * @param tokens S, which only attention asks for
 * @source Devvrit et al., "MatFormer: nested transformer for elastic inference", 2023
 */
export const matformerBlock = (
  weights: Weights,
  prefix: string,
  x: Tensor,
  { heads, hidden, tokens }: Pick<BlockShape, 'heads' | 'hidden'> & { readonly tokens: number },
): Tensor => {
  const attended =
    heads > 0
      ? add(x, attention(weights, `${prefix}.attention`, norm(weights, `${prefix}.attention.norm`, x), heads, tokens))
      : x
  const nested = nestedWeights(weights, prefix, hidden)
  const up = leakyRelu(dense(nested, 'up', norm(weights, `${prefix}.norm`, attended)), SLOPE)
  return add(attended, dense(nested, 'down', up))
}

/** The leading hidden units; the whole arrays when there are no more of them. */
const nestedWeights = (weights: Weights, prefix: string, hidden: number): Weights => {
  const cut = (name: string, axis: number): Tensor => {
    const whole = weights[`${prefix}.${name}`]
    return whole.shape[axis] === hidden ? whole : slice(whole, axis, 0, hidden)
  }
  return {
    'up.w': cut('up.w', 1),
    'up.b': cut('up.b', 0),
    'down.w': cut('down.w', 0),
    'down.b': weights[`${prefix}.down.b`],
  }
}
