import type { CompiledGraph, TensorExecutor } from '../../tensor/executor.ts'
import { constant, input, type Tensor } from '../../tensor/graph.ts'
import { conditioningInto } from './draws.ts'
import type { ExtractedGenerator } from './extract.ts'
import { generatorGraph, generatorSpecs } from './generator.ts'
import { conditioningSize } from './generator-config.ts'
import type { Weights } from './matformer-block.ts'

/** Samples per run of the compiled network; shorter requests are padded with zeros. */
export const SAMPLE_BLOCK = 64

/** G with its weights inside: the graph that is sampled from and that `toOnnx` exports. */
export const samplingGraph = (generator: ExtractedGenerator, batch: number = SAMPLE_BLOCK): Record<string, Tensor> => {
  const { config, hidden, parameters } = generator
  const weights: Weights = Object.fromEntries(
    generatorSpecs(config, hidden).map(({ name, shape }) => [name, constant(parameters[name], shape)]),
  )
  const size = conditioningSize(config)
  const conditioning = size > 0 ? input('conditioning', [batch, size]) : undefined
  return { samples: generatorGraph(config, weights, hidden, input('z', [batch, config.latent]), conditioning) }
}

export interface Sampler {
  /**
   * @param z [n, latent] @param theta [n, p] @param uniforms [n] numbers in (0, 1) that choose the category
   * @returns [n, latent] whitened leading modes
   */
  sample(z: Float32Array, theta: Float64Array, uniforms: Float64Array, n: number): Promise<Float32Array>
  release(): Promise<void>
}

/** Memory of one request: its blocks run one after another, while other requests may run beside it. */
interface Block {
  readonly z: Float32Array
  readonly conditioning: Float32Array
  readonly samples: Float32Array
}

export const compileSampler = async (executor: TensorExecutor, generator: ExtractedGenerator): Promise<Sampler> => {
  const { config } = generator
  const { latent, conditionCount: p } = config
  const compiled: CompiledGraph = await executor.compile(samplingGraph(generator))
  const size = conditioningSize(config)
  const allocate = (): Block => ({
    z: new Float32Array(SAMPLE_BLOCK * latent),
    conditioning: new Float32Array(SAMPLE_BLOCK * size),
    samples: new Float32Array(SAMPLE_BLOCK * latent),
  })
  const run = ({ z, conditioning, samples }: Block): Promise<void> =>
    compiled.runInto({ samples }, { z, ...(size > 0 && { conditioning }) })
  const sample: Sampler['sample'] = async (z, theta, uniforms, n) => {
    const out = new Float32Array(n * latent)
    const block = allocate()
    for (let start = 0; start < n; start += SAMPLE_BLOCK) {
      const end = Math.min(n, start + SAMPLE_BLOCK)
      const rows = end - start
      block.z.fill(0, rows * latent)
      block.z.set(z.subarray(start * latent, end * latent))
      block.conditioning.fill(0, rows * size)
      conditioningInto(block.conditioning, config, theta.subarray(start * p), uniforms.subarray(start), rows)
      await run(block)
      out.set(block.samples.subarray(0, rows * latent), start * latent)
    }
    return out
  }
  return { sample, release: () => compiled.release() }
}
