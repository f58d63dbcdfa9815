import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/runtime/state/database.ts'
import { openPlace } from '../../src/runtime/state/place.ts'
import { type Json, tinyStudy } from '../end-to-end/tiny-study.ts'
import { chunkFiles, ledgerOf, samplesIn } from './chunk-ledger.ts'
import { postmasterOf, slotsOf, workersOf } from './processes.ts'
import {
  artifactText,
  ended,
  pause,
  type ServiceProcess,
  type Station,
  startProcess,
  station,
  until,
  uploadTinyMesh,
} from './service-process.ts'
import { skipped } from './skip.ts'

/** How often one run is disturbed, and the moments of it; NESTWAVE_CRASH_SEED repeats a run's. `npm run verify`: 20 of a longer one. */
const KILLS = Number(process.env.NESTWAVE_KILLS ?? 3)
const SEED = Number(process.env.NESTWAVE_CRASH_SEED ?? Date.now() % 1_000_000)

/** Uniform numbers in [0, 1) from the seed (a linear congruential generator is enough for moments). */
const uniform = ((state: number) => () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
})(SEED)

const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, key: uniform() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)

/** All items before any comes again, in an order of chance each time. */
const dealt = <T>(items: readonly T[], count: number): T[] =>
  Array.from({ length: Math.ceil(count / items.length) }, () => shuffled(items))
    .flat()
    .slice(0, count)

const SAMPLES = Number(process.env.NESTWAVE_CRASH_SAMPLES ?? 6400)
const MODEL = 'residual-bootstrap'
const study = (): Json => {
  const tiny = tinyStudy()
  return {
    ...tiny,
    dataset: { train: SAMPLES / 20, validation: 128, test: 128 },
    reduction: { ...tiny.reduction, modes: [8] },
    generator: { ...tiny.generator, iterations: 300, checkpointEvery: 40 },
    estimate: { ...tiny.estimate, model: MODEL, samples: SAMPLES, comparisonSamples: 128 },
  }
}

const TARGETS = ['service', 'worker', 'slot', 'database'] as const
type Target = (typeof TARGETS)[number]

/** The parts of a run in their order, by the stages that are theirs. */
const PHASES: readonly { readonly name: string; readonly stages: RegExp }[] = [
  { name: 'dataset', stages: /^full-domain runs/ },
  { name: 'reduction', stages: /^(reduction|choice of modes)/ },
  { name: 'training', stages: /^(baseline models|training of the generator)/ },
  { name: 'comparison', stages: /^submodel runs, all models/ },
  { name: 'estimate', stages: /^submodel runs, (?!all models)/ },
  { name: 'report', stages: /^(trust panel|report)/ },
]
const phaseOf = (stage: string | null): number => PHASES.findIndex(({ stages }) => stages.test(stage ?? ''))

interface Moment {
  readonly state: string
  readonly stage: string | null
  readonly done: number
  readonly total: number
  readonly driven: boolean
}

const momentOf = async (database: Database, job: string): Promise<Moment> => {
  const [row] = await database.query<Moment & Record<string, unknown>>(
    `select state, stage, stage_done as done, stage_total as total, claim is not null as driven from nestwave.job where id = $1`,
    [job],
  )
  return row
}

const isOver = ({ state }: Moment): boolean => state !== 'queued' && state !== 'running'

/** Asks again while the database is away. */
const patiently = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (const deadline = Date.now() + 60_000; ; await pause(100))
    try {
      return await ask()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
}

interface Watched {
  /** When each phase was reached, ms. */
  readonly reached: readonly number[]
  /** The furthest phase until now. */
  readonly phase: () => number
  readonly last: () => Moment
  readonly over: Promise<void>
}

/** Looks at a job again and again: a recipe that is taken up again passes its earlier stages once more, which are no progress. */
const watch = (database: Database, job: string): Watched => {
  const reached: number[] = []
  let last: Moment = { state: 'queued', stage: null, done: 0, total: 0, driven: false }
  const look = async (): Promise<void> => {
    while (!isOver(last)) {
      last = await patiently(() => momentOf(database, job))
      const phase = phaseOf(last.stage)
      while (reached.length <= phase) reached.push(performance.now())
      await pause(20)
    }
    reached.push(performance.now())
  }
  return { reached, phase: () => reached.length - 1, last: () => last, over: look() }
}

interface Kill {
  readonly target: Target
  readonly phase: number
  /** Seconds since the phase was reached, or since the damage of the kill before was repaired. */
  readonly wait: number
}

/** Kills over all phases and targets; within a phase at moments of chance in the time it took undisturbed. */
const planOf = (count: number, spans: readonly number[]): Kill[] => {
  const targets = dealt(TARGETS, count)
  const phases = dealt(
    PHASES.map((_, phase) => phase),
    count,
  ).sort((a, b) => a - b)
  // The last phase has none behind it that a late kill could fall into, and takes a second; load may have stretched it when it was timed.
  const length = (phase: number): number => (phase === PHASES.length - 1 ? Math.min(0.5, spans[phase]) : spans[phase])
  const moments = phases.map((phase) => ({ phase, at: 0.7 * uniform() * length(phase) }))
  moments.sort((a, b) => a.phase - b.phase || a.at - b.at)
  return moments.map(({ phase, at }, k) => {
    const before = moments[k - 1]
    return { phase, target: targets[k], wait: before?.phase === phase ? at - before.at : at }
  })
}

/** Messages that somebody works at. */
const claimed = (database: Database): Promise<{ id: string; name: string; retry: number }[]> =>
  patiently(() =>
    database.query(
      `select id, name, retry_count as retry from pgboss.job where state = 'active' and name in ('chunk', 'drive')`,
    ),
  )

/** Seconds from a kill until a message is taken up again; null where it was settled or withdrawn before. */
const takenUp = async (
  database: Database,
  { id, retry }: { id: string; retry: number },
  since: Date,
): Promise<number | null> => {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await pause(50)) {
    const [row] = await patiently(() =>
      database.query<{ state: string; retry: number; at: Date | null }>(
        'select state, retry_count as retry, started_on as at from pgboss.job where id = $1',
        [id],
      ),
    )
    // A later attempt has a higher number from the moment it begins.
    if (row === undefined || (row.retry === retry && !['active', 'retry'].includes(row.state))) return null
    if (row.retry > retry && row.at !== null && row.at > since) return (row.at.getTime() - since.getTime()) / 1000
  }
  throw new Error(`message ${id} was not taken up within a minute`)
}

const SLOTS = 2
const open = async (place: Station): Promise<Database> =>
  (await openPlace({ data: place.data, databaseUrl: null }, 3)).database

const pidOf = async (place: Station, target: Target): Promise<number> => {
  const find = (): number => {
    const service = place.service().pid
    if (target === 'service') return service
    if (target === 'database') return postmasterOf(place.data)
    return shuffled(target === 'worker' ? workersOf(service) : slotsOf(service))[0] ?? 0
  }
  let pid = 0
  await until(`a process to kill: ${target}`, () => {
    pid = find()
    return pid > 0
  })
  return pid
}

interface Struck {
  /** Messages that were under way. */
  readonly held: readonly string[]
  /** How long those that were orphaned lay idle, s. */
  readonly idle: readonly number[]
}

/** Kills, waits until the damage is repaired, and says what was under way. The service's supervisor is the test. */
const strike = async (place: Station, database: Database, target: Target): Promise<Struck> => {
  const pid = await pidOf(place, target)
  const held = await claimed(database)
  const since = new Date()
  process.kill(pid, 'SIGKILL')
  if (target === 'service') {
    await place.service().ended
    await place.start()
  }
  if (target === 'database') await until('another database server', () => ![0, pid].includes(postmasterOf(place.data)))
  const orphans = target === 'worker' ? held : []
  const idle = await Promise.all(orphans.map((one) => takenUp(database, one, since)))
  return { held: held.map(({ name }) => name), idle: idle.filter((seconds) => seconds !== null) }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`

const inSeconds = (all: readonly number[]): string => `${all.map((one) => one.toFixed(1)).join(', ')} s`

interface Undisturbed {
  readonly report: string
  readonly files: readonly string[]
  /** Seconds of each phase. */
  readonly spans: readonly number[]
}

const submit = async (place: Station, one: Json = study(), more: object = {}): Promise<string> =>
  (await place.client.submit({ kind: 'run', study: one, ...more })).id

const undisturbedRun = async (): Promise<Undisturbed> => {
  const place = station({ NESTWAVE_SLOTS: String(SLOTS) })
  try {
    await place.start()
    await uploadTinyMesh(place.client)
    const database = await open(place)
    const begin = performance.now()
    const job = await submit(place)
    const watched = watch(database, job)
    await watched.over
    expect(watched.last().state).toBe('succeeded')
    console.log(`undisturbed: ${seconds(performance.now() - begin)}`)
    const spans = PHASES.map((_, k) => (watched.reached[k + 1] - watched.reached[k]) / 1000)
    const result = {
      report: await artifactText(place.client, job, 'report.json'),
      files: await chunkFiles(database, job),
    }
    await database.close()
    return { ...result, spans }
  } finally {
    await place.remove()
  }
}

/** The same bytes of every chunk and of the report, each chunk counted once. */
const expectUndisturbed = async (
  place: Station,
  database: Database,
  job: string,
  { report, files }: Undisturbed,
): Promise<void> => {
  const ledger = await ledgerOf(database, job)
  console.log(`chunks: ${JSON.stringify(ledger)}`)
  expect(ledger).toMatchObject({ done: ledger.queued, files: ledger.queued })
  const made = await chunkFiles(database, job)
  expect(samplesIn(made, `estimate/${MODEL}`)).toBe(SAMPLES)
  expect(samplesIn(made, 'dataset/train')).toBe(study().dataset.train)
  expect(made).toEqual(files)
  expect(await artifactText(place.client, job, 'report.json')).toBe(report)
}

/** An orphan is noticed ten seconds after its worker's last sign of life. */
const ORPHAN_LIMIT = 15

const linux = process.platform === 'linux'
if (!linux) skipped('crash test of the service (needs /proc)')

describe.skipIf(!linux)('kill -9 of the service', () => {
  let undisturbed: Undisturbed
  beforeAll(async () => {
    undisturbed = await undisturbedRun()
  }, 300_000)

  it(`${KILLS} times in a run, of every process: the same bytes, every chunk once`, async () => {
    console.log(`crash moments: NESTWAVE_CRASH_SEED=${SEED} NESTWAVE_KILLS=${KILLS}`)
    const place = station({ NESTWAVE_SLOTS: String(SLOTS) })
    try {
      await place.start()
      await uploadTinyMesh(place.client)
      const database = await open(place)
      const begin = performance.now()
      const job = await submit(place)
      const watched = watch(database, job)
      const idle: number[] = []
      const hit: { target: Target; phase: string }[] = []
      for (const { target, phase, wait } of planOf(KILLS, undisturbed.spans)) {
        await until(PHASES[phase].name, () => watched.phase() >= phase || isOver(watched.last()), 120)
        await pause(1000 * wait)
        if (isOver(watched.last())) break
        const { stage, done, total, driven } = watched.last()
        const start = performance.now()
        const struck = await strike(place, database, target)
        idle.push(...struck.idle)
        hit.push({ target, phase: PHASES[watched.phase()]?.name ?? 'end' })
        console.log(
          `killed at ${seconds(start - begin)}: ${target} in ${PHASES[phase].name} (${stage} ${done}/${total}, ` +
            `${driven ? 'recipe' : 'chunks'}; under way: ${struck.held.join(', ') || 'nothing'}); ` +
            `repaired in ${seconds(performance.now() - start)}` +
            (struck.idle.length > 0 ? `; taken up again after ${inSeconds(struck.idle)}` : ''),
        )
      }
      await watched.over
      console.log(`disturbed: ${seconds(performance.now() - begin)}`)
      const resource = await place.client.job(job)
      expect(resource).toMatchObject({ state: 'succeeded', error: null })
      expect(hit.length).toBe(KILLS)
      if (KILLS >= TARGETS.length) expect(new Set(hit.map(({ target }) => target)).size).toBe(TARGETS.length)
      if (KILLS >= 20) expect(new Set(hit.map(({ phase }) => phase))).toEqual(new Set(PHASES.map(({ name }) => name)))
      await expectUndisturbed(place, database, job, undisturbed)
      console.log(`orphans taken up again after ${inSeconds(idle)}; attempts ${resource.attempts}`)
      for (const one of idle) expect(one).toBeLessThan(ORPHAN_LIMIT)
      await database.close()
    } finally {
      await place.remove()
    }
  })

  it('two workers of their own on one data folder: the same bytes', async () => {
    const place = station()
    const workers: ServiceProcess[] = []
    try {
      await place.start({}, ['--slots', '0'])
      for (let k = 0; k < 2; k++)
        workers.push(startProcess(['worker'], { NESTWAVE_DATA: place.data, NESTWAVE_SLOTS: '1' }))
      await uploadTinyMesh(place.client)
      const database = await open(place)
      const job = await submit(place)
      expect((await ended(place.client, job)).state).toBe('succeeded')
      await expectUndisturbed(place, database, job, undisturbed)
      expect(Object.keys((await ledgerOf(database, job)).workers)).toHaveLength(2)
      await database.close()
      for (const { child } of workers) child.kill('SIGTERM')
      expect(await Promise.all(workers.map((one) => one.ended))).toEqual(workers.map(() => ({ code: 0, signal: null })))
    } finally {
      for (const { child } of workers) child.kill('SIGTERM')
      await place.remove()
    }
  })
})

describe.skipIf(!linux)('a chunk that fails each time', () => {
  let place: Station
  let database: Database
  /** A dataset of its own by its seed. */
  const dataset = (seed: number, train = 640): Json => ({
    ...tinyStudy(),
    seed,
    dataset: { train, validation: 64, test: 64 },
  })
  const submitted = async (seed: number, train?: number, more: object = {}): Promise<string> =>
    (await place.client.submit({ kind: 'dataset', study: dataset(seed, train), ...more })).id

  beforeAll(async () => {
    place = station({ NESTWAVE_SLOTS: '1' })
    await place.start()
    await uploadTinyMesh(place.client)
    database = await open(place)
  })
  afterAll(async () => {
    await database.close()
    await place.remove()
  })

  interface Waiting {
    readonly id: string
    readonly path: string
    readonly input: string
  }
  /** A job's last chunk of training data in the queue. */
  const lastChunk = async (job: string): Promise<Waiting> => {
    let found: Waiting | undefined
    await until('chunks', async () => {
      const rows = await database.query<Waiting & Record<string, unknown>>(
        `select id, path, input_sha256 as input from nestwave.chunk where job = $1 and done_at is null
         and path like 'train/%' order by tag desc limit 1`,
        [job],
      )
      found = rows[0]
      return found !== undefined
    })
    return found!
  }

  it('by its input on disk: the job fails with its path and error, others go on; resumed, it is made anew', async () => {
    const bad = await submitted(101)
    const { path, input } = await lastChunk(bad)
    writeFileSync(join(place.data, 'blobs', input.slice(0, 2), input), 'not what was written')
    // Without that chunk: equal inputs are one file.
    const good = await submitted(102, 320)
    const failed = await ended(place.client, bad)
    expect(failed).toMatchObject({ state: 'failed', error: { type: 'poison-chunk' } })
    expect(failed.error?.message).toContain(`${path} failed 4 times, last: `)
    expect(failed.error?.message).toMatch(/is gone|is damaged/)
    expect((await ended(place.client, good)).state).toBe('succeeded')
    await place.client.resume(bad)
    expect((await ended(place.client, bad)).state).toBe('succeeded')
  })

  it('by its process, killed each time: the job fails with its path, others go on', async () => {
    const good = await submitted(104)
    const bad = await submitted(103, 64)
    const { id, path } = await lastChunk(bad)
    let kills = 0
    const isHeld = async (): Promise<boolean> => {
      const [row] = await database.query('select 1 from pgboss.job where id = $1 and state = $2', [id, 'active'])
      return row !== undefined
    }
    const state = async (): Promise<string> => (await momentOf(database, bad)).state
    while ((await state()) === 'running') {
      if (await isHeld()) {
        const pids = slotsOf(place.service().pid)
        for (const pid of pids) process.kill(pid, 'SIGKILL')
        kills += pids.length
      }
      await pause(5)
    }
    const failed = await ended(place.client, bad)
    console.log(`a chunk's process killed ${kills} times: ${failed.error?.message}`)
    expect(failed).toMatchObject({ state: 'failed', error: { type: 'poison-chunk' } })
    expect(failed.error?.message).toContain(`${path} failed 4 times, last: the working process `)
    expect((await ended(place.client, good)).state).toBe('succeeded')
  })

  it('a worker killed while a more urgent job waits: that one first, both whole', async () => {
    const slow = await submitted(105, 1280, { priority: -1 })
    await lastChunk(slow)
    const urgent = await submitted(106, 320, { priority: 1 })
    const { queued, done } = await ledgerOf(database, slow)
    expect(done).toBeLessThan(queued)
    process.kill(workersOf(place.service().pid)[0], 'SIGKILL')
    const [first, second] = await Promise.all([ended(place.client, urgent), ended(place.client, slow)])
    expect([first.state, second.state]).toEqual(['succeeded', 'succeeded'])
    expect(Date.parse(first.endedAt!)).toBeLessThan(Date.parse(second.endedAt!))
    for (const job of [urgent, slow]) {
      const ledger = await ledgerOf(database, job)
      expect(ledger).toMatchObject({ done: ledger.queued, files: ledger.queued })
    }
  })
})
