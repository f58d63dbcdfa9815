import { createHash, randomUUID } from 'node:crypto'
import type { Study } from '../../study/schema.ts'
import { drivePriority } from '../queue/fairness.ts'
import type { Queue } from '../queue/queue.ts'
import type { Database, Sql } from './database.ts'
import { findByKey, findJob, isActive, type JobFailure, type JobLimits, type JobRow, lockJob, tell } from './job-row.ts'

/** What the queue `drive` carries. */
export interface DriveMessage {
  readonly job: string
  readonly wave: number
}

/** A name-based UUID (RFC 9562, version 5 without a name space of its own): the same message is never queued twice. */
export const uuidOf = (...parts: readonly (string | number)[]): string => {
  const hex = createHash('sha256').update(parts.join('\n')).digest('hex')
  const variant = ((Number.parseInt(hex[16], 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Puts a job's recipe into the queue, for its present wave. */
export const enqueueDrive = async (
  sql: Sql,
  queue: Queue,
  job: Pick<JobRow, 'id' | 'wave' | 'owner' | 'priority'>,
): Promise<void> =>
  queue.send<DriveMessage>(sql, 'drive', [
    {
      id: uuidOf('drive', job.id, job.wave),
      data: { job: job.id, wave: job.wave },
      priority: await drivePriority(sql, job.owner, job.priority),
    },
  ])

export interface NewJob {
  readonly owner: string
  readonly kind: string
  readonly title: string
  readonly study: Study
  readonly meshName: string
  readonly meshSha256: string
  readonly options: JobRow['options']
  readonly priority: number
  readonly limits: JobLimits
  readonly parent: string | null
  readonly idempotencyKey: string | null
  readonly requestHash: string
  /** What has to hold once it is among the others: throws otherwise, and it is not made. */
  readonly check: ((sql: Sql) => Promise<void>) | null
}

/**
 * A new job, queued; or the job that the same idempotency key made before.
 * @returns created: false for the latter; the caller compares request hashes
 */
export const createJob = (database: Database, queue: Queue, job: NewJob): Promise<{ row: JobRow; created: boolean }> =>
  database.transaction(async (sql) => {
    const [made] = await sql.query<JobRow>(
      `insert into nestwave.job (id, owner, kind, title, state, study, mesh_name, mesh_sha256, options, priority, limits,
                                 parent, idempotency_key, request_hash)
       values ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $9, $10, $11, $12, $13)
       on conflict (owner, idempotency_key) do nothing returning *`,
      [
        randomUUID(),
        job.owner,
        job.kind,
        job.title,
        JSON.stringify(job.study),
        job.meshName,
        job.meshSha256,
        JSON.stringify(job.options),
        job.priority,
        JSON.stringify(job.limits),
        job.parent,
        job.idempotencyKey,
        job.requestHash,
      ],
    )
    if (made === undefined) return { row: (await findByKey(sql, job.owner, job.idempotencyKey!))!, created: false }
    await job.check?.(sql)
    await tell(sql, made.id, 'state', { state: 'queued' })
    await enqueueDrive(sql, queue, made)
    return { row: (await findJob(sql, made.id))!, created: true }
  })

/** Takes what a job still has in the queue out of it. Attempts under way find their claim gone. */
const withdraw = async (sql: Sql, queue: Queue, job: JobRow): Promise<void> => {
  const chunks = await sql.query<{ id: string }>(
    'select id from nestwave.chunk where job = $1 and wave = $2 and done_at is null',
    [job.id, job.wave],
  )
  await queue.cancel(
    sql,
    'chunk',
    chunks.map(({ id }) => id),
  )
  await queue.cancel(sql, 'drive', [uuidOf('drive', job.id, job.wave)])
  await sql.query('delete from nestwave.chunk where job = $1 and done_at is null', [job.id])
}

const releaseStages = (sql: Sql, job: string): Promise<unknown> =>
  sql.query('update nestwave.stage set holder = null where holder = $1', [job])

/** Ends a job; nothing of it stays in the queue. Final states are left only by {@link requeue}. */
export const endJob = async (
  sql: Sql,
  queue: Queue,
  job: JobRow,
  state: 'succeeded' | 'failed' | 'cancelled',
  why: { readonly reason?: string; readonly error?: JobFailure } = {},
): Promise<void> => {
  await withdraw(sql, queue, job)
  await sql.query(
    `update nestwave.job set state = $2, reason = $3, error = $4, wave = wave + 1, claim = null, remaining = 0,
       waiting_stage = null, ended_at = clock_timestamp(),
       bytes = (select coalesce(sum(size), 0) from nestwave.file where folder = $1) where id = $1`,
    [job.id, state, why.reason ?? null, why.error ? JSON.stringify(why.error) : null],
  )
  await releaseStages(sql, job.id)
  if (why.error) await tell(sql, job.id, 'failure', { ...why.error })
  await tell(sql, job.id, 'state', { state, ...(why.reason ? { reason: why.reason } : {}) })
  // Whoever still works for it may stop. After a success nobody does.
  if (state !== 'succeeded') await sql.query(`select pg_notify('nestwave_stop', $1)`, [job.id])
  await announce(sql, queue, job, state)
}

/** Queues a delivery for each webhook that wants to know. */
const announce = async (sql: Sql, queue: Queue, job: JobRow, state: string): Promise<void> => {
  const hooks = await sql.query<{ id: string }>(
    'select id from nestwave.webhook where owner = $1 and $2 = any(events)',
    [job.owner, `job.${state}`],
  )
  const at = new Date().toISOString()
  const body = JSON.stringify({
    type: `job.${state}`,
    timestamp: at,
    data: { id: job.id, kind: job.kind, title: job.title, state },
  })
  await queue.send(
    sql,
    'webhook',
    hooks.map(({ id }) => ({
      id: randomUUID(),
      data: { webhook: id, message: `msg_${randomUUID().replaceAll('-', '')}`, body, attempt: 0 },
    })),
  )
}

export const cancelJob = (database: Database, queue: Queue, id: string, reason: string): Promise<JobRow | null> =>
  database.transaction(async (sql) => {
    const job = await lockJob(sql, id)
    if (job === null || !isActive(job)) return job
    await endJob(sql, queue, job, 'cancelled', { reason })
    return findJob(sql, id)
  })

/** Fails an active job. */
export const failJob = (database: Database, queue: Queue, id: string, error: JobFailure): Promise<void> =>
  database.transaction(async (sql) => {
    const job = await lockJob(sql, id)
    if (job !== null && isActive(job)) await endJob(sql, queue, job, 'failed', { reason: error.message, error })
  })

/** Puts an ended job into the queue again, with another study when it is extended. What is finished stays. */
export const requeue = async (sql: Sql, queue: Queue, job: JobRow, study: Study | null): Promise<void> => {
  await sql.query(
    `update nestwave.job set state = 'queued', reason = null, error = null, ended_at = null, step = 0, remaining = 0,
       waiting_stage = null, claim = null, stage = null, study = $2, revision = revision + $3, started_at = null,
       cpu_seconds = 0 where id = $1`,
    [job.id, JSON.stringify(study ?? job.study), study ? 1 : 0],
  )
  await tell(sql, job.id, 'state', { state: 'queued', ...(study ? { revision: job.revision + 1 } : {}) })
  await enqueueDrive(sql, queue, job)
}
