import type { Shapes } from '../../numeric/tensor-tree.ts'
import type { ConditionalLaw } from '../conditional-law.ts'
import type { TailLaw } from '../tail-law.ts'
import type { Calibration } from './calibration.ts'
import { type ExtractedGenerator, extract } from './extract.ts'
import { calibrationOf, type GanState } from './gan-state.ts'
import { lawShapes, tailShapes } from './gan-tensors.ts'
import { generatorSpecs } from './generator.ts'
import type { Granularities } from './granularity.ts'

/** A generator at one combination, cut out, with all that turns its outputs into coefficients: nothing of the larger one is left. */
export interface StandAlone {
  readonly granularities: Granularities
  readonly law: ConditionalLaw
  /** The modes that the network does not produce; null where it produces all. */
  readonly tail: TailLaw | null
  readonly network: ExtractedGenerator
  readonly calibration: Calibration
}

/** @throws InvalidInput for a combination that has not been calibrated, or that the network does not have */
export const standAlone = (state: GanState, granularities: Granularities): StandAlone => {
  const { law, tail } = state
  const network = extract(state.config, state.weights, granularities)
  return { granularities, law, tail, network, calibration: calibrationOf(state, granularities) }
}

/** The shape of every array of a stand-alone generator, as its sizes ask for. */
export const standAloneShapes = ({ law, tail, network }: StandAlone): Shapes => {
  const { config, hidden } = network
  const weights = generatorSpecs(config, hidden).map(({ name, shape }) => [`network.parameters.${name}`, shape])
  return {
    ...lawShapes(law),
    ...tailShapes(law, tail),
    ...Object.fromEntries(weights),
    'calibration.matrix': [config.latent, config.latent],
    'calibration.shift': [config.latent],
  }
}
