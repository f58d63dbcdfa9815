import {
  add,
  leakyRelu,
  matmul,
  mul,
  normalise,
  reshape,
  slice,
  softmax,
  type Tensor,
  transpose,
} from '../../tensor/graph.ts'
import type { ParameterSpec } from './parameters.ts'

/** Sizes of a block, or of the part of it that a granularity uses. */
export interface BlockShape {
  readonly width: number
  /** 0: no attention. */
  readonly heads: number
  /** Numbers per head. */
  readonly depth: number
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

/** Queries, keys and values, side by side in this order. */
const PARTS = 3

export const blockSpecs = (prefix: string, { width, heads, depth, hidden }: BlockShape): readonly ParameterSpec[] => [
  ...(heads > 0
    ? [
        ...normSpecs(`${prefix}.attention.norm`, width),
        ...denseSpecs(`${prefix}.attention.in`, width, PARTS * heads * depth).map((s) => ({ ...s, groups: PARTS })),
        ...denseSpecs(`${prefix}.attention.out`, heads * depth, width, RESIDUAL_START),
      ]
    : []),
  ...normSpecs(`${prefix}.norm`, width),
  ...denseSpecs(`${prefix}.up`, width, hidden, Math.SQRT2),
  ...denseSpecs(`${prefix}.down`, hidden, width, RESIDUAL_START),
]

/** x W + b. @param x [rows, inputs]: with a matrix an executor adds b as it multiplies */
export const dense = (weights: Weights, prefix: string, x: Tensor): Tensor =>
  add(matmul(x, weights[`${prefix}.w`]), weights[`${prefix}.b`])

const NORM_FLOOR = 1e-5

interface Dense {
  readonly w: Tensor
  readonly b: Tensor
}

/**
 * LN(x) W + b as x̂ W' + b', x̂ the normalised rows: (x̂∘γ + β) W + b = x̂ (γ∘W) + (βW + b). Gain and bias of the norm meet
 * the small matrix instead of every row, and so do their derivatives.
 */
const foldNorm = (weights: Weights, norm: string, dense: string): Dense => {
  const w = weights[`${dense}.w`]
  const [inputs, outputs] = w.shape
  const shift = reshape(matmul(reshape(weights[`${norm}.bias`], [1, inputs]), w), [outputs])
  return { w: mul(reshape(weights[`${norm}.gain`], [inputs, 1]), w), b: add(shift, weights[`${dense}.b`]) }
}

/** LN(x) W + b, norm and dense layer by their names. */
export const normDense = (weights: Weights, norm: string, dense: string, x: Tensor): Tensor => {
  const { w, b } = foldNorm(weights, norm, dense)
  return add(matmul(normalise(x, NORM_FLOOR), w), b)
}

/** softmax(Q Kᵀ / √d) V per head of LN x, over the tokens: [B·S, width] → [B·S, width]. */
const attention = (weights: Weights, x: Tensor, heads: number, depth: number, tokens: number): Tensor => {
  const [batch, used] = [x.shape[0] / tokens, heads * depth]
  const { w, b } = foldNorm(weights, 'norm', 'in')
  const normalised = normalise(x, NORM_FLOOR)
  // Three products with parts of the matrix: cheaper than one product cut in three.
  const [q, k, v] = [0, used, 2 * used].map((from) => {
    const rows = add(matmul(normalised, slice(w, 1, from, from + used)), slice(b, 0, from, from + used))
    return transpose(reshape(rows, [batch, tokens, heads, depth]), [0, 2, 1, 3])
  }) // [B, heads, S, depth] each
  const scores = mul(matmul(q, transpose(k, [0, 1, 3, 2])), 1 / Math.sqrt(depth)) // [B, heads, S, S]
  const mixed = transpose(matmul(softmax(scores), v), [0, 2, 1, 3]) // [B, S, heads, depth]
  return dense(weights, 'out', reshape(mixed, [batch * tokens, used]))
}

/**
 * The block of the nested transformer: h ← h + Attention(LN h) when heads > 0, then h ← h + W2 LeakyReLU(W1 LN h), where a
 * granularity uses the first `hidden` columns of W1, numbers of b1 and rows of W2, and the first `heads` of the attention heads.
 * @param x [B, width] without attention; with it [B·S, width], the tokens of one sample one after another
 * @param tokens S, which only attention asks for
 * @source Devvrit et al., "MatFormer: nested transformer for elastic inference", 2023
 */
export const matformerBlock = (
  weights: Weights,
  prefix: string,
  x: Tensor,
  { heads, depth, hidden }: BlockShape,
  tokens: number,
): Tensor => {
  const attended =
    heads > 0
      ? add(x, attention(nestedHeads(weights, `${prefix}.attention`, heads * depth), x, heads, depth, tokens))
      : x
  const nested = nestedWeights(weights, prefix, hidden)
  const up = leakyRelu(normDense(nested, 'norm', 'up', attended), SLOPE)
  return add(attended, dense(nested, 'down', up))
}

/** The leading part along an axis; the whole array when there is no more of it. */
const leading = (whole: Tensor, axis: number, count: number): Tensor =>
  whole.shape[axis] === count ? whole : slice(whole, axis, 0, count)

/** The leading hidden units. */
const nestedWeights = (weights: Weights, prefix: string, hidden: number): Weights => ({
  'norm.gain': weights[`${prefix}.norm.gain`],
  'norm.bias': weights[`${prefix}.norm.bias`],
  'up.w': leading(weights[`${prefix}.up.w`], 1, hidden),
  'up.b': leading(weights[`${prefix}.up.b`], 0, hidden),
  'down.w': leading(weights[`${prefix}.down.w`], 0, hidden),
  'down.b': weights[`${prefix}.down.b`],
})

/** The leading numbers of queries, keys and values each: [.., 3 W] → [.., 3 `used`]. */
const leadingOfParts = (whole: Tensor, used: number): Tensor => {
  const [columns, rows] = [whole.shape.at(-1)!, whole.shape.slice(0, -1)]
  if (columns === PARTS * used) return whole
  const parts = reshape(whole, [...rows, PARTS, columns / PARTS])
  return reshape(slice(parts, -1, 0, used), [...rows, PARTS * used])
}

/** The leading heads: `used` of the numbers that attention reads and writes. */
const nestedHeads = (weights: Weights, prefix: string, used: number): Weights => ({
  'norm.gain': weights[`${prefix}.norm.gain`],
  'norm.bias': weights[`${prefix}.norm.bias`],
  'in.w': leadingOfParts(weights[`${prefix}.in.w`], used),
  'in.b': leadingOfParts(weights[`${prefix}.in.b`], used),
  'out.w': leading(weights[`${prefix}.out.w`], 0, used),
  'out.b': weights[`${prefix}.out.b`],
})
