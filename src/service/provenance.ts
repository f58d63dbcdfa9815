import type { JobRow } from '../runtime/state/job-row.ts'
import { findJob } from '../runtime/state/job-row.ts'
import { hashOf } from '../study/canonical.ts'
import { NUMERICS_VERSION } from '../study/stage.ts'
import { VERSION } from '../study/version.ts'
import type { Context } from './context.ts'
import { jobResource } from './job-resource.ts'
import { type ProvDocument, provenanceOf } from './prov.ts'
import { filesOf } from './results.ts'

const workersOf = async ({ database }: Context, job: string): Promise<string[]> => {
  const rows = await database.query<{ worker: string }>(
    'select distinct worker from nestwave.chunk where job = $1 and worker is not null order by worker',
    [job],
  )
  return rows.map(({ worker }) => worker)
}

/** Everything that a job's files come from. */
export const provenanceOfJob = async (context: Context, row: JobRow): Promise<ProvDocument> => {
  const { id, kind, title, owner, createdAt, startedAt, endedAt, state } = jobResource(row)
  const parent = row.parent === null ? null : await findJob(context.database, row.parent)
  return provenanceOf({
    job: { id, kind, title, owner, createdAt, startedAt, endedAt, state },
    study: { sha256: hashOf(row.study) },
    mesh: { name: row.mesh_name, sha256: row.mesh_sha256 },
    parents: parent === null ? [] : [{ id: parent.id, kind: parent.kind }],
    artifacts: await filesOf(context, row.id),
    software: { name: 'nestwave', version: VERSION, numerics: NUMERICS_VERSION },
    workers: await workersOf(context, row.id),
    executor: row.options.executor,
    seed: row.study.seed,
  })
}
