import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type EmbeddedPostgres, startPostgres } from '../../src/runtime/postgres/postgres.ts'
import { type Database, openDatabase } from '../../src/runtime/state/database.ts'
import { postgresFolder } from '../../src/runtime/state/place.ts'
import { type Json, tinyMesh, tinyStudy } from '../end-to-end/tiny-study.ts'
import { canMakeNetworks, makeNetwork, type Network } from './namespaces.ts'
import { childrenOf } from './processes.ts'
import { pause, type ServiceProcess, startProcess, until } from './service-process.ts'
import { skipped } from './skip.ts'

/** Hosts of the network: the database, the API, and four that compute. They share a folder, as by a network file system. */
const DATABASE = 0
const API = 1
const WORKERS = [2, 3, 4, 5]
const PORT = 5433
/** s; longer than claims last. `npm run verify`: 30 s. */
const AWAY = Number(process.env.NESTWAVE_AWAY ?? 20)

const possible = canMakeNetworks()
if (!possible) skipped('network namespaces')

let network: Network
let folder: string
let data: string
let postgres: EmbeddedPostgres
let database: Database
let environment: NodeJS.ProcessEnv
let api: ServiceProcess

const runOn = (k: number, command: string, ...argv: readonly string[]): string => {
  const [first, ...rest] = [...network.on(k), command, ...argv]
  return execFileSync(first, rest, { encoding: 'utf8', maxBuffer: 2 ** 28 })
}
const ask = (path: string, ...more: readonly string[]): string =>
  runOn(API, 'curl', '--silent', '--show-error', '--fail-with-body', ...more, `http://127.0.0.1:8080${path}`)

/** The server must listen in the database's own namespace; its socket is a file, and reached from everywhere. */
const POSTGRES = resolve(import.meta.dirname, '../../src/runtime/postgres/postgres.ts')
const startDatabase = async (): Promise<void> => {
  const root = postgresFolder(data)
  const options = JSON.stringify({ listen: network.address(DATABASE), port: PORT })
  const script = `import(${JSON.stringify(POSTGRES)}).then((m) => m.startPostgres(${JSON.stringify(root)}, ${options}))`
  runOn(DATABASE, process.execPath, '-e', script)
  postgres = await startPostgres(root, { port: PORT })
}

beforeAll(async () => {
  if (!possible) return
  network = makeNetwork(2 + WORKERS.length)
  folder = mkdtempSync(join(tmpdir(), 'nestwave-network-'))
  data = join(folder, 'data')
  await startDatabase()
  database = openDatabase({ ...postgres.connection, ssl: false }, 2)
  const { user, password, database: name } = postgres.connection
  environment = {
    NESTWAVE_DATA: data,
    NESTWAVE_SLOTS: '1',
    DATABASE_URL: `postgres://${user}:${password}@${network.address(DATABASE)}:${PORT}/${name}`,
  }
  api = startProcess(['serve', '--slots', '0'], environment, network.on(API))
  await until('the API', () => api.said().includes('serves on'))
  writeFileSync(join(folder, 'plate.msh'), tinyMesh())
  ask('/v1/meshes/plate.msh', '-T', join(folder, 'plate.msh'))
}, 120_000)

afterAll(async () => {
  if (!possible) return
  api.child.kill('SIGTERM')
  await api.ended
  await database.close()
  await postgres.stop()
  network.remove()
  rmSync(folder, { recursive: true, force: true })
}, 120_000)

/** Runs a study from the start with some workers; another seed, so that nothing is found finished. */
const submit = (title: string, samples: number): string => {
  const tiny = tinyStudy()
  const study: Json = { ...tiny, estimate: { ...tiny.estimate, samples } }
  writeFileSync(join(folder, 'study.json'), JSON.stringify(study))
  return JSON.parse(ask(`/v1/studies?kind=run&title=${title}`, '--json', `@${join(folder, 'study.json')}`)).id
}

/** Removes what a job made, so that the next one has to compute it again. */
const forget = async (id: string): Promise<void> => {
  ask(`/v1/jobs/${id}?purge=true`, '-X', 'DELETE')
  await database.query('delete from nestwave.stage')
  await database.query(`delete from nestwave.file`)
}

const finished = (id: string, seconds = 120): Promise<void> =>
  until(
    'the job to end',
    async () => {
      await pause(200)
      const { state, reason } = JSON.parse(ask(`/v1/jobs/${id}`))
      if (state === 'failed') throw new Error(reason)
      return state === 'succeeded'
    },
    seconds,
  )

let workers: ServiceProcess[] = []
const startWorkers = (hosts: readonly number[]): void => {
  workers = hosts.map((k) => startProcess(['worker'], environment, network.on(k)))
}
afterEach(async () => {
  for (const { child } of workers) child.kill('SIGTERM')
  await Promise.all(workers.map(({ ended }) => ended))
}, 60_000)

interface Counts {
  readonly chunks: number
  readonly paths: number
  readonly done: number
  readonly workers: number
  readonly again: number
}
const countsOf = async (id: string): Promise<Counts> => {
  const [row] = await database.query<Counts>(
    `select count(*) as chunks, count(distinct (folder, path)) as paths, count(done_at) as done,
       count(distinct worker) as workers, count(*) filter (where attempt > 0) as again from nestwave.chunk where job = $1`,
    [id],
  )
  return row
}

/** Until a job's long series has begun: from then on all workers have chunks in hand. */
const inSeries = (id: string): Promise<void> =>
  until('the long series', async () => {
    const [{ n }] = await database.query<{ n: number }>(
      `select count(*) as n from nestwave.job where id = $1 and stage !~ 'all models' and remaining > 100`,
      [id],
    )
    return n > 0
  })

/** Cuts a host off with a chunk in hand: its working process is held still until the line is dead, and ends the chunk then. */
const cutOff = async (k: number, worker: ServiceProcess): Promise<void> => {
  const [slot] = childrenOf(worker.pid)
  process.kill(slot, 'SIGSTOP')
  await until('a chunk in its hands', async () => {
    const [{ n }] = await database.query<{ n: number }>(
      `select count(*) as n from pgboss.job where name = 'chunk' and state = 'active' and started_on < now() - interval '1 s'`,
    )
    return n > 0
  })
  network.plug(k, false)
  process.kill(slot, 'SIGCONT')
}

/** What a worker says whose claim another has taken. */
const REFUSED = /came too late|claim was lost/
const SAMPLES = Number(process.env.NESTWAVE_NETWORK_SAMPLES ?? 40_000)

describe.skipIf(!possible)('workers on other hosts', () => {
  let alone: string

  it('two: the reference', async () => {
    startWorkers(WORKERS.slice(0, 2))
    const id = submit('two', SAMPLES)
    await finished(id)
    alone = ask(`/v1/jobs/${id}/artifacts/report.json`)
    const counts = await countsOf(id)
    expect(counts).toMatchObject({ paths: counts.chunks, done: counts.chunks, workers: 2, again: 0 })
    await forget(id)
  }, 180_000)

  it(`four, one of them cut off for ${AWAY} s: the same bytes, its late results refused`, async () => {
    const [far] = WORKERS
    startWorkers(WORKERS)
    const id = submit('four', SAMPLES)
    await inSeries(id)
    await cutOff(far, workers[0])
    await pause(1000 * AWAY)
    const back = workers[0].said().length
    const since = performance.now()
    network.plug(far, true)
    await until('its late result', () => REFUSED.test(workers[0].said().slice(back)), 60)
    const seconds = (performance.now() - since) / 1000
    await finished(id)
    expect(ask(`/v1/jobs/${id}/artifacts/report.json`)).toBe(alone)
    const counts = await countsOf(id)
    console.log(`four workers, one cut off: ${JSON.stringify(counts)}; back after ${seconds.toFixed(1)} s`)
    expect(counts).toMatchObject({ paths: counts.chunks, done: counts.chunks, workers: 4 })
    // Another worker had computed what it held.
    expect(counts.again).toBeGreaterThan(0)
    const then = workers[0].said().length
    await finished(submit('after', SAMPLES + 6400))
    expect(workers[0].said().slice(then)).toContain('chunk done')
  }, 240_000)
})
