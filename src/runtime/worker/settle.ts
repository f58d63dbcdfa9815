import { secondsLeft } from '../../study/progress.ts'
import { nextTag, priorityOf } from '../queue/fairness.ts'
import type { Claim, Queue } from '../queue/queue.ts'
import type { Sql } from '../state/database.ts'
import { type DriveMessage, endJob, enqueueDrive, uuidOf } from '../state/job-life.ts'
import { isActive, type JobRow, lockJob, tell } from '../state/job-row.ts'
import type { State } from '../state/place.ts'
import { recordFile } from '../state/stored-folder.ts'
import type { DriveOutcome, Failure } from './protocol.ts'

/** What the queue `chunk` carries; the rest is in its row. */
export interface ChunkMessage {
  readonly chunk: string
}

export interface ChunkRow {
  readonly id: string
  readonly job: string
  readonly wave: number
  readonly folder: string
  readonly path: string
  readonly task: string
  readonly setup_sha256: string
  readonly input_sha256: string
  readonly samples: number
}

/** A claim that ran out: its work is another's by now, or of no use any more. */
class Lost extends Error {}

/**
 * All or nothing: what the action writes stands only if the claim was still held. The job's row is locked before the message's,
 * as in whatever else locks both (cancelling, say): the other way round two of them could wait for each other.
 */
const fenced = async (
  state: State,
  queue: Queue,
  claim: Claim,
  id: string,
  action: (sql: Sql, job: JobRow) => Promise<void>,
): Promise<boolean> => {
  try {
    await state.database.transaction(async (sql) => {
      const job = await lockJob(sql, id)
      if (!(await queue.complete(sql, claim)) || job === null) throw new Lost()
      await action(sql, job)
    })
    return true
  } catch (error) {
    if (error instanceof Lost) return false
    throw error
  }
}

const limitPassed = (job: JobRow): string | null => {
  const { cpuSeconds, diskBytes } = job.limits
  if (cpuSeconds !== undefined && job.cpu_seconds > cpuSeconds)
    return `its ${cpuSeconds} s of processor time are used up (limits.cpuSeconds)`
  if (diskBytes !== undefined && job.bytes > diskBytes)
    return `its files are larger than ${diskBytes} bytes (limits.diskBytes)`
  return null
}

/** Ends a job that passed a limit. */
const heed = async (sql: Sql, queue: Queue, job: JobRow): Promise<boolean> => {
  const message = limitPassed(job)
  if (message === null) return false
  await endJob(sql, queue, job, 'failed', { reason: message, error: { type: 'limit', message } })
  return true
}

/** A progress event at most so often: twice a second. */
const tellProgress = async (sql: Sql, job: string): Promise<void> => {
  const rows = await sql.query(
    `update nestwave.job set progress_at = clock_timestamp()
     where id = $1 and (progress_at is null or progress_at < clock_timestamp() - interval '0.5 s' or stage_done >= stage_total)
     returning stage, stage_done, stage_total, stage_found, stage_detail,
       coalesce(extract(epoch from clock_timestamp() - stage_started), 0)::float8 as seconds`,
    [job],
  )
  const [row] = rows as {
    stage: string
    stage_done: number
    stage_total: number
    stage_found: number
    stage_detail: string
    seconds: number
  }[]
  if (row)
    await tell(sql, job, 'progress', {
      stage: row.stage,
      done: row.stage_done,
      found: row.stage_found,
      total: row.stage_total,
      etaSeconds: secondsLeft(row.stage_done, row.stage_found, row.stage_total, row.seconds),
      detail: row.stage_detail,
    })
}

/**
 * A chunk's result: its file, the job's count, the end of its message and, after the last, the recipe's return to the queue, in
 * one transaction that stands only while the claim is held.
 * @returns false when the claim was lost; the result then counts for nothing
 */
export const settleChunk = (
  state: State,
  queue: Queue,
  claim: Claim<ChunkMessage>,
  chunk: ChunkRow,
  result: { readonly sha256: string; readonly size: number; readonly cpu: number },
  worker: string,
): Promise<boolean> =>
  fenced(state, queue, claim, chunk.job, async (sql, job) => {
    if (job.wave !== chunk.wave) throw new Lost()
    const first = await sql.query(
      `update nestwave.chunk set done_at = clock_timestamp(), worker = $2, attempt = $3 where id = $1 and done_at is null returning id`,
      [chunk.id, worker, claim.retryCount],
    )
    if (first.length === 0) throw new Lost()
    await recordFile(sql, chunk.folder, chunk.path, result)
    const [now] = await sql.query<JobRow>(
      `update nestwave.job set remaining = remaining - 1, stage_done = stage_done + $2, cpu_seconds = cpu_seconds + $3,
         bytes = bytes + $4 where id = $1 returning *`,
      [job.id, chunk.samples, result.cpu, result.size],
    )
    await tellProgress(sql, job.id)
    if (await heed(sql, queue, now)) return
    if (now.remaining === 0) await enqueueDrive(sql, queue, now)
  })

/** Takes a recipe up: from now on this attempt alone may write for the job. */
export const beginDrive = (state: State, claim: Claim<DriveMessage>, name: string): Promise<JobRow | null> =>
  state.database.transaction(async (sql) => {
    const job = await lockJob(sql, claim.data.job)
    if (job === null || job.wave !== claim.data.wave || !isActive(job)) return null
    await sql.query(
      `update nestwave.job set state = 'running', claim = $2, attempts = attempts + 1, reason = null, waiting_stage = null,
         started_at = coalesce(started_at, clock_timestamp()) where id = $1`,
      [job.id, name],
    )
    if (job.state === 'queued') await tell(sql, job.id, 'state', { state: 'running' })
    return job
  })

const queueChunks = async (
  sql: Sql,
  queue: Queue,
  job: JobRow,
  outcome: DriveOutcome & { kind: 'suspended' },
): Promise<void> => {
  const wave = job.wave + 1
  const first = await nextTag(sql, job.owner)
  const rows = outcome.chunks.map((chunk, k) => ({
    ...chunk,
    id: uuidOf('chunk', job.id, wave, chunk.folder, chunk.path),
    tag: first + k,
  }))
  await sql.query(
    `insert into nestwave.chunk (id, job, owner, wave, folder, path, task, setup_sha256, input_sha256, samples, tag)
     select id, $1, $2, $3, folder, path, $4, $5, input, samples, tag
     from jsonb_to_recordset($6) as r (id uuid, folder uuid, path text, input text, samples int, tag int)`,
    [job.id, job.owner, wave, outcome.task, outcome.setup, JSON.stringify(rows)],
  )
  await sql.query(
    `update nestwave.job set wave = $2, remaining = $3, claim = null, stage_total = $4, stage_found = $5, stage_done = $5,
       stage_started = clock_timestamp(), stage = $6
     where id = $1`,
    [job.id, wave, rows.length, outcome.total, outcome.found, outcome.stage],
  )
  await queue.send<ChunkMessage>(
    sql,
    'chunk',
    rows.map(({ id, tag }) => ({ id, data: { chunk: id }, priority: priorityOf(job.priority, tag) })),
  )
}

/** A recipe's end, in one transaction with the end of its message. */
export const settleDrive = (
  state: State,
  queue: Queue,
  claim: Claim<DriveMessage>,
  name: string,
  outcome: DriveOutcome,
  cpu: number,
): Promise<boolean> =>
  fenced(state, queue, claim, claim.data.job, async (sql, job) => {
    if (job.claim !== name) throw new Lost()
    const [now] = await sql.query<JobRow>(
      `update nestwave.job set cpu_seconds = cpu_seconds + $2,
         bytes = (select coalesce(sum(f.size), 0) from nestwave.file f where f.folder = $1
                  or f.folder in (select stage from nestwave.job_stage where job = $1)) where id = $1 returning *`,
      [job.id, cpu],
    )
    if (await heed(sql, queue, now)) return
    if (outcome.kind === 'finished') await endJob(sql, queue, job, 'succeeded')
    else if (outcome.kind === 'suspended') await queueChunks(sql, queue, job, outcome)
    else
      await sql.query(
        `update nestwave.job set wave = wave + 1, claim = null, waiting_stage = $2, reason = $3 where id = $1`,
        [job.id, outcome.stageId, outcome.reason],
      )
  })

/** A failure that would come again: it ends the job, and the message with it. */
export const settleFailure = (
  state: State,
  queue: Queue,
  claim: Claim,
  job: string,
  wave: number,
  failure: Failure,
): Promise<boolean> =>
  fenced(state, queue, claim, job, async (sql, row) => {
    if (row.wave !== wave || !isActive(row)) return
    const error = {
      type: failure.type,
      message: failure.message,
      ...(failure.problems ? { problems: failure.problems } : {}),
    }
    await endJob(sql, queue, row, 'failed', { reason: failure.message, error })
  })

/** What a working process tells of its way. */
export const recordProgress = (
  state: State,
  name: string,
  job: string,
  update: { stage: string; total?: number; found?: number; done: number; detail: string },
): Promise<void> =>
  state.database.transaction(async (sql) => {
    const row = await lockJob(sql, job)
    if (row === null || row.claim !== name) return
    const begins = update.total !== undefined
    await sql.query(
      `update nestwave.job set stage = $2, stage_done = $3, stage_detail = $4,
         stage_total = case when $5 then $6 else stage_total end, stage_found = case when $5 then $7 else stage_found end,
         stage_started = case when $5 and stage is distinct from $2 then clock_timestamp() else stage_started end where id = $1`,
      [job, update.stage, update.done, update.detail, begins, update.total ?? 0, update.found ?? 0],
    )
    if (begins) await tell(sql, job, 'stage', { stage: update.stage, total: update.total, found: update.found })
    else await tellProgress(sql, job)
  })

export const recordMessage = (state: State, job: string, type: 'note' | 'warning', text: string): Promise<unknown> =>
  state.database.transaction((sql) => tell(sql, job, type, { text }))
