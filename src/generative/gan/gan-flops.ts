import { conditionalLawFlops } from '../conditional-law.ts'
import { tailFlops } from '../tail-law.ts'
import type { GanState } from './gan-state.ts'
import { generatorFlops } from './generator.ts'

/** Counted operations of one sample: network, calibration, colouring, tail. @param hidden units per block */
export const ganFlops = (
  { law, tail, config }: Pick<GanState, 'law' | 'tail' | 'config'>,
  hidden: readonly number[],
): number =>
  generatorFlops(config, hidden) + conditionalLawFlops(law) + (tail ? tailFlops(tail) : 0) + 2 * config.latent ** 2
