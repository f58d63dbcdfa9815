import type { GanOverrides } from '../generative/gan/training-options.ts'
import type { Study } from './schema.ts'

/** The options of the generator's training that a study sets; what it leaves out has the generator's own defaults. */
export const generatorOptions = ({ generator, seed }: Study): GanOverrides => {
  const { mode, critic, penalty, iterations, batch, checkpointEvery, ...network } = generator
  return { generator: network, mode, critic, penalty, iterations, batch, checkpointEvery, seed }
}
