import type { State } from './place.ts'

/** Bytes written lately may be about to be used: their rows come after them. ms */
const GRACE = 3_600_000

const removeOldJobs = async ({ database }: State, days: number): Promise<number> => {
  const rows = await database.query(
    `with old as (delete from nestwave.job where state not in ('queued', 'running')
       and ended_at < clock_timestamp() - make_interval(secs => $1) returning id)
     select id from old`,
    [days * 86_400],
  )
  return rows.length
}

/** Stages that no job refers to, and files of folders that are gone. */
const removeOrphans = async ({ database }: State): Promise<void> => {
  await database.query(
    `delete from nestwave.stage s where created_at < clock_timestamp() - interval '1 hour'
       and not exists (select 1 from nestwave.job_stage where stage = s.id)`,
  )
  await database.query(
    `delete from nestwave.file f where not exists (select 1 from nestwave.job where id = f.folder)
       and not exists (select 1 from nestwave.stage where id = f.folder)`,
  )
}

const USED = `
select sha256 from nestwave.file union select setup_sha256 from nestwave.chunk where done_at is null
union select input_sha256 from nestwave.chunk where done_at is null union select sha256 from nestwave.mesh
union select mesh_sha256 from nestwave.job`

export interface Swept {
  readonly jobs: number
  readonly blobs: number
  readonly bytes: number
}

/**
 * Removes what nobody can reach any more: jobs past their retention, stages without jobs, bytes without a row.
 * @param grace ms for which unused bytes are left alone
 * @verifiedBy test/runtime/sweep.test.ts
 */
export const sweep = async (state: State, retentionDays: number | null, grace = GRACE): Promise<Swept> => {
  const jobs = retentionDays === null ? 0 : await removeOldJobs(state, retentionDays)
  await removeOrphans(state)
  const before = Date.now() - grace
  const used = new Set((await state.database.query<{ sha256: string }>(USED)).map(({ sha256 }) => sha256))
  let [blobs, bytes] = [0, 0]
  for await (const { sha256, touched, size } of state.blobs.list()) {
    if (used.has(sha256) || touched.getTime() > before) continue
    await state.blobs.remove(sha256)
    blobs++
    bytes += size
  }
  return { jobs, blobs, bytes }
}
