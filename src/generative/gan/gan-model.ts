import { InvalidInput } from '../../numeric/errors.ts'
import type { TensorExecutor } from '../../tensor/executor.ts'
import { categoryUniform } from '../category.ts'
import { colour, conditionalLawFlops, unstandardise } from '../conditional-law.ts'
import { fillTail, tailFlops } from '../tail-law.ts'
import { latentDimension, type TraceModel } from '../trace-model.ts'
import { checkSampleArguments } from '../training-data.ts'
import { calibrateInto } from './calibration.ts'
import { extract } from './extract.ts'
import type { GanState } from './gan-state.ts'
import { generatorFlops } from './generator.ts'
import { checkGranularities, type Granularities, granularityLabel, isFull, uniformGranularity } from './granularity.ts'
import { compileSampler } from './sampler.ts'

export interface GanModel extends TraceModel {
  readonly state: GanState
  readonly granularities: Granularities
  /** Weights of the extracted network. */
  readonly parameters: number
  release(): Promise<void>
}

/** The latent's leading L normals, the tail's normals beside room for the L network outputs, and the category. */
const splitLatent = (latent: Float64Array, n: number, modes: number, lead: number) => {
  const d = latentDimension(modes)
  const z = new Float32Array(n * lead)
  const white = new Float64Array(n * modes)
  const uniforms = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < lead; k++) z[i * lead + k] = latent[i * d + k]
    for (let k = lead; k < modes; k++) white[i * modes + k] = latent[i * d + k]
    uniforms[i] = categoryUniform(latent, i, modes)
  }
  return { z, white, uniforms }
}

const calibrationOf = (state: GanState, granularities: Granularities) => {
  const label = granularityLabel(granularities)
  const calibration = state.calibrations[label]
  if (calibration) return calibration
  const known = Object.keys(state.calibrations).join(', ')
  throw InvalidInput.of('granularities', `a calibrated combination (${known}; see calibrateGan)`, label)
}

/** Counted operations of one sample: network, calibration, colouring, tail. @param hidden units per block */
export const ganFlops = ({ law, tail, config }: GanState, hidden: readonly number[]): number =>
  generatorFlops(config, hidden) + conditionalLawFlops(law) + (tail ? tailFlops(tail) : 0) + 2 * config.latent ** 2

/**
 * The generator at one granularity per block: network on the leading whitened modes, beyond them the tail, Gaussian given them and θ.
 * @throws InvalidInput for a combination that has not been calibrated
 * @verifiedBy test/generative/gan-model.test.ts
 */
export const ganModel = async (
  state: GanState,
  executor: TensorExecutor,
  granularities: Granularities = uniformGranularity(1, state.config.blocks),
): Promise<GanModel> => {
  const { law, tail, config, weights } = state
  const { modes } = law
  const lead = config.latent
  const calibration = calibrationOf(state, checkGranularities(granularities, config.blocks))
  const extracted = extract(config, weights, granularities)
  const sampler = await compileSampler(executor, extracted)
  const sample: TraceModel['sample'] = async (conditions, latent, n) => {
    checkSampleArguments(conditions, law.conditionCount, latent, latentDimension(modes), n)
    const { z, white, uniforms } = splitLatent(latent, n, modes, lead)
    const raw = await sampler.sample(z, conditions, uniforms, n)
    const leading = new Float64Array(raw.length)
    calibrateInto(leading, calibration, raw, n)
    for (let i = 0; i < n; i++) white.set(leading.subarray(i * lead, (i + 1) * lead), i * modes)
    if (tail) fillTail(tail, conditions, white, n)
    return unstandardise(law, conditions, colour(law, white, n), n)
  }
  const label = granularityLabel(granularities)
  return {
    state,
    granularities,
    name: isFull(granularities) ? 'gan' : `gan@${label}`,
    description: `nested WGAN-GP on the leading ${lead} whitened modes, granularity ${label}; a Gaussian tail given them beyond`,
    modes,
    flopsPerSample: ganFlops(state, extracted.hidden),
    parameters: Object.values(extracted.parameters).reduce((sum, values) => sum + values.length, 0),
    sample,
    release: () => sampler.release(),
  }
}
