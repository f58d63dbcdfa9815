import type { JobPage, JobResource } from '../client/api.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { cancelJob, requeue } from '../runtime/state/job-life.ts'
import { findJob, isActive, type JobRow, lockJob } from '../runtime/state/job-row.ts'
import type { Study } from '../study/schema.ts'
import type { Context } from './context.ts'
import { jobResource } from './job-resource.ts'
import { Refusal } from './problem.ts'

export interface JobQuery {
  readonly state?: string | undefined
  readonly kind?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

const numberOf = (cursor: string | undefined): number | null => {
  if (cursor === undefined) return null
  const number = Number(cursor)
  if (!/^\d{1,15}$/.test(cursor)) throw InvalidInput.of('?cursor', 'the `next` of an earlier page', cursor)
  return number
}

/** Newest first. A page costs the same wherever it is: it is found by its first number, not by counting. */
export const listJobs = async ({ database }: Context, owner: string, query: JobQuery): Promise<JobPage> => {
  const { state = null, kind = null, limit, cursor } = query
  const rows = await database.query<JobRow>(
    `select * from nestwave.job where owner = $1 and ($2::text is null or state = $2) and ($3::text is null or kind = $3)
       and ($4::bigint is null or number < $4) order by number desc limit $5`,
    [owner, state, kind, numberOf(cursor), limit + 1],
  )
  const page = rows.slice(0, limit)
  return { items: page.map(jobResource), next: rows.length > limit ? String(page.at(-1)!.number) : null }
}

/** Cancels an active job; what it has finished stays. An ended one is left as it is. */
export const cancel = async (context: Context, id: string): Promise<JobResource> => {
  const row = await cancelJob(context.database, context.queue, id, 'cancelled on request')
  return jobResource(row!)
}

/** Removes an ended job with its files; stages that no other job uses go with the next sweep. */
export const purge = ({ database }: Context, { id }: JobRow): Promise<void> =>
  database.transaction(async (sql) => {
    // Locked, so that nobody resumes it meanwhile.
    const row = await lockJob(sql, id)
    if (row === null) return
    if (isActive(row)) throw new Refusal(409, 'job-active', 'The job is active', `it is ${row.state}; cancel it first`)
    await sql.query('delete from nestwave.file where folder = $1', [id])
    await sql.query('delete from nestwave.job where id = $1', [id])
  })

const again = (
  context: Context,
  id: string,
  studyOf: (row: JobRow) => Study | null | Promise<Study>,
): Promise<JobResource> =>
  context.database.transaction(async (sql) => {
    const row = (await lockJob(sql, id))!
    if (isActive(row)) throw new Refusal(409, 'job-active', 'The job is active', `it is ${row.state} already`)
    await requeue(sql, context.queue, row, await studyOf(row))
    return jobResource((await findJob(sql, id))!)
  })

/** A failed or cancelled job goes on where it stopped. */
export const resume = (context: Context, id: string): Promise<JobResource> =>
  again(context, id, (row) => {
    if (row.state === 'succeeded')
      throw new Refusal(
        409,
        'job-finished',
        'The job is finished',
        'there is nothing to resume; extend it for more samples',
      )
    return null
  })

/** An ended job gets larger counts; finished samples are not computed again. */
export const extend = (context: Context, id: string, studyOf: (row: JobRow) => Promise<Study>): Promise<JobResource> =>
  again(context, id, (row) => {
    if (row.kind === 'simulation' || row.kind === 'training')
      throw new Refusal(409, 'not-extendable', 'Not extendable', `a ${row.kind} has no samples to add`)
    return studyOf(row)
  })
