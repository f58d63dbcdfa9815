import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobResource } from '../../src/client/api.ts'
import { connectionOf } from '../../src/runtime/postgres/postgres.ts'
import { postgresFolder } from '../../src/runtime/state/place.ts'
import { sweep } from '../../src/runtime/state/sweep.ts'
import { type Json, tinyMesh, tinyStudy } from '../end-to-end/tiny-study.ts'
import { ask, eventsOf, nestwave, openState, sha256Of } from './service-asking.ts'
import {
  artifactsOf,
  artifactText,
  ended,
  pause,
  runToEnd,
  type Station,
  startProcess,
  station,
  until,
  uploadTinyMesh,
} from './service-process.ts'

const running = station()
const restored = station()
const folder = mkdtempSync(join(tmpdir(), 'nestwave-'))
let job: JobResource

const longStudy = (seed: number): Json => ({
  ...tinyStudy(),
  seed,
  dataset: { train: 256, validation: 60, test: 60 },
  reduction: { ...tinyStudy().reduction, modes: [8] },
})

const on = ({ data, port }: Station, more: NodeJS.ProcessEnv = {}) => ({
  ...{ NESTWAVE_DATA: data, PORT: String(port), NESTWAVE_LOG_LEVEL: 'error' },
  ...more,
})

/** report.json of a study, computed in one go by the command line. */
const reportOnDisk = async (study: Json): Promise<string> => {
  const root = mkdtempSync(join(folder, 'run-'))
  writeFileSync(join(root, 'plate.msh'), tinyMesh())
  writeFileSync(join(root, 'study.json'), JSON.stringify(study))
  const { code, said } = await nestwave(['run', join(root, 'study.json'), '--out', join(root, 'out'), '--quiet'])
  expect([code, said]).toEqual([0, ''])
  return readFileSync(join(root, 'out/report.json'), 'utf8')
}

const chunksUnderWay = (place: Station, id: string): Promise<void> =>
  until('some chunks, and not all', async () => {
    const { state, progress } = await place.client.job(id)
    if (state === 'succeeded') throw new Error('it ended too soon')
    return progress !== null && progress.done > 0 && progress.done < progress.total
  })

const blobsOf = ({ data }: Station): string[] =>
  readdirSync(join(data, 'blobs')).flatMap((two) => (two.length === 2 ? readdirSync(join(data, 'blobs', two)) : []))

/** Every artifact of a job can be read, and is what it says. */
const expectWhole = async (place: Station, id: string): Promise<void> => {
  for (const { href, path, sha256 } of await artifactsOf(place.client, id)) {
    const bytes = Buffer.from(await (await fetch(`${place.url}${href}`)).arrayBuffer())
    expect([path, sha256Of(bytes)]).toEqual([path, sha256])
  }
}

const databaseRuns = async ({ data }: Station): Promise<boolean> => {
  try {
    await connectionOf(postgresFolder(data))
    readFileSync(join(postgresFolder(data), 'data/postmaster.pid'))
    return true
  } catch {
    return false
  }
}

beforeAll(async () => {
  await running.start()
  await uploadTinyMesh(running.client)
  job = await runToEnd(running.client, tinyStudy())
}, 120_000)
afterAll(async () => {
  await Promise.all([running.remove(), restored.remove()])
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

describe('what a service says of itself', () => {
  it('/metrics: jobs, queues, workers, processor time, requests by route', async () => {
    await running.client.job(job.id)
    const { status, headers, text } = await ask(running, 'GET', '/metrics')
    expect([status, headers['content-type']]).toEqual([200, expect.stringMatching(/^text\/plain; version=/)])
    const value = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
    expect(value('nestwave_jobs\\{state="succeeded"\\}')).toBe(1)
    for (const queue of ['chunk', 'drive', 'webhook'])
      expect(value(`nestwave_queue_ready\\{queue="${queue}"\\}`)).toBe(0)
    expect(value('nestwave_workers')).toBeGreaterThanOrEqual(1)
    expect(value('nestwave_cpu_seconds')).toBeCloseTo((await running.client.job(job.id)).cpuSeconds, 3)
    expect(text).toContain('nestwave_http_seconds_count{method="GET",route="/v1/jobs/:id",status="200"}')
    expect(text).not.toContain(job.id)
    expect(text).toContain('process_resident_memory_bytes')
  })

  it('/health', async () => {
    expect((await ask(running, 'GET', '/health/live')).json).toEqual({ status: 'live' })
    const ready = await ask(running, 'GET', '/health/ready')
    expect([ready.status, ready.json]).toEqual([200, { status: 'ready', workers: expect.any(Number) }])
  })

  it('`nestwave doctor` finds everything in order, beside the service', async () => {
    const { code, said } = await nestwave(['doctor'], on(running))
    expect([code, said]).toEqual([0, expect.stringMatching(/ok {4}PostgreSQL +PostgreSQL \d+.*embedded/)])
    expect(said).toContain('in use (by this service, if it runs)')
    expect(said).toMatch(/ok {4}tensor runtime +\S+\n +executor tfjs-node-gpu: /)
    expect(said).toMatch(/\n +executor onnxruntime-cpu: usable: reproduces the stored gradient/)
    expect(said).not.toContain('FAIL')
  })

  it('`nestwave doctor` says what is not', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const { code, said } = await nestwave(['doctor'], { NESTWAVE_DATA: join(file, 'data'), PORT: '0' })
    expect([code, said]).toEqual([1, expect.stringMatching(/FAIL {2}data folder/)])
  })

  it('--print-config hides the password of the database, wherever it stands', async () => {
    for (const url of [
      'postgres://user:hush-hush@host:5432/db',
      'postgres://user:hush@hush-hush@host/db',
      'postgres://:hush-hush@host/db',
      'postgres://host/db?user=u&password=hush-hush&sslmode=require',
    ]) {
      const { code, said } = await nestwave(['serve', '--print-config'], { DATABASE_URL: url, NESTWAVE_DATA: folder })
      expect([url, code, said.includes('hush')]).toEqual([url, 0, false])
      expect(JSON.parse(said).databaseUrl).toContain('host')
    }
  })

  it('tells wrong settings by the name they were given under', async () => {
    const { code, said } = await nestwave(['serve', '--print-config'], { PORT: 'x', NESTWAVE_SLOTS: '-1' })
    expect([code, said]).toEqual([2, expect.stringMatching(/PORT[\s\S]*NESTWAVE_SLOTS/)])
  })
})

describe('a service that cannot start', () => {
  it('says why and ends, when its port is in use', async () => {
    const server = createServer()
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const data = mkdtempSync(join(folder, 'data-'))
    const taken = startProcess(['serve'], { NESTWAVE_DATA: data, PORT: String(port) })
    const outcome = await Promise.race([taken.ended, pause(30_000)])
    taken.child.kill('SIGKILL')
    expect([outcome, taken.said()]).toEqual([{ code: 2, signal: null }, expect.stringContaining('PORT')])
    await until('its database to have ended', async () => !(await databaseRuns({ data } as Station)), 10)
    server.close()
  })
})

describe('a backup', () => {
  const backups = join(folder, 'backup')
  let under: JobResource
  let before: readonly string[]

  it('is made while a job runs; the second time only what is new', async () => {
    under = await running.client.submit({ kind: 'run', study: longStudy(81) })
    await chunksUnderWay(running, under.id)
    const first = await nestwave(['backup', backups], on(running))
    expect([first.code, first.said]).toEqual([0, expect.stringMatching(/^2 jobs, \d+ new files/)])
    before = readdirSync(join(backups, 'blobs'))
    await running.client.cancel(under.id)
    const again = join(folder, 'again')
    expect((await nestwave(['backup', again], on(running))).said).toMatch(/^2 jobs, [1-9]\d* new files/)
    expect((await nestwave(['backup', again], on(running))).said).toMatch(/^2 jobs, 0 new files/)
  })

  it('is refused where it is not finished, damaged, or the folder not empty', async () => {
    const refused = async (source: string, place: Station) => {
      const { code, said } = await nestwave(['restore', source], on(place))
      expect(code).toBe(2)
      return said
    }
    expect(await refused(join(folder, 'nothing'), running)).toContain('backup.json')
    expect(await refused(backups, running)).toContain('without jobs')
    const rows = join(backups, 'job.ndjson')
    const content = readFileSync(rows, 'utf8')
    writeFileSync(rows, content.replace('Tiny plate', 'Tiny slate'))
    expect(await refused(backups, restored)).toContain('a changed one')
    writeFileSync(rows, content)
  })

  it('restored: what was finished is equal, what was under way goes on to the same report', async () => {
    const { code, said } = await nestwave(['restore', backups], on(restored))
    expect([code, said]).toEqual([0, expect.stringMatching(/^2 jobs restored, 1 of them/)])
    await restored.start()
    expect(before.filter((name) => !blobsOf(restored).includes(name))).toEqual([])
    const { client } = restored
    expect(await client.job(job.id)).toEqual(await running.client.job(job.id))
    expect(await client.results(job.id)).toEqual(await running.client.results(job.id))
    expect(await artifactsOf(client, job.id)).toEqual(await artifactsOf(running.client, job.id))
    expect((await eventsOf(restored, job.id)).events).toEqual((await eventsOf(running, job.id)).events)
    await expectWhole(restored, job.id)
    const over = await ended(client, under.id)
    expect(over.state).toBe('succeeded')
    await expectWhole(restored, under.id)
    expect(await artifactText(client, under.id, 'report.json')).toBe(await reportOnDisk(longStudy(81)))
    const { events } = await eventsOf(restored, under.id)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, k) => k + 1))
  })

  it('leaves a state in which new jobs come after the old', async () => {
    const made = await restored.client.submit({ kind: 'simulation', study: tinyStudy() })
    expect((await restored.client.jobs()).items.map(({ id }) => id)).toEqual([made.id, under.id, job.id])
    await restored.client.cancel(made.id)
    await restored.stop()
  })
})

describe('a SIGTERM', () => {
  it('in the middle of a run: it ends soon, nothing is lost, and a restart finishes', async () => {
    const { id } = await running.client.submit({ kind: 'run', study: longStudy(82) })
    await chunksUnderWay(running, id)
    const watching = running.client.events(id)
    const seen = (async () => {
      const numbers: number[] = []
      for await (const { seq } of watching) numbers.push(seq)
      return numbers
    })()
    const began = performance.now()
    const service = running.service()
    await running.stop()
    expect(performance.now() - began).toBeLessThan(40_000)
    expect([(await service.ended).code, service.said()]).toEqual([0, expect.stringContaining('stopping')])
    expect(await databaseRuns(running)).toBe(false)
    await running.start()
    expect((await ended(running.client, id)).state).toBe('succeeded')
    expect(await artifactText(running.client, id, 'report.json')).toBe(await reportOnDisk(longStudy(82)))
    const numbers = await seen
    expect(numbers).toEqual(numbers.map((_, k) => k + 1))
    await expectWhole(running, id)
  })
})

describe('a command beside a service that does not run', () => {
  it('starts the database for its time, and leaves it as it was', async () => {
    expect(await databaseRuns(restored)).toBe(false)
    const { code, said } = await nestwave(['keys', 'list'], on(restored))
    expect([code, JSON.parse(said)]).toEqual([0, []])
    expect(await databaseRuns(restored)).toBe(false)
    expect((await nestwave(['doctor'], on(restored))).code).toBe(0)
    expect(await databaseRuns(restored)).toBe(false)
  })

  it('leaves the database of one that runs alone', async () => {
    expect((await nestwave(['keys', 'list'], on(running))).code).toBe(0)
    expect(await databaseRuns(running)).toBe(true)
    expect((await ask(running, 'GET', '/health/ready')).status).toBe(200)
  })
})

describe('a sweep', () => {
  it('removes bytes that nothing refers to, and none that something does', async () => {
    const state = await openState(running)
    try {
      const orphan = await state.blobs.put(Buffer.from('nobody wants me'))
      const { id } = await running.client.submit({ kind: 'dataset', study: longStudy(83) })
      await chunksUnderWay(running, id)
      // What waits for its work is used, too: the worker stands still meanwhile.
      await running.client.cancel(id)
      await running.client.resume(id)
      await chunksUnderWay(running, id)
      expect((await sweep(state, null)).blobs).toBe(0)
      await ended(running.client, id)
      // A blob as old as the sweep itself is not older.
      await pause(50)
      const swept = await sweep(state, null, 0)
      expect(swept.blobs).toBeGreaterThan(0)
      expect(blobsOf(running)).not.toContain(orphan.sha256)
      for (const one of (await running.client.jobs()).items) await expectWhole(running, one.id)
      expect((await sweep(state, null, 0)).blobs).toBe(0)
      const { meshes } = { meshes: (await running.client.meshes()).items }
      expect(meshes.filter(({ sha256 }) => !blobsOf(running).includes(sha256))).toEqual([])
    } finally {
      await state.database.close()
    }
  })

  it('removes jobs past their retention, with their files', async () => {
    const state = await openState(running)
    try {
      const old = await runToEnd(running.client, { ...tinyStudy(), seed: 84 }, 'dataset')
      await state.database.query(`update nestwave.job set ended_at = ended_at - interval '3 days' where id = $1`, [
        old.id,
      ])
      await state.database.query(
        `update nestwave.stage set created_at = created_at - interval '3 days' where id in
        (select stage from nestwave.job_stage where job = $1)`,
        [old.id],
      )
      const chunks = (await artifactsOf(running.client, old.id)).filter(({ path }) => path.includes('/chunks/'))
      expect((await sweep(state, 2, 0)).jobs).toBe(1)
      expect((await ask(running, 'GET', `/v1/jobs/${old.id}`)).status).toBe(404)
      const left = new Set(blobsOf(running))
      expect(chunks.filter(({ sha256 }) => left.has(sha256))).toEqual([])
      await expectWhole(running, job.id)
    } finally {
      await state.database.close()
    }
  })
})

describe('a purge', () => {
  it('is refused while the job is active', async () => {
    const { id } = await running.client.submit({ kind: 'dataset', study: longStudy(85) })
    const { status, json } = await ask(running, 'DELETE', `/v1/jobs/${id}?purge=true`)
    expect([status, json.type]).toEqual([409, '/problems/job-active'])
    await running.client.cancel(id)
    await running.client.purge(id)
  })

  it('removes the job; others keep what they share with it', async () => {
    const other = await runToEnd(running.client, tinyStudy(), 'dataset')
    await running.client.purge(other.id)
    for (const path of ['', '/events', '/results', '/artifacts', '/export.zip'])
      expect([path, (await ask(running, 'GET', `/v1/jobs/${other.id}${path}`)).status]).toEqual([path, 404])
    expect((await running.client.jobs()).items.map(({ id }) => id)).not.toContain(other.id)
    await expectWhole(running, job.id)
    await running.client.purge(job.id)
    const state = await openState(running)
    await sweep(state, null, 0)
    await state.database.close()
    // The stage is kept for an hour after it was made: the same study again finds it.
    const again = await runToEnd(running.client, tinyStudy(), 'dataset')
    expect(await running.client.logs(again.id)).toContain('220 steps, 220 found finished')
  })
})
