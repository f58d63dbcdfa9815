import type { JobResource } from '../client/api.ts'
import { InvalidInput } from '../numeric/errors.ts'
import type { Options } from './options.ts'
import { cliScreen } from './progress.ts'
import { theJob, theService } from './server.ts'
import { watchJob } from './watch.ts'

/** As many as a terminal shows at once. */
const NEWEST = 20

const progressOf = ({ progress }: JobResource): string =>
  progress === null ? '' : `${progress.stage} ${progress.done}/${progress.total}`

/** To the minute; the clock is the world's, as everywhere in the service. */
const minute = (time: string): string => `${time.slice(0, 16).replace('T', ' ')}Z`

const HEAD = ['id', 'kind', 'state', 'made', 'title', 'progress'] as const
const rowOf = (job: JobResource): readonly string[] => [
  job.id,
  job.kind,
  job.state,
  minute(job.createdAt),
  job.title,
  progressOf(job),
]

/** Columns as wide as their widest cell. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = HEAD.map((_, k) => Math.max(...rows.map((row) => row[k].length)))
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, k) => cell.padEnd(widths[k]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

/** Lists the newest jobs. */
export const jobs = async (options: Options, signal: AbortSignal): Promise<void> => {
  if (options.positionals.length > 0) throw InvalidInput.of('jobs', 'no argument', options.positionals.join(' '))
  const page = await theService(options, cliScreen(options)).jobs({ limit: NEWEST }, { signal })
  if (options.json) process.stdout.write(`${JSON.stringify(page)}\n`)
  else if (page.items.length === 0) process.stdout.write('no jobs yet; `nestwave submit study.json` makes one\n')
  else {
    process.stdout.write(table([HEAD, ...page.items.map(rowOf)]))
    if (page.next !== null) process.stdout.write(`and older ones (these are the newest ${NEWEST})\n`)
  }
}

const tell = (job: JobResource, { json, quiet }: Options): void => {
  if (json) process.stdout.write(`${JSON.stringify({ event: 'job', job })}\n`)
  else if (!quiet) process.stdout.write(`job ${job.id}: ${job.state}${job.reason ? ` (${job.reason})` : ''}\n`)
}

export const watch = (options: Options, signal: AbortSignal): Promise<void> => {
  const screen = cliScreen(options)
  return watchJob(theService(options, screen), theJob(options), screen, options, signal)
}

export const cancel = async (options: Options, signal: AbortSignal): Promise<void> => {
  const id = theJob(options)
  tell(await theService(options, cliScreen(options)).cancel(id, { signal }), options)
}

export const resume = async (options: Options, signal: AbortSignal): Promise<void> => {
  const id = theJob(options)
  const screen = cliScreen(options)
  const client = theService(options, screen)
  tell(await client.resume(id, { signal }), options)
  if (options.watch) await watchJob(client, id, screen, options, signal)
}
