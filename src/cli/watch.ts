import type { JobResource } from '../client/api.ts'
import type { NestwaveClient } from '../client/client.ts'
import type { ReportJson } from '../study/report-json.ts'
import { Advised } from './advice.ts'
import { follower } from './follow.ts'
import type { Options } from './options.ts'
import type { Screen } from './progress.ts'
import { headlines } from './summary.ts'

const isFinal = ({ state }: JobResource): boolean => state !== 'queued' && state !== 'running'

const follow = async (
  client: NestwaveClient,
  id: string,
  screen: Screen,
  signal: AbortSignal,
): Promise<JobResource> => {
  const show = follower(screen)
  for (let after = 0; ; ) {
    for await (const event of client.events(id, { after, signal })) {
      after = event.seq
      show(event)
    }
    // Somebody may have resumed or extended it between its last event and now.
    const job = await client.job(id, { signal })
    if (isFinal(job)) return job
  }
}

const endOf = ({ id, state, reason, error }: JobResource): Advised => {
  const why = [error?.message ?? reason ?? '', ...(error?.errors ?? []).map(told)].filter((text) => text !== '')
  return new Advised(`job ${id} ${state}${why.length > 0 ? `: ${why.join('\n')}` : ''}`, adviceOf(id))
}
const told = (p: { readonly path: string; readonly expected: string; readonly received: string }): string =>
  `  ${p.path}\n    expected ${p.expected}\n    received ${p.received}`
const adviceOf = (id: string): string =>
  `\`nestwave resume ${id}\` takes it up where it ended; \`nestwave fetch ${id}\` brings what it has.`

const isReport = (value: unknown): value is ReportJson => (value as ReportJson | null)?.schemaVersion === 1

/** What a finished job gave, as the same recipe tells it here. */
const tell = async (client: NestwaveClient, job: JobResource, options: Options, signal: AbortSignal): Promise<void> => {
  const { report, result } = await client.results(job.id, { signal })
  if (options.json) {
    const what = isReport(report) ? { event: 'report', id: job.id, report } : { event: 'result', id: job.id, result }
    process.stdout.write(`${JSON.stringify(what)}\n`)
  } else if (!options.quiet) {
    if (isReport(report)) process.stdout.write(`${headlines(report)}\n`)
    process.stdout.write(`all of it: nestwave fetch ${job.id} --out DIR\n`)
  }
}

/**
 * Shows a job until it is final, and its result.
 * @throws Advised when it failed or was cancelled, or when the watching is stopped
 */
export const watchJob = async (
  client: NestwaveClient,
  id: string,
  screen: Screen,
  options: Options,
  signal: AbortSignal,
): Promise<void> => {
  try {
    const job = await follow(client, id, screen, signal)
    if (job.state !== 'succeeded') throw endOf(job)
    await tell(client, job, options, signal)
  } catch (error) {
    if (!signal.aborted) throw error
    throw new Advised(`stopped watching; job ${id} goes on. \`nestwave cancel ${id}\` ends it.`, '')
  }
}
