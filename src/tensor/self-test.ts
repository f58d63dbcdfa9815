import type { CompiledGraph } from './compiled-graph.ts'
import { gradient } from './gradient.ts'
import {
  add,
  div,
  exp,
  input,
  layerNorm,
  leakyRelu,
  log,
  matmul,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  softmax,
  sqrt,
  square,
  sub,
  type Tensor,
  transpose,
} from './graph.ts'
import { type Shape, sizeOf } from './shape.ts'

type Tensors = Readonly<Record<string, Tensor>>

/** mean over samples of (‖∂D/∂x‖ - 1)², where D [samples] depends on x [samples, ..] sample by sample. */
export const gradientPenalty = (critic: Tensor, x: Tensor): Tensor => {
  const [g] = gradient(reduceSum(critic), [x])
  const axes = x.shape.map((_, axis) => axis).slice(1)
  return reduceMean(square(sub(sqrt(add(reduceSum(square(g), axes), 1e-12)), 1)))
}

const BATCH = 2
const TOKENS = 3
const WIDTH = 4
const HEADS = 2
const HIDDEN = 4
export const SELF_TEST_SHAPES: Readonly<Record<string, Shape>> = {
  x: [BATCH, TOKENS, WIDTH],
  gain: [WIDTH],
  bias: [WIDTH],
  wqkv: [WIDTH, 3 * WIDTH],
  wo: [WIDTH, WIDTH],
  w1: [WIDTH, 6],
  w2: [6, WIDTH],
  head: [WIDTH, 1],
}

/** [B,T,W] → [B,H,T,W/H] */
const splitHeads = (x: Tensor): Tensor => transpose(reshape(x, [BATCH, TOKENS, HEADS, WIDTH / HEADS]), [0, 2, 1, 3])

const attention = ({ gain, bias, wqkv, wo }: Tensors, x: Tensor): Tensor => {
  const qkv = matmul(layerNorm(x, gain, bias), wqkv) // [B,T,3W]
  const [q, k, v] = [0, 1, 2].map((part) => splitHeads(slice(qkv, -1, part * WIDTH, (part + 1) * WIDTH)))
  const weights = softmax(div(matmul(q, transpose(k, [0, 1, 3, 2])), Math.sqrt(WIDTH / HEADS))) // [B,H,T,T]
  const mixed = reshape(transpose(matmul(weights, v), [0, 2, 1, 3]), [BATCH, TOKENS, WIDTH])
  return matmul(mixed, wo)
}

/** One transformer block with the leading 4 of its 6 hidden units, a mean over tokens, and a smooth head: D [B]. */
export const selfTestCritic = (tensors: Tensors): Tensor => {
  const { x, w1, w2, head } = tensors
  const attended = add(x, attention(tensors, x))
  const hidden = leakyRelu(matmul(attended, slice(w1, 1, 0, HIDDEN)), 0.25) // [B,T,4]
  const out = add(attended, matmul(hidden, slice(w2, 0, 0, HIDDEN)))
  const z = reshape(matmul(reduceMean(out, [1]), head), [BATCH])
  return log(add(exp(neg(z)), 1))
}

/** Multiples of 1/128, exact in float32; `offset` 1 for the gain. */
const values = (salt: number, size: number, offset = 0): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => offset + (((11 * i * i + 37 * i + 53 * salt) % 127) - 63) / 128)

export const selfTestFeeds = (): Record<string, Float32Array> =>
  Object.fromEntries(
    Object.entries(SELF_TEST_SHAPES).map(([name, shape], i) => [
      name,
      values(7 + i, sizeOf(shape), name === 'gain' ? 1 : 0),
    ]),
  )

/** The critic, its penalty, and the penalty's derivatives by x and by a weight matrix of which a slice is used. */
export const selfTestGraph = (): Record<string, Tensor> => {
  const tensors = Object.fromEntries(
    Object.entries(SELF_TEST_SHAPES).map(([name, shape]) => [name, input(name, shape)]),
  )
  const critic = selfTestCritic(tensors)
  const penalty = gradientPenalty(critic, tensors.x)
  const [x, w1] = gradient(penalty, [tensors.x, tensors.w1])
  return { critic, penalty, byX: x, byW1: w1 }
}

/**
 * PyTorch's numbers for {@link selfTestGraph}, in double precision.
 * @source test/fixtures/gradient-penalty/make.py
 */
// biome-ignore format: a table
export const SELF_TEST_EXPECTED: Readonly<Record<string, readonly number[]>> = {
  critic: [0.530954839, 0.64884898],
  penalty: [0.382538397],
  byX: [
    0.031285817, -0.0203193616, 0.0124103319, -0.0132398857, 0.0321580937, -0.00230679558,
    0.0534743997, -0.0735902367, 0.645641521, -0.144787073, 0.0398312891, -0.528424512,
    0.0976489618, -0.0262970277, 0.00392655301, -0.0623566548, -0.0360536169, -0.00235070255,
    -0.0233673255, 0.0736643901, 0.308607098, -0.431293592, -0.532443093, 0.668051419,
  ],
  byW1: [
    0.0126517179, -0.0435931446, 0.00534548558, 0.0141860749, 0, 0,
    -0.0345414063, 0.126294041, -0.0229484893, -0.0375459605, 0, 0,
    0.0182595308, -0.0947000079, 0.0136033543, 0.0241023214, 0, 0,
    0.0074296954, -0.0112979236, 0.00303249835, 0.00947558297, 0, 0,
  ],
}

/** Largest error allowed, relative to the largest number of each gradient; float32 executors reach 2e-6. */
const TOLERANCE = 1e-5

/**
 * Why an executor must not be used, or nothing when it reproduces the stored gradient of a gradient penalty. Covers every
 * primitive at once: wrong second derivatives would train silently on a wrong number.
 * @verifiedBy test/tensor/self-test.test.ts
 */
export const selfTestFailure = async (
  compile: (outputs: Tensors) => Promise<CompiledGraph>,
): Promise<string | undefined> => {
  const graph = await compile(selfTestGraph())
  const actual = await graph.run(selfTestFeeds())
  await graph.release()
  for (const [name, expected] of Object.entries(SELF_TEST_EXPECTED)) {
    const scale = Math.max(...expected.map(Math.abs))
    const error = Math.max(...expected.map((e, i) => Math.abs(actual[name][i] - e))) / scale
    if (!(error <= TOLERANCE))
      return `${name} is off by ${error.toExponential(1)} of its largest value; allowed ${TOLERANCE}`
  }
  return undefined
}
