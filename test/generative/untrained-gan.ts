import { fitConditionalLaw } from '../../src/generative/conditional-law.ts'
import { whiteMoments } from '../../src/generative/gan/calibration.ts'
import type { GanState } from '../../src/generative/gan/gan-state.ts'
import type { GeneratorConfig } from '../../src/generative/gan/generator-config.ts'
import { whiteData } from '../../src/generative/gan/white-data.ts'
import { fitTailLaw } from '../../src/generative/tail-law.ts'
import type { TrainingData } from '../../src/generative/training-data.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { randomWeights } from './networks.ts'

/** A generator of random weights and calibrations on fitted laws: every number of it matters, and nothing was trained. */
export const untrainedGan = (data: TrainingData, config: GeneratorConfig, labels: readonly string[]): GanState => {
  const { latent } = config
  const law = fitConditionalLaw(data)
  const normals = new Float64Array(latent * (latent + 1))
  const calibrations = labels.map((label, k) => {
    randomStream(8, 'test/calibration').normalsInto(normals, k)
    const matrix = normals.slice(0, latent * latent).map((x, at) => 0.1 * x + (at % (latent + 1) === 0 ? 1 : 0))
    return [label, { matrix, shift: normals.slice(latent * latent) }] as const
  })
  return {
    kind: 'gan',
    law,
    tail: latent < data.modes ? fitTailLaw(law, data, latent, { shared: true }) : null,
    config,
    weights: randomWeights(config),
    moments: whiteMoments(whiteData(law, data, latent).x, latent),
    conditions: data.conditions,
    seed: 1,
    calibrations: Object.fromEntries(calibrations),
  }
}
