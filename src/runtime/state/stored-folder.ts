import { InvalidInput } from '../../numeric/errors.ts'
import type { StudyFolder } from '../../study/folder.ts'
import { type Blob, type BlobStore, Damaged } from './blobs.ts'
import type { Database, Sql } from './database.ts'

/** Puts a file into a folder's list. Its bytes are in the blob store already. */
export const recordFile = (sql: Sql, folder: string, path: string, { sha256, size }: Blob): Promise<unknown> =>
  sql.query(
    `insert into nestwave.file (folder, path, sha256, size) values ($1, $2, $3, $4)
     on conflict (folder, path) do update set sha256 = excluded.sha256, size = excluded.size, written_at = clock_timestamp()`,
    [folder, path, sha256, size],
  )

/** Refuses a write when its writer has lost the right to it: throws. */
export type Fence = (sql: Sql) => Promise<void>

const open: Fence = async () => {}

const below = (path: string): string => (path === '' ? '' : `${path}/`)

/** What the disk changed is for the recipes what a damaged file is on the command line: they say so and make it again. */
const asInput =
  (path: string) =>
  (error: unknown): never => {
    throw error instanceof Damaged ? InvalidInput.of(path, 'the bytes that were written', error.message) : error
  }

/**
 * A study folder whose list of files is in the database and whose bytes are in the blob store. Bytes rest on disk before
 * their row commits.
 * @verifiedBy test/runtime/stored-folder.test.ts
 */
export const storedFolder = (
  database: Database,
  blobs: BlobStore,
  folder: string,
  fence: Fence = open,
): StudyFolder => ({
  read: async (path) => {
    const [row] = await database.query<{ sha256: string }>(
      'select sha256 from nestwave.file where folder = $1 and path = $2',
      [folder, path],
    )
    return row === undefined ? null : blobs.read(row.sha256).catch(asInput(path))
  },
  write: async (path, bytes) => {
    const blob = await blobs.put(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes)
    await database.transaction(async (sql) => {
      await fence(sql)
      await recordFile(sql, folder, path, blob)
    })
  },
  list: async (path) => {
    const start = below(path)
    const rows = await database.query<{ name: string }>(
      `select distinct split_part(substr(path, $3), '/', 1) collate "C" as name from nestwave.file
       where folder = $1 and starts_with(path, $2) order by 1`,
      [folder, start, start.length + 1],
    )
    return rows.map(({ name }) => name)
  },
  remove: async (path) => {
    await database.transaction(async (sql) => {
      await fence(sql)
      await sql.query('delete from nestwave.file where folder = $1 and path = $2', [folder, path])
    })
  },
})

/** Folders by the first name of a path: `dataset/…` rests in one, `model/…` in another, the rest in `own`. */
export const mountedFolder = (own: StudyFolder, mounts: Readonly<Record<string, StudyFolder>>): StudyFolder => {
  const inner = (path: string): readonly [StudyFolder, string] => {
    const [first, ...rest] = path.split('/')
    return Object.hasOwn(mounts, first) ? [mounts[first], rest.join('/')] : [own, path]
  }
  const on = <T>(path: string, action: (folder: StudyFolder, path: string) => Promise<T>): Promise<T> =>
    action(...inner(path))
  return {
    read: (path) => on(path, (folder, rest) => folder.read(rest)),
    write: (path, bytes) => on(path, (folder, rest) => folder.write(rest, bytes)),
    list: (path) => on(path, (folder, rest) => folder.list(rest)),
    remove: (path) => on(path, (folder, rest) => folder.remove(rest)),
  }
}
