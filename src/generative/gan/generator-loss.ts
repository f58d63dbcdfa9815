import { add, mul, neg, reduceMean, square, stopGradient, sub, type Tensor } from '../../tensor/graph.ts'
import { energyScore, twoSamples } from './energy-score.ts'
import type { Granularities } from './granularity.ts'
import type { StepLoss } from './step-loss.ts'
import { conditionsOf, critic, type Fakes, fakesOf, full, type Networks, networks, noisy } from './training-networks.ts'
import type { GanOptions } from './training-options.ts'

export const adversarial = (n: Networks, { rows, sources }: Fakes): Tensor =>
  neg(reduceMean(critic(n, noisy(n, rows, n.fakeNoise), conditionsOf(n), sources)))

/** The loss of one granularity against data: critic and energy score. @returns also the samples of z */
export const dataLoss = (
  n: Networks,
  granularities: Granularities,
): { readonly loss: Tensor; readonly samples: Tensor } => {
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

export const generatorLoss = (options: GanOptions, loss: (n: Networks) => Tensor): StepLoss => {
  const n = networks(options)
  return { loss: loss(n), prefix: 'g.', weights: n.generatorWeights }
}

/** −E D(G_1) + κ E‖G_g − G_1‖² / latent, G_1 a constant of the second term; −E D(G_g) if the critic tells them apart. */
export const distillationLoss =
  (granularities: Granularities) =>
  (n: Networks): Tensor => {
    const whole = full(n.options.generator)
    const teacher = dataLoss(n, whole)
    const student = fakesOf(n, granularities)
    const copied = reduceMean(square(sub(student.rows, stopGradient(teacher.samples))))
    const loss = add(teacher.loss, mul(copied, n.options.distillationWeight))
    return n.options.critic === 'shared' ? loss : add(loss, adversarial(n, student))
  }
