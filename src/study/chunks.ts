import { pack, unpack } from '../numeric/container.ts'
import { InvalidInput } from '../numeric/errors.ts'
import type { StudyFolder } from './folder.ts'
import type { Progress } from './progress.ts'
import type { DeferringRunner, TaskRunner } from './task.ts'

/** Samples [start, start+count) of a series. Chunks are aligned on the sample index, so a series can be extended. */
export interface Range {
  readonly start: number
  readonly count: number
}

/** A series of samples on disk: one file per chunk under `path`. */
export interface Series<Input> {
  readonly path: string
  readonly total: number
  /** What the task needs for these samples, beyond their range; made just before they run. */
  input(range: Range): Promise<Input>
}

export type ChunkInput<Input> = Input & Range & { readonly path: string }
export interface ChunkOutput {
  readonly path: string
  readonly start: number
  readonly count: number
  readonly data: Readonly<Record<string, unknown>>
}

/** Samples per chunk: 1-3 s of work, and the padded block of the generator. */
export const CHUNK = 64

const FILE = /^(\d{6,})-(\d+)\.bin$/
const fileOf = ({ start, count }: Range): string => `${String(start).padStart(6, '0')}-${count}.bin`
export const rangeOf = (file: string): Range => {
  const match = FILE.exec(file)
  return match ? { start: Number(match[1]), count: Number(match[2]) } : { start: -1, count: 0 }
}

/** The aligned chunks of `total` samples. */
export const rangesOf = (total: number): Range[] =>
  Array.from({ length: Math.ceil(total / CHUNK) }, (_, k) => ({
    start: k * CHUNK,
    count: Math.min(CHUNK, total - k * CHUNK),
  }))

/** Reads one finished chunk; null when there is none. */
export const readChunk = async (
  folder: StudyFolder,
  path: string,
  range: Range,
): Promise<Readonly<Record<string, unknown>> | null> => {
  const file = `${path}/chunks/${fileOf(range)}`
  const bytes = await folder.read(file)
  return bytes === null ? null : (unpack(bytes, file) as Record<string, unknown>)
}

/** The chunks that are missing. A damaged one counts as missing: it is removed, said, and computed again. */
const missingOf = async (folder: StudyFolder, series: Series<unknown>, progress: Progress): Promise<Range[]> => {
  const present = new Map((await folder.list(`${series.path}/chunks`)).map((file) => [file, rangeOf(file)]))
  const missing: Range[] = []
  for (const range of rangesOf(series.total)) {
    const file = fileOf(range)
    if (present.has(file) && (await isWhole(folder, `${series.path}/chunks/${file}`, progress))) continue
    missing.push(range)
  }
  return missing
}

const isWhole = async (folder: StudyFolder, file: string, progress: Progress): Promise<boolean> => {
  try {
    unpack((await folder.read(file))!, file)
    return true
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    progress.warn(`${file} is damaged and is computed again (${error.problems[0].received})`)
    await folder.remove(file)
    return false
  }
}

/** Where a chunk rests, and its content: also for those that compute it elsewhere. */
const chunkFile = (chunk: Range & { readonly path: string }): string => `${chunk.path}/chunks/${fileOf(chunk)}`
export const chunkBytes = ({ data }: ChunkOutput): Uint8Array => pack(data)

const deferred = async function* (inputs: AsyncIterable<Range & { readonly path: string }>) {
  for await (const input of inputs) yield { file: chunkFile(input), count: input.count, input }
}

/**
 * Computes every missing chunk of several series through one `map`, storing each before it counts. Finished chunks are
 * never computed again.
 */
export const completeSeries = async <Input extends object>(options: {
  readonly folder: StudyFolder
  readonly runner: TaskRunner | DeferringRunner
  readonly task: string
  readonly setup: unknown
  readonly series: readonly Series<Input>[]
  readonly stage: string
  readonly progress: Progress
  readonly signal: AbortSignal
}): Promise<void> => {
  const { folder, runner, task, setup, series, progress, signal } = options
  const work: { series: Series<Input>; range: Range }[] = []
  for (const one of series)
    for (const range of await missingOf(folder, one, progress)) work.push({ series: one, range })
  const total = series.reduce((sum, one) => sum + one.total, 0)
  const todo = work.reduce((sum, { range }) => sum + range.count, 0)
  const stage = progress.stage(options.stage, total, total - todo)
  const inputs = async function* (): AsyncGenerator<ChunkInput<Input>> {
    for (const { series: one, range } of work) yield { ...(await one.input(range)), ...range, path: one.path }
  }
  if (work.length > 0 && 'defer' in runner) {
    const chunks = deferred(inputs())
    await runner.defer({ stage: options.stage, total, found: total - todo, task, setup, chunks })
  } else if (work.length > 0 && 'map' in runner)
    for await (const output of runner.map<ChunkInput<Input>, ChunkOutput>(task, setup, inputs(), signal)) {
      await folder.write(chunkFile(output), chunkBytes(output))
      stage.advance(output.count)
    }
  stage.end()
}

const earlier = (path: string): string =>
  path.startsWith('dataset/') ? ' (run `nestwave dataset` with this study first)' : ''

/** Reads a finished series in sample order. */
export const readSeries = async function* (
  folder: StudyFolder,
  path: string,
  total: number,
): AsyncGenerator<Range & { readonly data: Readonly<Record<string, unknown>> }> {
  for (const range of rangesOf(total)) {
    const data = await readChunk(folder, path, range)
    if (data === null)
      throw InvalidInput.of(
        path,
        `samples ${range.start} to ${range.start + range.count - 1}`,
        `none on disk${earlier(path)}`,
      )
    yield { ...range, data }
  }
}
