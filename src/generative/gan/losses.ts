import { criticLoss } from './critic-loss.ts'
import { uniformCombinations } from './generator-config.ts'
import { adversarial, dataLoss, distillationLoss, generatorLoss } from './generator-loss.ts'
import { type Granularities, isFull } from './granularity.ts'
import type { StepLoss } from './step-loss.ts'
import { fakesOf, full, jointFakes } from './training-networks.ts'
import type { GanOptions, TrainingMode } from './training-options.ts'

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
