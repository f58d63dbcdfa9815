import type { TraceModel } from '../generative/trace-model.ts'
import type { LoadSample } from './law.ts'
import { estimateSamples, sampleModel } from './sampling.ts'
import type { Study } from './schema.ts'

/**
 * Samples per block: eight of the generator's blocks of 64, aligned on the sample index like those, so that any count and any
 * interruption give the same bits; small, so that the memory does not depend on the count.
 */
const BLOCK = 512

export interface SampleBlock {
  readonly start: number
  readonly count: number
  /** θ of each */
  readonly load: readonly LoadSample[]
  /** [count · r] */
  readonly coefficients: Float64Array
}

/**
 * The first `total` samples of the shared stream, block by block: what `estimate` drives its submodel with, without end.
 * @verifiedBy test/cli/sample.test.ts, test/outside/sample-memory.test.ts (constant memory)
 */
export async function* sampleBlocks(
  study: Study,
  model: TraceModel,
  total: number,
  signal: AbortSignal,
): AsyncGenerator<SampleBlock> {
  for (let start = 0; start < total; start += BLOCK) {
    signal.throwIfAborted()
    const range = { start, count: Math.min(BLOCK, total - start) }
    yield { ...range, load: estimateSamples(study, range), coefficients: await sampleModel(study, model, range) }
  }
}
