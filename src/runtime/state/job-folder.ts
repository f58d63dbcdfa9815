import type { StudyFolder } from '../../study/folder.ts'
import type { StageName } from '../../study/steps.ts'
import type { State } from './place.ts'
import { type Fence, mountedFolder, storedFolder } from './stored-folder.ts'

/** Every folder of a job by the path it is seen at: '' is its own, the others are stages it shares. */
export const foldersOf = async (
  { database }: Pick<State, 'database'>,
  job: string,
): Promise<ReadonlyMap<string, string>> => {
  const rows = await database.query<{ id: string; name: StageName }>(
    `select s.id, s.name from nestwave.job_stage js join nestwave.stage s on s.id = js.stage where js.job = $1`,
    [job],
  )
  return new Map([['', job], ...rows.map(({ id, name }): [string, string] => [name, id])])
}

/** A job's files as one study folder, as the command line would have it on disk. */
export const jobFolder = async (state: State, job: string, fence?: Fence): Promise<StudyFolder> => {
  const folders = await foldersOf(state, job)
  const mounts = [...folders].filter(([name]) => name !== '')
  return mountedFolder(
    storedFolder(state.database, state.blobs, job, fence),
    Object.fromEntries(mounts.map(([name, id]) => [name, storedFolder(state.database, state.blobs, id, fence)])),
  )
}
