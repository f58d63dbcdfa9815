import { InvalidInput } from '../../numeric/errors.ts'
import type { StandAlone } from './export-graph.ts'
import { extract } from './extract.ts'
import type { GanState } from './gan-state.ts'
import { type Granularities, granularityLabel } from './granularity.ts'

/**
 * One combination of a trained generator, cut out: nothing of the larger network is left.
 * @throws InvalidInput for a combination that has not been calibrated
 */
export const standAlone = (state: GanState, granularities: Granularities): StandAlone => {
  const network = extract(state.config, state.weights, granularities)
  const label = granularityLabel(granularities)
  const calibration = state.calibrations[label]
  if (calibration === undefined) throw InvalidInput.of('granularities', 'a calibrated combination', label)
  return { law: state.law, tail: state.tail, network, calibration }
}
