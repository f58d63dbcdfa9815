import { latentDimension, type TraceModel } from '../generative/trace-model.ts'
import type { Range, Series } from './chunks.ts'
import { conditionsOf, type LoadSample, latentStream, loadSampler } from './law.ts'
import { driveOf } from './replay.ts'
import type { Study } from './schema.ts'
import type { Boundary } from './submodel-task.ts'

/** The stream of (θ, latent) that all models and granularities share: sample i is the same for all of them. */
const PURPOSE = 'estimate'

/** θ of sample i of the shared stream. */
export const estimateSampler = (study: Study): ((index: number) => LoadSample) => loadSampler(study, PURPOSE)

export const estimateSamples = (study: Study, { start, count }: Range): LoadSample[] => {
  const sample = estimateSampler(study)
  return Array.from({ length: count }, (_, k) => sample(start + k))
}

/** [count · d] standard normals */
export const estimateLatent = (study: Study, modes: number, { start, count }: Range): Float64Array => {
  const d = latentDimension(modes)
  const stream = latentStream(study, PURPOSE)
  const out = new Float64Array(count * d)
  for (let k = 0; k < count; k++) stream.normalsInto(out.subarray(k * d, (k + 1) * d), start + k)
  return out
}

/** Coefficients [count · r] of a model for samples of the shared stream. */
export const sampleModel = (study: Study, model: TraceModel, range: Range): Promise<Float64Array> => {
  const conditions = conditionsOf(study, estimateSamples(study, range))
  return model.sample(conditions, estimateLatent(study, model.modes, range), range.count)
}

/** Coefficients of a model at given conditions, with the latents of the shared stream's first samples. */
export const sampleModelAt = (
  study: Study,
  model: TraceModel,
  conditions: Float64Array,
  count: number,
): Promise<Float64Array> => model.sample(conditions, estimateLatent(study, model.modes, { start: 0, count }), count)

/** The submodel under boundaries drawn from a model. */
export const modelSeries = (study: Study, model: TraceModel, path: string, total: number): Series<Boundary> => ({
  path,
  total,
  input: async (range) => ({
    ...driveOf(study, estimateSamples(study, range)),
    coefficients: await sampleModel(study, model, range),
    rank: model.modes,
  }),
})
