import { gradient } from '../../tensor/gradient.ts'
import {
  add,
  concat,
  constant,
  input,
  mul,
  neg,
  reduceMean,
  reduceSum,
  slice,
  sqrt,
  square,
  stopGradient,
  sub,
  type Tensor,
} from '../../tensor/graph.ts'
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
import type { GanOptions, TrainingMode } from './training-options.ts'

export type Outputs = Readonly<Record<string, Tensor>>

/** Inside the root of the gradient norm: keeps its derivative finite. */
const NORM_FLOOR = 1e-12

export const weightInputs = (prefix: string, specs: readonly ParameterSpec[]): Weights =>
  Object.fromEntries(specs.map(({ name, shape }) => [name, input(`${prefix}${name}`, shape)]))

/** The inputs that the graphs of one training share, and what is built on them. */
interface Networks {
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

const networks = (options: GanOptions): Networks => {
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

const rows = (x: Tensor, start: number, end: number): Tensor => slice(x, 0, start, end)
const generate = (n: Networks, granularities: Granularities, start = 0, end = n.options.batch): Tensor => {
  const cut = (x: Tensor): Tensor => (start === 0 && end === n.options.batch ? x : rows(x, start, end))
  const { generator } = n.options
  const conditioning = n.conditioning && cut(n.conditioning)
  return generatorGraph(generator, n.generatorWeights, hiddenSizes(generator, granularities), cut(n.z), conditioning)
}

/** θ: the leading p columns of the conditioning (the category is no part of the law, the critic does not see it). */
const conditionsOf = (n: Networks): Tensor | undefined => {
  const p = n.options.generator.conditionCount
  if (p === 0 || !n.conditioning) return undefined
  return n.conditioning.shape[1] === p ? n.conditioning : slice(n.conditioning, 1, 0, p)
}

const critic = (n: Networks, x: Tensor, theta: Tensor | undefined, sources: Sources): Tensor =>
  criticGraph(criticConfig(n.options), n.criticWeights, x, theta, sources)

/** E(‖∇D‖ − 1)² at points between real and generated samples. */
const gradientPenalty = (n: Networks, real: Tensor, fake: Tensor, sources: Sources): Tensor => {
  const between = add(fake, mul(n.mix, sub(real, fake)))
  const theta = conditionsOf(n)
  const variables = theta && n.options.penalty === 'trace-and-condition' ? [between, theta] : [between]
  const slopes = gradient(reduceSum(critic(n, between, theta, sources)), variables)
  const squares = slopes.map((s) => reduceSum(square(s), [1])).reduce((a, b) => add(a, b))
  return reduceMean(square(sub(sqrt(add(squares, NORM_FLOOR)), 1)))
}

const noisy = (n: Networks, x: Tensor, noise: Tensor): Tensor => (n.options.instanceNoise > 0 ? add(x, noise) : x)

/** Generated rows, and which granularities they are from. */
interface Fakes {
  readonly rows: Tensor
  readonly sources: Sources
}

/** Outputs may not share the names of inputs. */
export const GRADIENT = 'grad.'

const gradientsOf = (loss: Tensor, prefix: string, weights: Weights): Outputs => {
  const names = Object.keys(weights)
  const slopes = gradient(
    loss,
    names.map((name) => weights[name]),
  )
  return Object.fromEntries(names.map((name, i) => [`${GRADIENT}${prefix}${name}`, slopes[i]]))
}

/** A loss and the weights that it teaches; `prefix` names them among all inputs. */
export interface StepLoss {
  readonly loss: Tensor
  readonly prefix: 'g.' | 'd.'
  readonly weights: Weights
  readonly gap?: Tensor
}

/** E D(a,θ) − E D(b,θ). Rows of one source go through the critic together: half as many operations, on twice the rows. */
const meanDifference = (n: Networks, a: Tensor, b: Tensor, sources: Sources): Tensor => {
  const theta = conditionsOf(n)
  if (sources.length > 1) return sub(reduceMean(critic(n, a, theta, sources)), reduceMean(critic(n, b, theta, sources)))
  const scores = critic(n, concat([a, b], 0), theta && concat([theta, theta], 0), sources)
  const { batch } = n.options
  const shares = Float64Array.from({ length: 2 * batch }, (_, i) => (i < batch ? 1 : -1) / batch)
  return reduceSum(mul(scores, constant(shares)))
}

/** E D(x,θ) − E D(G(z,θ),θ), and its negative with λ E(‖∇D‖ − 1)². */
const criticTerms = (n: Networks, { rows, sources }: Fakes): { readonly gap: Tensor; readonly loss: Tensor } => {
  const real = noisy(n, n.x, n.realNoise)
  const fake = noisy(n, stopGradient(rows), n.fakeNoise)
  const gap = meanDifference(n, real, fake, sources)
  return { gap, loss: add(neg(gap), mul(gradientPenalty(n, real, fake, sources), n.options.penaltyWeight)) }
}

/**
 * One critic step: E D(G(z,θ),θ) − E D(x,θ) + λ E(‖∇D‖ − 1)², summed over the networks that meet the critic; the gap is the first
 * one's.
 * @source Gulrajani et al., "Improved training of Wasserstein GANs", NeurIPS 2017
 */
const criticLoss = (options: GanOptions, fakes: (n: Networks) => readonly Fakes[]): StepLoss => {
  const n = networks(options)
  const terms = fakes(n).map((f) => criticTerms(n, f))
  const loss = terms.map((t) => t.loss).reduce((a, b) => add(a, b))
  return { loss, gap: terms[0].gap, prefix: 'd.', weights: n.criticWeights }
}

const adversarial = (n: Networks, { rows, sources }: Fakes): Tensor =>
  neg(reduceMean(critic(n, noisy(n, rows, n.fakeNoise), conditionsOf(n), sources)))

const distance = (a: Tensor, b: Tensor): Tensor => reduceMean(sqrt(add(reduceSum(square(sub(a, b)), [1]), NORM_FLOOR)))

/**
 * E‖x − G(z,θ)‖ − ½ E‖G(z,θ) − G(z',θ)‖, x and both samples at the same θ: smallest for the true conditional law, judged
 * without a critic that could learn the training data by heart.
 * @source Gneiting, Raftery, "Strictly proper scoring rules", JASA 102 (2007), §4.3
 */
const energyScore = (n: Networks, [fake, second]: readonly [Tensor, Tensor]): Tensor => {
  const toReal = mul(add(distance(n.x, fake), distance(n.x, second)), 0.5)
  return sub(toReal, mul(distance(fake, second), 0.5))
}

/**
 * Samples of z and of a second latent at the same θ. Without tokens a batch has few rows, and both go through the network together;
 * with tokens the products are large as it is, and separate samples share their first attention with a student at the same z.
 */
const twoSamples = (n: Networks, granularities: Granularities): readonly [Tensor, Tensor] => {
  const { batch, generator } = n.options
  const { z, conditioning } = n
  const secondZ = input('secondZ', [batch, generator.latent])
  if (generator.form === 'transformer')
    return [generate(n, granularities), generate({ ...n, z: secondZ }, granularities)]
  const twice = {
    ...n,
    z: concat([z, secondZ], 0),
    conditioning: conditioning && concat([conditioning, conditioning], 0),
  }
  const both = generate(twice, granularities)
  return [rows(both, 0, batch), rows(both, batch, 2 * batch)]
}

/** The samples of a uniform sub-network. */
const fakesOf = (n: Networks, granularities: Granularities): Fakes => ({
  rows: generate(n, granularities),
  sources: [granularities[0]],
})

/** The loss of one granularity against data: critic and energy score. @returns also the samples of z */
const dataLoss = (n: Networks, granularities: Granularities): { readonly loss: Tensor; readonly samples: Tensor } => {
  const { energyWeight } = n.options
  const sources = [granularities[0]]
  if (energyWeight === 0) {
    const fakes = fakesOf(n, granularities)
    return { loss: adversarial(n, fakes), samples: fakes.rows }
  }
  const two = twoSamples(n, granularities)
  const score = mul(energyScore(n, two), energyWeight)
  return { loss: add(adversarial(n, { rows: two[0], sources }), score), samples: two[0] }
}

const generatorLoss = (options: GanOptions, loss: (n: Networks) => Tensor): StepLoss => {
  const n = networks(options)
  return { loss: loss(n), prefix: 'g.', weights: n.generatorWeights }
}

const full = (config: GeneratorConfig): Granularities => uniformCombinations(config).find(isFull)!

/** −E D(G_1) + κ E‖G_g − G_1‖² / latent, G_1 a constant of the second term; −E D(G_g) if the critic tells them apart. */
const distillationLoss =
  (granularities: Granularities) =>
  (n: Networks): Tensor => {
    const whole = full(n.options.generator)
    const teacher = dataLoss(n, whole)
    const student = fakesOf(n, granularities)
    const copied = reduceMean(square(sub(student.rows, stopGradient(teacher.samples))))
    const loss = add(teacher.loss, mul(copied, n.options.distillationWeight))
    return n.options.critic === 'shared' ? loss : add(loss, adversarial(n, student))
  }

/** The four granularities side by side, a quarter of the batch each. */
const jointFakes = (n: Networks): Fakes => {
  const all = uniformCombinations(n.options.generator)
  const share = n.options.batch / all.length
  const parts = all.map((g, i) => generate(n, g, i * share, (i + 1) * share))
  return { rows: concat(parts, 0), sources: GRANULARITIES }
}

/** Losses of the steps of one training mode; where there are several, they take turns. */
export interface StepLosses {
  readonly critics: readonly StepLoss[]
  readonly generators: readonly StepLoss[]
  /** Whether the variant of an iteration is drawn at random; otherwise they are cycled. */
  readonly random: boolean
}

const jointLosses = (options: GanOptions): StepLosses => ({
  critics: [criticLoss(options, (n) => [jointFakes(n)])],
  generators: [generatorLoss(options, (n) => adversarial(n, jointFakes(n)))],
  random: false,
})

const sampledLosses = (options: GanOptions): StepLosses => {
  const combinations = uniformCombinations(options.generator)
  return {
    critics: combinations.map((g) => criticLoss(options, (n) => [fakesOf(n, g)])),
    generators: combinations.map((g) => generatorLoss(options, (n) => dataLoss(n, g).loss)),
    random: true,
  }
}

const distillationLosses = (options: GanOptions): StepLosses => {
  const whole = full(options.generator)
  const students = uniformCombinations(options.generator).filter((g) => !isFull(g))
  const judged = (others: readonly Granularities[]): StepLoss =>
    criticLoss(options, (n) => [whole, ...others].map((g) => fakesOf(n, g)))
  const alone = { critics: [judged([])], random: false }
  if (options.critic === 'shared' && options.distillationWeight === 0)
    return { ...alone, generators: [generatorLoss(options, (n) => dataLoss(n, whole).loss)] }
  const generators = students.map((g) => generatorLoss(options, distillationLoss(g)))
  if (options.critic === 'shared') return { ...alone, generators }
  return { critics: students.map((g) => judged([g])), generators, random: false }
}

const LOSSES: Readonly<Record<TrainingMode, (options: GanOptions) => StepLosses>> = {
  distillation: distillationLosses,
  sampled: sampledLosses,
  joint: jointLosses,
}

/**
 * The losses of all steps of a training.
 * @verifiedBy test/generative/losses.test.ts
 */
export const stepLosses = (options: GanOptions): StepLosses => LOSSES[options.mode](options)

/** The graphs of one training mode: gradients of {@link stepLosses}. */
export interface StepGraphs {
  readonly critics: readonly Outputs[]
  readonly generators: readonly Outputs[]
  readonly random: boolean
}

const graphOf = ({ loss, prefix, weights, gap }: StepLoss): Outputs => ({
  ...(gap && { gap }),
  ...gradientsOf(loss, prefix, weights),
})

/** The static graphs of all steps of a training. */
export const stepGraphs = (options: GanOptions): StepGraphs => {
  const { critics, generators, random } = stepLosses(options)
  return { critics: critics.map(graphOf), generators: generators.map(graphOf), random }
}

/** Samples [B, latent] of the full network and scores [B] of the critic, weights fed: what evaluations run. */
export const evaluationGraphs = (options: GanOptions): { readonly samples: Outputs; readonly scores: Outputs } => {
  const n = networks(options)
  return {
    samples: { samples: generate(n, full(options.generator)) },
    scores: { scores: critic(n, n.x, conditionsOf(n), [1]) },
  }
}
