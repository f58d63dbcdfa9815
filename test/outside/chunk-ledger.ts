import type { Database } from '../../src/runtime/state/database.ts'

/** What the tables say of a job's chunks: how they were counted, and what came of them. */
export interface Ledger {
  /** Chunks put into the queue, and how many of them are done. */
  readonly queued: number
  readonly done: number
  /** Different files among them. */
  readonly files: number
  /** Chunks by the attempt that counted. */
  readonly attempts: Readonly<Record<string, number>>
  /** Chunks by the worker whose result counted. */
  readonly workers: Readonly<Record<string, number>>
}

const countsBy = async (database: Database, column: 'attempt' | 'worker', job: string) => {
  const rows = await database.query<{ key: string; n: number }>(
    `select ${column} as key, count(*) as n from nestwave.chunk where job = $1 group by 1 order by 1`,
    [job],
  )
  return Object.fromEntries(rows.map(({ key, n }): [string, number] => [key, n]))
}

export const ledgerOf = async (database: Database, job: string): Promise<Ledger> => {
  const [counts] = await database.query<{ queued: number; done: number; files: number }>(
    `select count(*) as queued, count(done_at) as done, count(distinct (folder, path)) as files
     from nestwave.chunk where job = $1`,
    [job],
  )
  const [attempts, workers] = await Promise.all([countsBy(database, 'attempt', job), countsBy(database, 'worker', job)])
  return { ...counts, attempts, workers }
}

/** Every chunk file of a job's stages with its hash: `estimate/gan/chunks/000000-64.bin 1f…`. */
export const chunkFiles = async (database: Database, job: string): Promise<readonly string[]> => {
  const rows = await database.query<{ line: string }>(
    `select s.name || '/' || f.path || ' ' || f.sha256 as line from nestwave.file f join nestwave.stage s on s.id = f.folder
     join nestwave.job_stage js on js.stage = s.id where js.job = $1 and f.path like '%/chunks/%'
     order by s.name, f.path`,
    [job],
  )
  return rows.map(({ line }) => line)
}

/** Samples in a series' chunk files. */
export const samplesIn = (files: readonly string[], series: string): number =>
  files
    .filter((file) => file.startsWith(`${series}/chunks/`))
    .reduce((sum, file) => sum + Number(/-(\d+)\.bin /.exec(file)?.[1]), 0)
