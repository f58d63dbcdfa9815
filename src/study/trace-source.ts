import { type FailureReason, InvalidInput, NumericalFailure, type Problem } from '../numeric/errors.ts'
import { type TraceBatch, type TraceGrid, traceSize } from '../trace/trace.ts'
import { finiteProblem } from '../trace/trace-check.ts'
import { CHUNK, type Range, rangesOf, readChunk, readSeries } from './chunks.ts'
import type { Job } from './job.ts'
import type { Split } from './schema.ts'
import { traceGridOf } from './submodel-task.ts'

/** The traces of a split's good runs, which rest on disk: 10⁵ of them do not fit in memory. */
export interface TraceSource {
  readonly grid: TraceGrid
  /** N: good runs. */
  readonly count: number
  /** [N] sample index of each. */
  readonly indices: readonly number[]
  /** All of them in order, a chunk of runs at a time. */
  blocks(): AsyncIterable<TraceBatch>
  /** Traces start … start + count − 1: [count, D]. */
  read(range: Range): Promise<Float32Array>
}

export const splitPath = (split: Split): string => `dataset/${split}`

/** The least that any split of a study asks for; with fewer good runs nothing can be learnt or chosen. */
const FEWEST = 20

/** A damaged file or another version's: what a run calls good must be. */
const checkChunk = (
  path: string,
  grid: TraceGrid,
  { start, count }: Range,
  data: Readonly<Record<string, unknown>>,
): void => {
  const size = traceSize(grid)
  const traces = data['traces'] as Float32Array
  const status = data['status'] as string[]
  if (traces.length !== count * size)
    throw InvalidInput.of(
      path,
      `${size} values per trace`,
      `${traces.length / count} (made by another version of nestwave)`,
    )
  const problems: Problem[] = []
  for (let k = 0; k < count; k++) {
    const problem = status[k] === 'ok' ? finiteProblem(`${path}, run ${start + k}`, grid, traces, k * size) : null
    if (problem !== null) problems.push(problem)
  }
  if (problems.length > 0) throw new InvalidInput(problems)
}

/** Which runs are good: one pass over the split that also checks it. */
const goodRuns = async (job: Job, split: Split, grid: TraceGrid): Promise<number[]> => {
  const total = job.study.dataset[split]
  const indices: number[] = []
  let reason: FailureReason | null = null
  for await (const { start, count, data } of readSeries(job.folder, splitPath(split), total)) {
    checkChunk(splitPath(split), grid, { start, count }, data)
    for (const [k, state] of (data['status'] as ('ok' | FailureReason)[]).entries()) {
      if (state === 'ok') indices.push(start + k)
      else reason = state
    }
  }
  if (reason !== null && indices.length < FEWEST)
    throw new NumericalFailure(
      reason,
      `${total - indices.length} of ${total} ${split} runs failed and ${FEWEST} good ones are needed (try a smaller time.courant or modulusField.coefficientOfVariation)`,
    )
  if (indices.length < total)
    job.progress.warn(`${total - indices.length} of ${total} ${split} runs failed and are left out of what is learnt`)
  return indices
}

/** Gathers traces by sample index; the chunk that was read last is kept, since neighbours are asked for together. */
const chunkReader = ({ folder, study }: Job, split: Split, size: number) => {
  const ranges = rangesOf(study.dataset[split])
  let kept: { readonly chunk: number; readonly traces: Float32Array } | null = null
  const tracesOf = async (chunk: number): Promise<Float32Array> => {
    if (kept?.chunk === chunk) return kept.traces
    const data = await readChunk(folder, splitPath(split), ranges[chunk])
    if (data === null) throw InvalidInput.of(splitPath(split), `chunk ${chunk} on disk, as before`, 'none')
    kept = { chunk, traces: data['traces'] as Float32Array }
    return kept.traces
  }
  return async (indices: readonly number[]): Promise<Float32Array> => {
    const out = new Float32Array(indices.length * size)
    for (const [n, index] of indices.entries()) {
      const from = (index % CHUNK) * size
      out.set((await tracesOf(Math.floor(index / CHUNK))).subarray(from, from + size), n * size)
    }
    return out
  }
}

/**
 * Opens a split: checks every run, keeps none. Failed runs are left out and warned of.
 * @throws NumericalFailure when too few runs are left; InvalidInput for a run with a value that is not finite, naming run, frame
 * and point
 * @verifiedBy test/study/dataset.test.ts
 */
export const openTraces = async (job: Job, split: Split): Promise<TraceSource> => {
  const grid = traceGridOf(job.domain)
  const indices = await goodRuns(job, split, grid)
  const gather = chunkReader(job, split, traceSize(grid))
  const blocks = async function* (): AsyncGenerator<TraceBatch> {
    for (let at = 0; at < indices.length; at += CHUNK) {
      const some = indices.slice(at, at + CHUNK)
      yield { grid, count: some.length, values: await gather(some) }
    }
  }
  const read = ({ start, count }: Range): Promise<Float32Array> => gather(indices.slice(start, start + count))
  return { grid, count: indices.length, indices, blocks, read }
}

/** All traces of a source in memory. */
export const inMemory = async ({ grid, count, blocks }: TraceSource): Promise<TraceBatch> => {
  const values = new Float32Array(count * traceSize(grid))
  let at = 0
  for await (const block of blocks()) {
    values.set(block.values, at)
    at += block.values.length
  }
  return { grid, count, values }
}
