import type { StoredStage } from '../client/api.ts'
import { storedFolder } from '../runtime/state/stored-folder.ts'
import { readJson } from '../study/folder.ts'
import type { Context } from './context.ts'

interface Row {
  readonly id: string
  readonly number: number
  readonly hash: string
  readonly title: string
  readonly complete: boolean
  readonly bytes: number
  readonly jobs: string[]
  readonly created_at: Date
}

const COLUMNS = `s.id, s.number, s.hash, s.title, s.complete, s.created_at,
  (select coalesce(sum(size), 0)::float8 from nestwave.file where folder = s.id) as bytes,
  array(select job from nestwave.job_stage where stage = s.id order by job) as jobs`

const resource = async (context: Context, row: Row): Promise<StoredStage> => {
  const manifest = (await readJson(storedFolder(context.database, context.blobs, row.id), 'manifest.json')) as {
    inputs: StoredStage['inputs']
  } | null
  const { id, hash, title, complete, bytes, jobs, created_at } = row
  return {
    id,
    hash,
    title,
    complete,
    bytes,
    jobs,
    createdAt: created_at.toISOString(),
    inputs: manifest?.inputs ?? null,
  }
}

/** Datasets or models of an owner, newest first. */
export const listStages = async (
  context: Context,
  owner: string,
  name: 'dataset' | 'model',
  limit: number,
  before: number | null,
) => {
  const rows = await context.database.query<Row>(
    `select ${COLUMNS} from nestwave.stage s where s.owner = $1 and s.name = $2 and ($3::bigint is null or s.number < $3)
     order by s.number desc limit $4`,
    [owner, name, before, limit + 1],
  )
  const page = rows.slice(0, limit)
  const items = await Promise.all(page.map((row) => resource(context, row)))
  return { items, next: rows.length > limit ? String(page.at(-1)!.number) : null }
}

export const findStage = async (
  context: Context,
  owner: string,
  name: 'dataset' | 'model',
  id: string,
): Promise<StoredStage | null> => {
  const [row] = await context.database.query<Row>(
    `select ${COLUMNS} from nestwave.stage s where s.owner = $1 and s.name = $2 and s.id = $3`,
    [owner, name, id],
  )
  return row === undefined ? null : resource(context, row)
}
