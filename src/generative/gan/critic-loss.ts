import { gradient } from '../../tensor/gradient.ts'
import {
  add,
  concat,
  constant,
  mul,
  neg,
  reduceMean,
  reduceSum,
  sqrt,
  square,
  stopGradient,
  sub,
  type Tensor,
} from '../../tensor/graph.ts'
import type { Sources } from './critic.ts'
import { ROOT_FLOOR } from './root-floor.ts'
import type { StepLoss } from './step-loss.ts'
import { conditionsOf, critic, type Fakes, type Networks, networks, noisy } from './training-networks.ts'
import type { GanOptions } from './training-options.ts'

/** E(‖∇D‖ − 1)² at points between real and generated samples. */
const gradientPenalty = (n: Networks, real: Tensor, fake: Tensor, sources: Sources): Tensor => {
  const between = add(fake, mul(n.mix, sub(real, fake)))
  const theta = conditionsOf(n)
  const variables = theta && n.options.penalty === 'trace-and-condition' ? [between, theta] : [between]
  const slopes = gradient(reduceSum(critic(n, between, theta, sources)), variables)
  const squares = slopes.map((s) => reduceSum(square(s), [1])).reduce((a, b) => add(a, b))
  return reduceMean(square(sub(sqrt(add(squares, ROOT_FLOOR)), 1)))
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

/** E D(G(z,θ),θ) − E D(x,θ) + λ E(‖∇D‖ − 1)² of one network. */
const oneLoss = (n: Networks, { rows, sources }: Fakes): Tensor => {
  const real = noisy(n, n.x, n.realNoise)
  const fake = noisy(n, stopGradient(rows), n.fakeNoise)
  const gap = meanDifference(n, real, fake, sources)
  return add(neg(gap), mul(gradientPenalty(n, real, fake, sources), n.options.penaltyWeight))
}

/**
 * One critic step: E D(G(z,θ),θ) − E D(x,θ) + λ E(‖∇D‖ − 1)², summed over the networks that meet the critic.
 * @source Gulrajani et al., "Improved training of Wasserstein GANs", NeurIPS 2017
 */
export const criticLoss = (options: GanOptions, fakes: (n: Networks) => readonly Fakes[]): StepLoss => {
  const n = networks(options)
  const loss = fakes(n)
    .map((f) => oneLoss(n, f))
    .reduce((a, b) => add(a, b))
  return { loss, prefix: 'd.', weights: n.criticWeights }
}
