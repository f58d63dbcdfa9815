import { gradient } from '../../tensor/gradient.ts'
import {
  add,
  concat,
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
import { type CriticConfig, criticGraph, criticSpecs } from './critic.ts'
import { generatorGraph, generatorSpecs } from './generator.ts'
import {
  conditioningSize,
  fullHiddenSizes,
  type GeneratorConfig,
  hiddenSizes,
  uniformCombinations,
} from './generator-config.ts'
import { type Granularities, isFull } from './granularity.ts'
import type { Weights } from './matformer-block.ts'
import type { ParameterSpec } from './parameters.ts'
import type { GanOptions } from './training-options.ts'

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
}

export const criticConfig = (options: GanOptions): CriticConfig => ({
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
  }
}

const realRows = ({ options }: Networks): Tensor => input('x', [options.batch, options.generator.latent])
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

const critic = (n: Networks, x: Tensor, theta: Tensor | undefined): Tensor =>
  criticGraph(n.criticWeights, n.options.criticHidden.length, x, theta)

/** E(‖∇D‖ − 1)² at points between real and generated samples. */
const gradientPenalty = (n: Networks, real: Tensor, fake: Tensor): Tensor => {
  const between = add(fake, mul(input('mix', [n.options.batch, 1]), sub(real, fake)))
  const theta = conditionsOf(n)
  const variables = theta && n.options.penalty === 'trace-and-condition' ? [between, theta] : [between]
  const slopes = gradient(reduceSum(critic(n, between, theta)), variables)
  const squares = slopes.map((s) => reduceSum(square(s), [1])).reduce((a, b) => add(a, b))
  return reduceMean(square(sub(sqrt(add(squares, NORM_FLOOR)), 1)))
}

/** The noise is fed with its level of the iteration in it. */
const noisy = (n: Networks, x: Tensor, name: string): Tensor =>
  n.options.instanceNoise > 0 ? add(x, input(name, x.shape)) : x

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

/**
 * One critic step: E D(G(z,θ),θ) − E D(x,θ) + λ E(‖∇D‖ − 1)², and its gradients by the critic's weights.
 * @source Gulrajani et al., "Improved training of Wasserstein GANs", NeurIPS 2017
 */
const criticStep = (options: GanOptions, fakes: (n: Networks) => Tensor): Outputs => {
  const n = networks(options)
  const real = noisy(n, realRows(n), 'realNoise')
  const fake = noisy(n, stopGradient(fakes(n)), 'fakeNoise')
  const theta = conditionsOf(n)
  const gap = sub(reduceMean(critic(n, real, theta)), reduceMean(critic(n, fake, theta)))
  const loss = add(neg(gap), mul(gradientPenalty(n, real, fake), options.penaltyWeight))
  return { gap, ...gradientsOf(loss, 'd.', n.criticWeights) }
}

const adversarial = (n: Networks, fake: Tensor): Tensor =>
  neg(reduceMean(critic(n, noisy(n, fake, 'fakeNoise'), conditionsOf(n))))

const distance = (a: Tensor, b: Tensor): Tensor => reduceMean(sqrt(add(reduceSum(square(sub(a, b)), [1]), NORM_FLOOR)))

/**
 * E‖x − G(z,θ)‖ − ½ E‖G(z,θ) − G(z',θ)‖, x and both samples at the same θ: smallest for the true conditional law, judged
 * without a critic that could learn the training data by heart.
 * @source Gneiting, Raftery, "Strictly proper scoring rules", JASA 102 (2007), §4.3
 */
const energyScore = (n: Networks, fake: Tensor, granularities: Granularities): Tensor => {
  const { batch, generator } = n.options
  const second = generate({ ...n, z: input('secondZ', [batch, generator.latent]) }, granularities)
  const real = realRows(n)
  const toReal = mul(add(distance(real, fake), distance(real, second)), 0.5)
  return sub(toReal, mul(distance(fake, second), 0.5))
}

/** The loss of one granularity against data: critic and energy score. */
const dataLoss = (n: Networks, granularities: Granularities): Tensor => {
  const fake = generate(n, granularities)
  const { energyWeight } = n.options
  return energyWeight > 0
    ? add(adversarial(n, fake), mul(energyScore(n, fake, granularities), energyWeight))
    : adversarial(n, fake)
}

const generatorStep = (options: GanOptions, loss: (n: Networks) => Tensor): Outputs => {
  const n = networks(options)
  return gradientsOf(loss(n), 'g.', n.generatorWeights)
}

const full = (config: GeneratorConfig): Granularities => uniformCombinations(config).find(isFull)!

/** −E D(G_1) + κ E‖G_g − G_1‖² / latent, G_1 a constant of the second term. */
const distillationLoss =
  (granularities: Granularities) =>
  (n: Networks): Tensor => {
    const whole = full(n.options.generator)
    const teacher = generate(n, whole)
    const difference = sub(generate(n, granularities), stopGradient(teacher))
    return add(dataLoss(n, whole), mul(reduceMean(square(difference)), n.options.distillationWeight))
  }

/** The four granularities side by side, a quarter of the batch each. */
const jointFakes = (n: Networks): Tensor => {
  const all = uniformCombinations(n.options.generator)
  const share = n.options.batch / all.length
  return concat(
    all.map((g, i) => generate(n, g, i * share, (i + 1) * share)),
    0,
  )
}

/** The graphs of one training mode; `variants` of them take turns. */
export interface StepGraphs {
  readonly critics: readonly Outputs[]
  readonly generators: readonly Outputs[]
  /** Whether the variant of an iteration is drawn at random; otherwise they are cycled. */
  readonly random: boolean
}

/** The static graphs of all steps of a training. */
export const stepGraphs = (options: GanOptions): StepGraphs => {
  const combinations = uniformCombinations(options.generator)
  const whole = full(options.generator)
  if (options.mode === 'joint') {
    const joint = (n: Networks): Tensor => adversarial(n, jointFakes(n))
    return { critics: [criticStep(options, jointFakes)], generators: [generatorStep(options, joint)], random: false }
  }
  if (options.mode === 'sampled') {
    const fakesOf = (g: Granularities) => (n: Networks) => generate(n, g)
    const critics = combinations.map((g) => criticStep(options, fakesOf(g)))
    const generators = combinations.map((g) => generatorStep(options, (n) => dataLoss(n, g)))
    return { critics, generators, random: true }
  }
  const students = combinations.filter((g) => !isFull(g))
  return {
    critics: [criticStep(options, (n) => generate(n, whole))],
    generators: students.map((g) => generatorStep(options, distillationLoss(g))),
    random: false,
  }
}

/** Samples [B, latent] of the full network and scores [B] of the critic, weights fed: what evaluations run. */
export const evaluationGraphs = (options: GanOptions): { readonly samples: Outputs; readonly scores: Outputs } => {
  const n = networks(options)
  const x = input('x', [options.batch, options.generator.latent])
  return {
    samples: { samples: generate(n, full(options.generator)) },
    scores: { scores: critic(n, x, conditionsOf(n)) },
  }
}
