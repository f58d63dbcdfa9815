import { type RandomStream, randomStream } from '../numeric/random.ts'
import { quantile, scaledToSupport, supportOf } from '../uq/marginal.ts'
import type { Study } from './schema.ts'

/** θ: what is known of the load in one sample. */
export interface LoadSample {
  /** Pa (traction) or m (prescribed motion) */
  readonly amplitude: number
  /** s */
  readonly arrival: number
  /** m */
  readonly position: number
  /** s */
  readonly width: number
}

const DRAWS = 4

/** θ of sample `index` of the stream `purpose`: F⁻¹ of four uniform numbers, always in the same order. */
export const loadSampler = (study: Study, purpose: string): ((index: number) => LoadSample) => {
  const stream = randomStream(study.seed, `theta/${purpose}`)
  const u = new Float64Array(DRAWS)
  const { amplitude, arrival, position, width } = study.load
  return (index) => {
    stream.uniformsInto(u, index)
    return {
      amplitude: quantile(amplitude, u[0]),
      arrival: quantile(arrival, u[1]),
      position: quantile(position, u[2]),
      width: quantile(width, u[3]),
    }
  }
}

/** The standard normals of the modulus field of a stream's samples. */
export const modulusStream = (study: Study, purpose: string): RandomStream =>
  randomStream(study.seed, `modulus/${purpose}`)

/** The latent of a stream's samples: shared by every trace model and granularity. */
export const latentStream = (study: Study, purpose: string): RandomStream =>
  randomStream(study.seed, `latent/${purpose}`)

/**
 * What the generator is told of θ. Amplitude and arrival are not among them: the full domain is linear and starts from
 * rest, so they scale and shift the trace exactly and need no learning.
 */
export const LEARNT = ['position', 'width'] as const

const learntOf = (study: Study): readonly (typeof LEARNT)[number][] =>
  LEARNT.filter((key) => study.load[key].law !== 'constant')

/** p: how many components of θ the trace models are conditioned on. */
export const conditionCount = (study: Study): number => learntOf(study).length

/** θ of n samples scaled to [−1, 1] over the training range: [n·p]. */
export const conditionsOf = (study: Study, samples: readonly LoadSample[]): Float64Array => {
  const keys = learntOf(study)
  const p = conditionCount(study)
  const out = new Float64Array(samples.length * p)
  samples.forEach((sample, n) => {
    keys.forEach((key, k) => {
      out[n * p + k] = scaledToSupport(study.load[key], sample[key])
    })
  })
  return out
}

/** The ranges that training covers, for the report's range check. */
export const trainedRanges = (
  study: Study,
): readonly { readonly key: (typeof LEARNT)[number]; readonly low: number; readonly high: number }[] =>
  learntOf(study).map((key) => {
    const [low, high] = supportOf(study.load[key])
    return { key, low, high }
  })
