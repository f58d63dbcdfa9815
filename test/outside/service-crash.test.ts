import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPlace, postgresFolder, type State } from '../../src/runtime/state/place.ts'
import { tinyStudy } from '../end-to-end/tiny-study.ts'
import {
  artifactText,
  ended,
  pause,
  runToEnd,
  type Station,
  station,
  until,
  uploadTinyMesh,
} from './service-process.ts'

/** How many processes are killed: 5 in continuous integration, 20 in `npm run verify`. */
const KILLS = Number(process.env.NESTWAVE_KILLS ?? 5)
/** The moments of this run's kills; NESTWAVE_CRASH_SEED repeats a run's. */
const SEED = Number(process.env.NESTWAVE_CRASH_SEED ?? Date.now() % 1_000_000)
/** s until an orphan must be in other hands. */
const TAKEN_UP = 15

const uniforms = ((state: number) => () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
})(SEED)

/** 200 chunks of submodel runs, and every other phase long enough to be hit. */
const study = () => {
  const tiny = tinyStudy()
  return {
    ...tiny,
    dataset: { train: 300, validation: 100, test: 200 },
    generator: { ...tiny.generator, iterations: 400, checkpointEvery: 40 },
    estimate: { ...tiny.estimate, samples: 12_800, comparisonSamples: 128 },
  }
}

const PHASES: Readonly<Record<string, RegExp>> = {
  dataset: /^full-domain runs$/,
  model: /^(reduction|choice of modes|baseline models|training of the generator)$/,
  comparison: /^submodel runs, all models$/,
  estimate: /^submodel runs, (?!all models)/,
  report: /^(trust panel|report)$/,
}
const TARGETS = ['slot', 'worker', 'postgres', 'service'] as const
type Target = (typeof TARGETS)[number]

/** Kills in the order of the phases, the targets in turn from a random one. */
const plan = (): { phase: string; target: Target; after: number }[] => {
  const phases = Object.keys(PHASES)
  const first = Math.floor(TARGETS.length * uniforms())
  return Array.from({ length: KILLS }, (_, k) => ({
    phase: phases[Math.floor((k * phases.length) / KILLS)],
    target: TARGETS[(first + k) % TARGETS.length],
    after: 250 * uniforms(),
  }))
}

const childrenOf = (pid: number, script: string): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((child) => existsSync(`/proc/${child}/cmdline`))
    .filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(script))

const workerOf = (service: number): number => childrenOf(service, 'service/main')[0]

/** The process of ours that a kill is for; undefined while it is away. */
const pidOf = (place: Station, target: Target): number | undefined => {
  const service = place.service().pid
  if (target === 'service') return service
  if (target === 'postgres')
    return Number(readFileSync(join(postgresFolder(place.data), 'data/postmaster.pid'), 'utf8').split('\n')[0])
  const worker = workerOf(service)
  if (target === 'worker' || worker === undefined) return worker
  const slots = childrenOf(worker, 'slot')
  return slots[Math.floor(slots.length * uniforms())]
}

interface Claimed {
  readonly name: string
  readonly id: string
  readonly attempt: number
}

const claims = async (state: State): Promise<Claimed[]> =>
  state.database.query<Claimed>(
    `select name, id, retry_count as attempt from pgboss.job where state = 'active' and name in ('chunk', 'drive')`,
  )

/** s until every claim of a killed worker has gone to another attempt. */
const takenUp = async (state: State, orphans: readonly Claimed[]): Promise<number> => {
  const start = performance.now()
  await until(
    'orphans to be taken up',
    async () => {
      const rows = await state.database.query<{ id: string }>(
        `select id from pgboss.job where state = 'active' and (id, retry_count) in
         (select (e->>'id')::uuid, (e->>'attempt')::int from jsonb_array_elements($1::jsonb) e)`,
        [JSON.stringify(orphans)],
      )
      const waiting = await state.database.query(
        `select 1 from pgboss.job where state in ('created', 'retry') and id = any($1)`,
        [orphans.map(({ id }) => id)],
      )
      return rows.length === 0 && waiting.length === 0
    },
    60,
  )
  return (performance.now() - start) / 1000
}

let undisturbed: string
const places: Station[] = []
const newStation = (): Station => {
  const place = station({ NESTWAVE_SLOTS: '2' })
  places.push(place)
  return place
}

beforeAll(async () => {
  console.log(`${KILLS} kills: NESTWAVE_CRASH_SEED=${SEED}`)
  const calm = newStation()
  await calm.start()
  await uploadTinyMesh(calm.client)
  const job = await runToEnd(calm.client, study())
  expect(job.state).toBe('succeeded')
  undisturbed = await artifactText(calm.client, job.id, 'report.json')
  await calm.stop()
}, 180_000)
afterAll(async () => {
  for (const place of places) await place.remove()
}, 120_000)

/** Waits until the job is in a phase; false when it has ended before. */
const inPhase = async (place: Station, id: string, phase: string): Promise<boolean> => {
  let there = false
  await until(
    `the job to be in phase ${phase}`,
    async () => {
      const job = await place.client.job(id)
      there = job.state === 'running' && PHASES[phase].test(job.progress?.stage ?? '')
      return there || !['queued', 'running'].includes(job.state)
    },
    120,
  )
  return there
}

describe('kill -9 of service, worker, working process and database', () => {
  it(
    `${KILLS} times, in every phase: every chunk once, the same report, orphans taken up in time`,
    async () => {
      const place = newStation()
      await place.start()
      await uploadTinyMesh(place.client)
      const { id } = await place.client.submit({ kind: 'run', study: study() })
      const hit: { phase: string; target: Target }[] = []
      const times: number[] = []
      for (const { phase, target, after } of plan()) {
        if (!(await inPhase(place, id, phase))) break
        await pause(after)
        const state = await openPlace({ data: place.data, databaseUrl: null }, 2)
        const orphans = target === 'worker' ? await claims(state) : []
        const stage = (await place.client.job(id)).progress
        await until(`a ${target} to kill`, () => pidOf(place, target) !== undefined)
        process.kill(pidOf(place, target)!, 'SIGKILL')
        hit.push({ phase, target })
        console.log(`killed the ${target} in ${phase} (${stage?.stage} ${stage?.done}/${stage?.total})`)
        if (target === 'service') {
          await place.service().ended
          await place.start()
        }
        if (target === 'worker') {
          times.push(await takenUp(state, orphans))
          console.log(`  ${orphans.length} orphans taken up after ${times.at(-1)!.toFixed(1)} s`)
        }
        await state.database.close()
      }
      expect(hit).toHaveLength(KILLS)
      expect(new Set(hit.map(({ phase }) => phase)).size).toBe(Math.min(KILLS, Object.keys(PHASES).length))
      expect(new Set(hit.map(({ target }) => target)).size).toBe(Math.min(KILLS, TARGETS.length))
      expect(Math.max(0, ...times)).toBeLessThanOrEqual(TAKEN_UP)

      const job = await ended(place.client, id, 240)
      expect(job).toMatchObject({ state: 'succeeded', error: null })
      expect(await artifactText(place.client, id, 'report.json')).toBe(undisturbed)
      const state = await openPlace({ data: place.data, databaseUrl: null }, 2)
      const [counts] = await state.database.query(
        `select count(*) as chunks, count(distinct (folder, path)) as paths, count(done_at) as done,
           count(*) filter (where attempt > 0) as again from nestwave.chunk where job = $1`,
        [id],
      )
      console.log(`chunks: ${JSON.stringify(counts)}; attempts at the recipe: ${job.attempts}`)
      const { chunks, paths, done } = counts as { chunks: number; paths: number; done: number }
      expect(chunks).toBeGreaterThanOrEqual(200)
      expect([paths, done]).toEqual([chunks, chunks])
      await state.database.close()
      const { series } = await place.client.results(id)
      expect(series.find(({ samples }) => samples === 12_800)).toMatchObject({ chunks: 200 })
      await place.stop()
    },
    KILLS * 40_000 + 300_000,
  )
})

describe('a chunk that fails at every attempt', () => {
  it('fails its job with its name and its error; other jobs go on', async () => {
    const place = newStation()
    await place.start({ NESTWAVE_SLOTS: '1' })
    await uploadTinyMesh(place.client)
    const { id } = await place.client.submit({
      kind: 'dataset',
      study: { ...study(), dataset: { train: 2000, validation: 60, test: 60 } },
    })
    const state = await openPlace({ data: place.data, databaseUrl: null }, 2)
    let chunk: { path: string; input: string } | undefined
    await until('chunks in the queue', async () => {
      const rows = await state.database.query<{ path: string; input: string }>(
        'select path, input_sha256 as input from nestwave.chunk where job = $1 and done_at is null order by tag desc limit 1',
        [id],
      )
      chunk = rows[0]
      return chunk !== undefined
    })
    const { path, input } = chunk!
    writeFileSync(join(place.data, 'blobs', input.slice(0, 2), input), 'poison')
    const other = await place.client.submit({ kind: 'simulation', study: study() })
    const failed = await ended(place.client, id)
    expect(failed).toMatchObject({ state: 'failed', error: { type: 'poison-chunk' } })
    expect(failed.reason).toMatch(new RegExp(`^${path} failed 4 times, last: .*(is damaged|is gone)`))
    expect(await ended(place.client, other.id)).toMatchObject({ state: 'succeeded' })
    // Its inputs are made anew, so that it can go on.
    await place.client.resume(id)
    expect(await ended(place.client, id)).toMatchObject({ state: 'succeeded' })
    await state.database.close()
    await place.stop()
  }, 180_000)
})

describe('several workers', () => {
  it('two worker processes beside an API that does not compute: the same report', async () => {
    const place = newStation()
    await place.start({ NESTWAVE_SLOTS: '0' })
    await uploadTinyMesh(place.client)
    const { startProcess } = await import('./service-process.ts')
    const environment = { NESTWAVE_DATA: place.data, NESTWAVE_SLOTS: '1' }
    const workers = [1, 2].map(() => startProcess(['worker'], environment))
    const job = await runToEnd(place.client, study())
    expect(job.state).toBe('succeeded')
    expect(await artifactText(place.client, job.id, 'report.json')).toBe(undisturbed)
    const state = await openPlace({ data: place.data, databaseUrl: null }, 1)
    const rows = await state.database.query('select distinct worker from nestwave.chunk where job = $1', [job.id])
    expect(rows).toHaveLength(2)
    await state.database.close()
    for (const worker of workers) worker.child.kill('SIGTERM')
    expect(await Promise.all(workers.map((worker) => worker.ended))).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ])
    expect(readdirSync(join(place.data, 'blobs')).length).toBeGreaterThan(1)
  }, 180_000)
})
