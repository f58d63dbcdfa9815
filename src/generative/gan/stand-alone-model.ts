import type { TensorExecutor } from '../../tensor/executor.ts'
import { categoryUniform, lastNormals } from '../category.ts'
import { colour, unstandardise } from '../conditional-law.ts'
import { fillTail } from '../tail-law.ts'
import { latentDimension, type TraceModel } from '../trace-model.ts'
import { checkSampleArguments } from '../training-data.ts'
import { calibrateInto } from './calibration.ts'
import { ganFlops } from './gan-flops.ts'
import { type Granularities, granularityLabel, isFull } from './granularity.ts'
import { compileSampler } from './sampler.ts'
import type { StandAlone } from './stand-alone.ts'

export interface StandAloneModel extends TraceModel {
  readonly granularities: Granularities
  /** Weights of the network. */
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

/**
 * One combination as a trace model: network on the leading whitened modes, beyond them the tail, Gaussian given them and θ.
 * @verifiedBy test/generative/gan-model.test.ts, test/study/model-export.test.ts
 */
export const standAloneModel = async (model: StandAlone, executor: TensorExecutor): Promise<StandAloneModel> => {
  const { granularities, law, tail, network, calibration } = model
  const { modes } = law
  const lead = network.config.latent
  const sampler = await compileSampler(executor, network)
  const sample: TraceModel['sample'] = async (conditions, latent, n) => {
    checkSampleArguments(conditions, law.conditionCount, latent, latentDimension(modes), n)
    const { z, white, uniforms } = splitLatent(latent, n, modes, lead)
    const raw = await sampler.sample(z, conditions, uniforms, n)
    const leading = new Float64Array(raw.length)
    calibrateInto(leading, calibration, raw, n)
    for (let i = 0; i < n; i++) white.set(leading.subarray(i * lead, (i + 1) * lead), i * modes)
    if (tail) fillTail(tail, conditions, white, lastNormals(latent, n, modes), n)
    return unstandardise(law, conditions, colour(law, white, n), n)
  }
  const label = granularityLabel(granularities)
  return {
    granularities,
    name: isFull(granularities) ? 'gan' : `gan@${label}`,
    description: `nested WGAN-GP on the leading ${lead} whitened modes, granularity ${label}; a tail beyond, normal given them`,
    modes,
    flopsPerSample: ganFlops({ law, tail, config: network.config }, network.hidden),
    parameters: Object.values(network.parameters).reduce((sum, values) => sum + values.length, 0),
    sample,
    release: () => sampler.release(),
  }
}
