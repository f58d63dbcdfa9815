import { extract } from '../src/generative/gan/extract.ts'
import { generatorSpecs } from '../src/generative/gan/generator.ts'
import type { GeneratorConfig } from '../src/generative/gan/generator-config.ts'
import { checkGeneratorConfig, DEFAULT_GENERATOR, fullHiddenSizes } from '../src/generative/gan/generator-config.ts'
import { GRANULARITIES, type Granularity, uniformGranularity } from '../src/generative/gan/granularity.ts'
import { initialParameters } from '../src/generative/gan/parameters.ts'
import { compileSampler, SAMPLE_BLOCK } from '../src/generative/gan/sampler.ts'
import { randomStream } from '../src/numeric/random.ts'
import { createExecutor, type TensorExecutor } from '../src/tensor/executor.ts'
import type { Bench, Figure } from './bench.ts'
import { medianSeconds, mustAgree } from './bench.ts'

const CONDITIONS = 2
/** Blocks of samples per timed call of ONNX Runtime, so that one takes tens of milliseconds; TensorFlow.js gets a single one. */
const BLOCKS = { residual: 128, transformer: 8 }
/** TensorFlow.js needs a second for a block of the transformer. */
const REPEATS = { residual: 7, transformer: 3 }

/** Latents and conditions of n samples. */
const inputs = (latent: number, n: number) => {
  const z = new Float64Array(n * latent)
  randomStream(1, 'bench/z').normalsInto(z, 0)
  const theta = Float64Array.from({ length: n * CONDITIONS }, (_, i) => Math.sin(i))
  return { z: Float32Array.from(z), theta, uniforms: new Float64Array(n).fill(0.5) }
}

interface Executors {
  readonly onnx: TensorExecutor
  readonly tensorflow: TensorExecutor
}

const microseconds = async ({ onnx, tensorflow }: Executors, config: GeneratorConfig, granularity: Granularity) => {
  const weights = initialParameters(generatorSpecs(config, fullHiddenSizes(config)), 1, 'bench/weights')
  const network = extract(config, weights, uniformGranularity(granularity, config.blocks))
  const [ours, theirs] = [await compileSampler(onnx, network), await compileSampler(tensorflow, network)]
  const count = SAMPLE_BLOCK * BLOCKS[config.form]
  const { z, theta, uniforms } = inputs(config.latent, count)
  const samples: Record<string, Float32Array> = {}
  const seconds = await medianSeconds(
    {
      onnx: async () => {
        samples.ours = await ours.sample(z, theta, uniforms, count)
      },
      tensorflow: async () => {
        samples.theirs = await theirs.sample(z, theta, uniforms, SAMPLE_BLOCK)
      },
    },
    REPEATS[config.form],
  )
  await Promise.all([ours.release(), theirs.release()])
  const same = samples.ours.subarray(0, samples.theirs.length)
  const agreement = mustAgree(`samples of ${config.form} at ${granularity}`, same, samples.theirs, 1e-4)
  return { onnx: (1e6 * seconds.onnx) / count, tensorflow: (1e6 * seconds.tensorflow) / SAMPLE_BLOCK, agreement }
}

export const bench: Bench = {
  about: 'sampling the generator at each granularity, ONNX Runtime against TensorFlow.js, both on one core',
  run: async () => {
    const executors = {
      onnx: await createExecutor({ kind: 'onnxruntime-cpu' }),
      tensorflow: await createExecutor({ kind: 'tfjs-cpu' }),
    }
    const figures: Figure[] = []
    const notes: string[] = []
    for (const form of ['residual', 'transformer'] as const) {
      const config = checkGeneratorConfig({ ...DEFAULT_GENERATOR, form, conditionCount: CONDITIONS })
      for (const granularity of GRANULARITIES) {
        const { onnx, tensorflow, agreement } = await microseconds(executors, config, granularity)
        const key = `${form}.${granularity}`
        figures.push(
          { key: `${key}.onnx`, value: onnx, unit: 'µs per sample' },
          { key: `${key}.tensorflow`, value: tensorflow, unit: 'µs per sample' },
          { key: `${key}.ratio`, value: tensorflow / onnx, unit: 'times faster' },
        )
        notes.push(agreement)
      }
    }
    return { figures, notes }
  },
}
