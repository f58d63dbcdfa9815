import { add, concat, input, mul, reduceMean, reduceSum, sqrt, square, sub, type Tensor } from '../../tensor/graph.ts'
import type { Granularities } from './granularity.ts'
import { ROOT_FLOOR } from './root-floor.ts'
import { generate, type Networks, rows } from './training-networks.ts'

const distance = (a: Tensor, b: Tensor): Tensor => reduceMean(sqrt(add(reduceSum(square(sub(a, b)), [1]), ROOT_FLOOR)))

/**
 * E‖x − G(z,θ)‖ − ½ E‖G(z,θ) − G(z',θ)‖, x and both samples at the same θ: smallest for the true conditional law, judged
 * without a critic that could learn the training data by heart.
 * @source Gneiting, Raftery, "Strictly proper scoring rules", JASA 102 (2007), §4.3
 */
export const energyScore = (n: Networks, [fake, second]: readonly [Tensor, Tensor]): Tensor => {
  const toReal = mul(add(distance(n.x, fake), distance(n.x, second)), 0.5)
  return sub(toReal, mul(distance(fake, second), 0.5))
}

/**
 * Samples of z and of a second latent at the same θ. Without tokens a batch has few rows, and both go through the network together;
 * with tokens the products are large as it is, and separate samples share their first attention with a student at the same z.
 */
export const twoSamples = (n: Networks, granularities: Granularities): readonly [Tensor, Tensor] => {
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
