import { InvalidInput } from '../../numeric/errors.ts'
import { criticSpecs } from './critic.ts'
import { generatorSpecs } from './generator.ts'
import { fullHiddenSizes } from './generator-config.ts'
import { initialParameters } from './parameters.ts'
import { criticConfig } from './training-networks.ts'
import type { GanOptions } from './training-options.ts'

/** Weights and Adam's moments of one network, all [P]. */
export interface NetworkState {
  readonly weights: Float32Array
  readonly firstMoment: Float32Array
  readonly secondMoment: Float32Array
}

/** One evaluation of the training curve. */
export interface TrainingRecord {
  readonly iteration: number
  /** Of the iteration's generator step, on its batch; absent in records of earlier versions. */
  readonly generatorLoss?: number
  /** Of the iteration's last critic step, likewise. */
  readonly criticLoss?: number
  /** Critic's mean score of training data minus that of generated samples at the same conditions. */
  readonly criticGap: number
  /** The same on validation data; training without over-fitting keeps both together. */
  readonly heldOutGap: number
  /** Sliced 1-Wasserstein distance of (w, θ) between validation data and generated samples. */
  readonly validationDistance: number
}

/** All that a training needs to go on: plain data, complete, resumed to the same bits. */
export interface GanCheckpoint {
  /** Iterations done. */
  readonly iteration: number
  readonly generator: NetworkState
  readonly critic: NetworkState
  /** Moving average of the generator's weights. */
  readonly average: Float32Array
  readonly best: { readonly iteration: number; readonly distance: number; readonly weights: Float32Array }
  readonly history: readonly TrainingRecord[]
}

const networkOf = (weights: Float32Array): NetworkState => ({
  weights,
  firstMoment: new Float32Array(weights.length),
  secondMoment: new Float32Array(weights.length),
})

/** The state before the first iteration. */
export const initialCheckpoint = (options: GanOptions): GanCheckpoint => {
  const generator = generatorSpecs(options.generator, fullHiddenSizes(options.generator))
  const weights = initialParameters(generator, options.seed, 'gan/generator')
  const critic = initialParameters(criticSpecs(criticConfig(options)), options.seed, 'gan/critic')
  return {
    iteration: 0,
    generator: networkOf(weights),
    critic: networkOf(critic),
    average: weights.slice(),
    best: { iteration: 0, distance: Number.POSITIVE_INFINITY, weights: weights.slice() },
    history: [],
  }
}

const copyNetwork = (n: NetworkState): NetworkState => ({
  weights: n.weights.slice(),
  firstMoment: n.firstMoment.slice(),
  secondMoment: n.secondMoment.slice(),
})

/** A copy that the running training does not overwrite. */
export const copyCheckpoint = (c: GanCheckpoint): GanCheckpoint => ({
  iteration: c.iteration,
  generator: copyNetwork(c.generator),
  critic: copyNetwork(c.critic),
  average: c.average.slice(),
  best: { ...c.best, weights: c.best.weights.slice() },
  history: [...c.history],
})

/** @throws InvalidInput when a checkpoint belongs to networks of other sizes */
export const checkCheckpoint = (checkpoint: GanCheckpoint, options: GanOptions): GanCheckpoint => {
  const fresh = initialCheckpoint(options)
  for (const part of ['generator', 'critic'] as const) {
    const [expected, received] = [fresh[part].weights.length, checkpoint[part].weights.length]
    if (expected !== received) throw InvalidInput.of(`checkpoint.${part}`, `${expected} weights`, received)
  }
  if (checkpoint.iteration > options.iterations)
    throw InvalidInput.of('checkpoint.iteration', `≤ ${options.iterations}`, checkpoint.iteration)
  return copyCheckpoint(checkpoint)
}
