import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { InvalidInput } from '../numeric/errors.ts'
import { openQueue } from '../runtime/queue/queue.ts'
import type { Sql } from '../runtime/state/database.ts'
import { enqueueDrive } from '../runtime/state/job-life.ts'
import type { JobRow } from '../runtime/state/job-row.ts'
import type { State } from '../runtime/state/place.ts'
import { sha256 } from '../study/canonical.ts'

/** In an order in which rows may refer to earlier ones. The queue is not among them: it is made anew from the jobs. */
const TABLES = ['job', 'job_event', 'stage', 'job_stage', 'file', 'mesh', 'api_key', 'webhook', 'audit'] as const

const MANIFEST = 'backup.json'

/** Rows as JSON that PostgreSQL itself writes and reads: no type is lost on the way. */
const rowsOf = async (sql: Sql, table: string): Promise<string> => {
  const rows = await sql.query<{ row: string }>(`select to_jsonb(t)::text as row from nestwave.${table} t`)
  return rows.map(({ row }) => `${row}\n`).join('')
}

const contents = (files: string): Set<string> =>
  new Set([...files.matchAll(/"(?:mesh_)?sha256": ?"([0-9a-f]{64})"/g)].map((m) => m[1]))

/** One moment of all tables. */
const snapshot = (state: State): Promise<Map<string, string>> =>
  state.database.transaction(async (sql) => {
    await sql.query('set transaction isolation level repeatable read')
    const tables = new Map<string, string>()
    for (const table of TABLES) tables.set(table, await rowsOf(sql, table))
    return tables
  })

/** Copies the state into a folder; usable only when its manifest, written last, is there. */
export const backup = async (state: State, target: string): Promise<string> => {
  const folder = resolve(target)
  await mkdir(join(folder, 'blobs'), { recursive: true, mode: 0o700 })
  const tables = await snapshot(state)
  const present = new Set(await readdir(join(folder, 'blobs')))
  let copied = 0
  for (const name of contents([...tables.values()].join(''))) {
    if (present.has(name)) continue
    const path = join(folder, 'blobs', name)
    await pipeline(state.blobs.stream(name), createWriteStream(`${path}.part`, { flush: true }))
    await rename(`${path}.part`, path)
    copied++
  }
  for (const [table, text] of tables) await writeFile(join(folder, `${table}.ndjson`), text, { mode: 0o600 })
  const manifest = {
    nestwaveBackup: 1,
    at: new Date().toISOString(),
    sha256: Object.fromEntries([...tables].map(([t, x]) => [t, sha256(x)])),
  }
  await writeFile(join(folder, `${MANIFEST}.part`), `${JSON.stringify(manifest, null, 2)}\n`)
  await rename(join(folder, `${MANIFEST}.part`), join(folder, MANIFEST))
  return `${tables.get('job')!.split('\n').length - 1} jobs, ${copied} new files in ${folder}`
}

const readManifest = async (folder: string): Promise<{ sha256: Record<string, string> }> => {
  try {
    return JSON.parse(await readFile(join(folder, MANIFEST), 'utf8'))
  } catch (error) {
    throw InvalidInput.of(
      'restore',
      `a folder that \`nestwave backup\` has finished (it holds ${MANIFEST})`,
      (error as Error).message,
    )
  }
}

/** The identity columns are given, so that cursors and the order of jobs stay. */
const fill = (sql: Sql, table: string, rows: string): Promise<unknown> =>
  sql.query(
    `insert into nestwave.${table} overriding system value
     select r.* from jsonb_array_elements($1::jsonb) as e, jsonb_populate_record(null::nestwave.${table}, e) as r`,
    [`[${rows.trimEnd().split('\n').filter(Boolean).join(',')}]`],
  )

const IDENTITIES = [
  ['job', 'number'],
  ['stage', 'number'],
  ['audit', 'number'],
] as const

/** Jobs that were under way go back to the queue; finished chunks are files, and stay. */
const requeue = async (state: State): Promise<number> => {
  const queue = await openQueue(state.database, () => {}, { supervise: false })
  const rows = await state.database.query<JobRow>(
    `select * from nestwave.job where state in ('queued', 'running') order by number`,
  )
  for (const row of rows)
    await state.database.transaction(async (sql) => {
      await sql.query(
        `update nestwave.job set state = 'queued', wave = wave + 1, claim = null, remaining = 0, waiting_stage = null where id = $1`,
        [row.id],
      )
      await enqueueDrive(sql, queue, { ...row, wave: row.wave + 1 })
    })
  await queue.stop()
  return rows.length
}

/** Puts a backup into a state without jobs. */
export const restore = async (state: State, source: string): Promise<string> => {
  const folder = resolve(source)
  const manifest = await readManifest(folder)
  const [{ n }] = await state.database.query<{ n: number }>('select count(*) as n from nestwave.job')
  if (n > 0) throw InvalidInput.of('restore', 'a data folder without jobs', `one with ${n}`)
  const tables = new Map<string, string>()
  for (const table of TABLES) {
    const text = await readFile(join(folder, `${table}.ndjson`), 'utf8')
    if (sha256(text) !== manifest.sha256[table])
      throw InvalidInput.of(`${table}.ndjson`, `a file with sha256 ${manifest.sha256[table]}`, 'a changed one')
    tables.set(table, text)
  }
  for (const name of await readdir(join(folder, 'blobs'))) {
    if (name.endsWith('.part')) continue
    const { sha256: found } = await state.blobs.put(await readFile(join(folder, 'blobs', name)))
    if (found !== name) throw InvalidInput.of(`blobs/${name}`, 'content of that sha256', found)
  }
  await state.database.transaction(async (sql) => {
    await sql.query('delete from nestwave.mesh')
    for (const [table, text] of tables) await fill(sql, table, text)
    for (const [table, column] of IDENTITIES)
      await sql.query(
        `select setval(pg_get_serial_sequence('nestwave.${table}', '${column}'), greatest(1, (select coalesce(max(${column}), 1) from nestwave.${table})))`,
      )
  })
  const active = await requeue(state)
  return `${tables.get('job')!.split('\n').length - 1} jobs restored, ${active} of them go on when the service starts`
}
