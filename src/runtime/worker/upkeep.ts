import type { Queue } from '../queue/queue.ts'
import { type DriveMessage, endJob, enqueueDrive, failJob } from '../state/job-life.ts'
import { isActive, type JobRow, lockJob } from '../state/job-row.ts'
import type { State } from '../state/place.ts'
import type { ChunkMessage } from './settle.ts'

const isWave = (job: JobRow | null, wave: number): job is JobRow => job !== null && job.wave === wave && isActive(job)

/** A chunk that failed at every attempt fails its job, with the last attempt's error. */
const buryChunks = (queue: Queue): Promise<boolean> =>
  queue.bury<ChunkMessage>('chunk', async (sql, { data, error, attempts }) => {
    const [chunk] = await sql.query<{ job: string; wave: number; path: string }>(
      'select job, wave, path from nestwave.chunk where id = $1',
      [data.chunk],
    )
    const job = chunk ? await lockJob(sql, chunk.job) : null
    if (!chunk || !isWave(job, chunk.wave)) return
    const message = `${chunk.path} failed ${attempts} times, last: ${error}`
    await endJob(sql, queue, job, 'failed', { reason: message, error: { type: 'poison-chunk', message } })
  })

const buryDrives = (queue: Queue): Promise<boolean> =>
  queue.bury<DriveMessage>('drive', async (sql, { data, error, attempts }) => {
    const job = await lockJob(sql, data.job)
    if (!isWave(job, data.wave)) return
    const message = `the recipe failed ${attempts} times, last: ${error}`
    await endJob(sql, queue, job, 'failed', { reason: message, error: { type: 'crash', message } })
  })

/** Jobs whose stage has become free go on. */
const wakeWaiting = async ({ database }: State, queue: Queue): Promise<void> => {
  const rows = await database.query<{ id: string }>(
    `select j.id from nestwave.job j join nestwave.stage s on s.id = j.waiting_stage
     where j.state in ('queued', 'running') and (s.holder is null or not exists
       (select 1 from nestwave.job h where h.id = s.holder and h.state in ('queued', 'running')))`,
  )
  for (const { id } of rows)
    await database.transaction(async (sql) => {
      const job = await lockJob(sql, id)
      if (job === null || job.waiting_stage === null || !isActive(job)) return
      await sql.query('update nestwave.job set waiting_stage = null where id = $1', [id])
      await enqueueDrive(sql, queue, job)
    })
}

/** Compared as seconds: a limit of 10^300 s is longer than any interval of the database, and no reason to fail. */
const endOverdue = async ({ database }: State, queue: Queue): Promise<void> => {
  const rows = await database.query<{ id: string; wall: number }>(
    `select id, (limits->>'wallSeconds')::float8 as wall from nestwave.job where state in ('queued', 'running')
     and extract(epoch from clock_timestamp() - started_at) > (limits->>'wallSeconds')::float8`,
  )
  for (const { id, wall } of rows)
    await failJob(database, queue, id, { type: 'limit', message: `it ran longer than ${wall} s (limits.wallSeconds)` })
}

/** Workers that fell silent. */
const forgetWorkers = ({ database }: State): Promise<unknown> =>
  database.query(`delete from nestwave.worker where seen_at < clock_timestamp() - interval '1 minute'`)

/** One round of what nobody's request asks for. Any number of processes may do it at once. */
export const upkeep = async (state: State, queue: Queue): Promise<void> => {
  while (await buryChunks(queue));
  while (await buryDrives(queue));
  await wakeWaiting(state, queue)
  await endOverdue(state, queue)
  await forgetWorkers(state)
}
