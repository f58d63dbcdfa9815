import { pack, unpack } from '../numeric/container.ts'
import { fitReduction, gramBytes, type Reduction, type ReductionOptions } from '../trace/reduction.ts'
import { reductionStream, type StreamedReduction, streamBytes } from '../trace/streaming-reduction.ts'
import { traceSize } from '../trace/trace.ts'
import type { Job } from './job.ts'
import { inMemory, type TraceSource } from './trace-source.ts'

/**
 * Up to this the traces are loaded and reduced by their Gram matrix, beyond it they are streamed. A number of the project and not
 * of the machine: the two differ in their last digits, and a result must not depend on where it is made.
 */
export const GRAM_BUDGET = 512 * 2 ** 20

/** Whether the Gram method stays within its budget, or at least below what a stream would take. */
export const fitsInMemory = (count: number, size: number, { modes, norm = 'l2' }: ReductionOptions): boolean =>
  gramBytes(count, size, norm) <= Math.max(GRAM_BUDGET, streamBytes(modes, size))

const loaded = async ({ progress }: Job, source: TraceSource, options: ReductionOptions): Promise<Reduction> => {
  const stage = progress.stage('reduction', 1)
  const reduction = fitReduction(await inMemory(source), options)
  stage.advance(1)
  stage.end()
  return reduction
}

const STREAMED = 'model/reduction/streamed.bin'

/** One pass over the traces, kept on disk: a recipe that waits for chunks runs again, and this takes minutes. */
const streamedOnce = async (
  { folder, progress, signal }: Job,
  source: TraceSource,
  options: ReductionOptions,
): Promise<Reduction> => {
  const found = await folder.read(STREAMED)
  if (found !== null) return unpack(found, STREAMED) as Reduction
  const stage = progress.stage('reduction', source.count)
  const stream = reductionStream(source.grid, options)
  for await (const block of source.blocks()) {
    signal.throwIfAborted()
    stream.add(block)
    stage.advance(block.count)
  }
  const { reduction, missed }: StreamedReduction = stream.finish()
  stage.end()
  const last = reduction.singularValues.at(-1)!
  progress.note(
    `${source.count} traces streamed: squared singular values are at most ${((100 * missed) / last ** 2).toPrecision(2)} % of the last kept one below the exact ones`,
  )
  await folder.write(STREAMED, pack(reduction))
  return reduction
}

/**
 * POD of a source's traces, by the method that their number asks for.
 * @throws InvalidInput for traces that do not vary
 * @verifiedBy test/study/fit-traces.test.ts
 */
export const fitTraces = (job: Job, source: TraceSource, options: ReductionOptions): Promise<Reduction> =>
  fitsInMemory(source.count, traceSize(source.grid), options)
    ? loaded(job, source, options)
    : streamedOnce(job, source, options)
