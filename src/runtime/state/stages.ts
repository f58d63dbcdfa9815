import type { StageName } from '../../study/steps.ts'
import type { Database, Sql } from './database.ts'

export interface StageRow {
  readonly id: string
  readonly holder: string | null
  readonly complete: boolean
}

/** The shared folder of a stage: one per owner and hash of inputs, however many jobs need it. */
export const stageFolder = async (
  database: Database,
  stage: {
    readonly owner: string
    readonly name: StageName
    readonly hash: string
    readonly title: string
    readonly job: string
  },
): Promise<string> =>
  database.transaction(async (sql) => {
    const { owner, name, hash, title, job } = stage
    await sql.query(
      `insert into nestwave.stage (owner, name, hash, title) values ($1, $2, $3, $4) on conflict (owner, name, hash) do nothing`,
      [owner, name, hash, title],
    )
    const [{ id }] = await sql.query<{ id: string }>(
      'select id from nestwave.stage where owner = $1 and name = $2 and hash = $3',
      [owner, name, hash],
    )
    // A job that was extended may have used another of that name before: more training runs make another model.
    await sql.query(
      `delete from nestwave.job_stage where job = $1 and stage in (select s.id from nestwave.stage s where s.name = $2 and s.id <> $3)`,
      [job, name, id],
    )
    await sql.query('insert into nestwave.job_stage (job, stage) values ($1, $2) on conflict do nothing', [job, id])
    return id
  })

/**
 * Takes the right to write a stage for a job. It belongs to the job, not to a process: crashes do not lose it. A job holds one
 * at a time, so no two jobs wait for each other.
 * @returns whether it was free, or the job's already
 */
export const holdStage = async (sql: Sql, stage: string, job: string): Promise<boolean> => {
  const rows = await sql.query(
    `update nestwave.stage s set holder = $2 where id = $1 and (holder is null or holder = $2 or not exists
       (select 1 from nestwave.job j where j.id = s.holder and j.state in ('queued', 'running'))) returning id`,
    [stage, job],
  )
  return rows.length > 0
}

export const leaveStage = (sql: Sql, stage: string, job: string): Promise<unknown> =>
  sql.query('update nestwave.stage set holder = null, complete = true where id = $1 and holder = $2', [stage, job])
