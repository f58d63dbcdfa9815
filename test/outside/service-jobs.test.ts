import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Artifact, JobKind, JobRequest, JobResource } from '../../src/client/api.ts'
import type { NestwaveClient } from '../../src/client/client.ts'
import { type Json, tinyMesh, tinyStudy } from '../end-to-end/tiny-study.ts'
import { ask, eventsOf, nestwave } from './service-asking.ts'
import { artifactsOf, artifactText, ended, station, until, uploadTinyMesh } from './service-process.ts'

/** Studies of different seeds share nothing. */
const studyOf = (seed: number, change: Json = {}): Json => ({
  ...tinyStudy(),
  reduction: { ...tinyStudy().reduction, modes: [8] },
  ...change,
  seed,
  dataset: { ...tinyStudy().dataset, ...change.dataset },
  estimate: { ...tinyStudy().estimate, ...change.estimate },
})

const running = station()
let client: NestwaveClient
let base: JobResource

const finished = async (request: JobRequest): Promise<JobResource> => ended(client, (await client.submit(request)).id)

/** report.json of the same study, computed in one go by the command line. */
const reportOnDisk = async (study: Json): Promise<string> => {
  const root = mkdtempSync(join(tmpdir(), 'nestwave-'))
  try {
    writeFileSync(join(root, 'plate.msh'), tinyMesh())
    writeFileSync(join(root, 'study.json'), JSON.stringify(study))
    const { code, said } = await nestwave(['run', join(root, 'study.json'), '--out', join(root, 'out'), '--quiet'])
    expect(said).toBe('')
    expect(code).toBe(0)
    return readFileSync(join(root, 'out/report.json'), 'utf8')
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const chunksOf = async (id: string): Promise<Artifact[]> =>
  (await artifactsOf(client, id)).filter(({ path }) => path.includes('/chunks/'))

/** Chunks that were there before are there still, the same bytes. */
const expectKept = (before: readonly Artifact[], after: readonly Artifact[]): void => {
  expect(before.length).toBeGreaterThan(0)
  const now = new Map(after.map(({ path, sha256 }) => [path, sha256]))
  expect(before.map(({ path, sha256 }) => [path, sha256])).toEqual(before.map(({ path }) => [path, now.get(path)]))
}

const chunkDone = (id: string, stage: string, steps = 1): Promise<void> =>
  until(`${steps} steps of ${stage}`, async () => {
    const { state, progress } = await client.job(id)
    if (state === 'succeeded' || state === 'failed') throw new Error(`it ${state} too soon`)
    return progress?.stage === stage && progress.done >= steps
  })

beforeAll(async () => {
  await running.start()
  client = running.client
  await uploadTinyMesh(client)
  base = await client.submit({ kind: 'run', study: studyOf(7) }, { idempotencyKey: 'base' })
  base = await ended(client, base.id)
}, 120_000)
afterAll(() => running.remove(), 60_000)

describe('a job of each kind', () => {
  it('run: dataset, training and estimate in one', async () => {
    expect(base).toMatchObject({ kind: 'run', state: 'succeeded', reason: null, error: null, revision: 1 })
    const results = await client.results(base.id)
    expect(results).toMatchObject({ partial: false, result: null, report: { schemaVersion: 1, title: 'Tiny plate' } })
    expect(results.series).toContainEqual({ path: 'dataset/train', samples: 100, chunks: 2 })
  })

  it('gives the very report that the command line gives', async () => {
    expect(await artifactText(client, base.id, 'report.json')).toBe(await reportOnDisk(studyOf(7)))
  })

  it('training without its dataset fails, and says what is missing', async () => {
    const job = await finished({ kind: 'training', study: studyOf(8) })
    expect(job.state).toBe('failed')
    expect(job.error).toMatchObject({ type: 'invalid-input', errors: [{ path: 'dataset/train' }] })
    expect(job.reason).toContain('received none on disk')
  })

  it('dataset, then training, then estimate', async () => {
    const jobs: JobResource[] = []
    for (const kind of ['dataset', 'training', 'estimate'] satisfies JobKind[])
      jobs.push(await finished({ kind, study: studyOf(8) }))
    expect(jobs.map(({ kind, state }) => [kind, state])).toEqual([
      ['dataset', 'succeeded'],
      ['training', 'succeeded'],
      ['estimate', 'succeeded'],
    ])
    const [dataset, training, estimate] = await Promise.all(jobs.map(({ id }) => client.results(id)))
    expect([dataset.report, training.report]).toEqual([null, null])
    expect(estimate.report).toMatchObject({ schemaVersion: 1 })
    expect((await artifactsOf(client, jobs[1].id)).map(({ path }) => path)).toContain('model/card.json')
  })

  it('simulation of one sample', async () => {
    const job = await finished({ kind: 'simulation', study: studyOf(7), sample: 3 })
    expect(job.state).toBe('succeeded')
    const { result, report, partial } = await client.results(job.id)
    expect([report, partial]).toEqual([null, false])
    expect(result).not.toBeNull()
    const paths = (await artifactsOf(client, job.id)).map(({ path }) => path)
    expect(paths).toContain('simulation-3/result.json')
    expect(paths.some((path) => path.endsWith('.vtu'))).toBe(true)
  })

  it('takes the study of a parent, with fields changed', async () => {
    const set = { 'estimate.samples': 192, title: 'More of them' }
    const job = await finished({ kind: 'estimate', parent: base.id, set })
    expect(job).toMatchObject({ state: 'succeeded', parent: base.id, title: 'More of them' })
    const study = JSON.parse(await artifactText(client, job.id, 'study.json'))
    expect([study.estimate.samples, study.estimate.comparisonSamples]).toEqual([192, 64])
  })
})

describe('events', () => {
  it('are numbered without gaps, from queued to the end', async () => {
    const { events, ended: over } = await eventsOf(running, base.id)
    expect(over).toBe(true)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, k) => k + 1))
    const states = events.filter(({ type }) => type === 'state').map(({ data }) => data.state)
    expect(states).toEqual(['queued', 'running', 'succeeded'])
    expect(new Set(events.map(({ type }) => type))).toContain('stage')
    for (const { data } of events.filter(({ type }) => type === 'progress'))
      expect(data.etaSeconds).toSatisfy((eta) => (data.done === data.found ? eta === null : Number(eta) >= 0))
  })

  it('go on after Last-Event-ID, or ?after, and the header is the newer', async () => {
    const { events } = await eventsOf(running, base.id)
    const rest = (from: number) => ({ events: events.slice(from), ended: true })
    expect(await eventsOf(running, base.id, { headers: { 'last-event-id': '5' } })).toEqual(rest(5))
    expect(await eventsOf(running, base.id, { query: '?after=7' })).toEqual(rest(7))
    expect(await eventsOf(running, base.id, { query: '?after=3', headers: { 'last-event-id': '9' } })).toEqual(rest(9))
    expect(await eventsOf(running, base.id, { query: `?after=${events.length}` })).toEqual(rest(events.length))
  })

  it('join up across a connection that was left in the middle', async () => {
    const { id } = await client.submit({ kind: 'dataset', study: studyOf(9, { dataset: { train: 400 } }) })
    const first = await eventsOf(running, id, { enough: 3 })
    const last = first.events.at(-1)!.seq
    const second = await eventsOf(running, id, { headers: { 'last-event-id': String(last) } })
    const all = [...first.events, ...second.events]
    expect(second.ended).toBe(true)
    expect(all.map(({ seq }) => seq)).toEqual(all.map((_, k) => k + 1))
    expect(all.at(-1)!.data).toEqual({ state: 'succeeded' })
  })

  it('are the lines of the log', async () => {
    const lines = (await client.logs(base.id)).trimEnd().split('\n')
    expect(lines[0]).toMatch(/Z queued$/)
    expect(lines.at(-1)).toMatch(/Z succeeded$/)
    expect(lines.some((line) => line.endsWith('full-domain runs: 220 steps, 0 found finished'))).toBe(true)
  })
})

describe('sending twice', () => {
  const post = (json: object, key: string) =>
    ask(running, 'POST', '/v1/jobs', { json, headers: { 'idempotency-key': key } })

  it('answers the same job for the same key', async () => {
    const { status, json } = await post({ kind: 'run', study: studyOf(7) }, 'base')
    expect([status, json.id, json.state]).toEqual([200, base.id, 'succeeded'])
  })

  it('refuses the key with another request', async () => {
    const { status, json } = await post({ kind: 'run', study: studyOf(77) }, 'base')
    expect([status, json.type]).toEqual([409, '/problems/idempotency-key-reused'])
  })

  it('makes one job of many at once', async () => {
    const request = { kind: 'simulation', study: studyOf(10) }
    const replies = await Promise.all(Array.from({ length: 8 }, () => post(request, 'eight')))
    expect(new Set(replies.map(({ json }) => json.id)).size).toBe(1)
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201])
    await ended(client, replies[0].json.id)
  })

  it('refuses a key that no header may hold', async () => {
    const { status, json } = await post({ kind: 'run', study: studyOf(7) }, 'two words')
    expect([status, json.errors[0].path, json.errors[0].pointer]).toEqual([422, 'header Idempotency-Key', ''])
  })
})

describe('lists', () => {
  it('go page by page, newest first, each job once', async () => {
    const all = (await client.jobs({ limit: 200 })).items
    const found: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await client.jobs({ limit: 2, cursor })
      found.push(...page.items.map(({ id }) => id))
      if (page.next === null) break
      cursor = page.next
    }
    expect(found).toEqual(all.map(({ id }) => id))
    const made = all.map(({ createdAt }) => createdAt)
    expect(made).toEqual([...made].sort().reverse())
  })

  it('are filtered by state and kind', async () => {
    const { items } = await client.jobs({ state: 'failed', kind: 'training' })
    expect(items.length).toBeGreaterThan(0)
    expect(new Set(items.map(({ state, kind }) => `${state} ${kind}`))).toEqual(new Set(['failed training']))
  })
})

describe('limits', () => {
  const long = (seed: number) => studyOf(seed, { dataset: { train: 4000 } })
  it.for([
    ['cpuSeconds', 0.2, long(21)],
    ['wallSeconds', 0.5, long(22)],
    ['memoryBytes', 30_000_000, long(23)],
    ['diskBytes', 300_000, long(24)],
  ] as const)('%s ends a job, and it says so', async ([name, most, study]) => {
    const job = await finished({ kind: 'dataset', study, limits: { [name]: most } })
    expect([job.state, job.error?.type]).toEqual(['failed', 'limit'])
    expect(job.reason).toContain(`limits.${name}`)
    expect(job.limits).toEqual({ [name]: most })
    const { samples } = (await client.results(job.id)).series.find(({ path }) => path === 'dataset/train') ?? {
      samples: 0,
    }
    expect(samples).toBeLessThan(4000)
  })

  it('on memory is not used up by what other jobs have left in the process', async () => {
    // After the run before it the working processes hold more than this; a fresh one holds less.
    const limits = { memoryBytes: 200_000_000 }
    for (const seed of [26, 27]) {
      const { state, reason } = await finished({ kind: 'dataset', study: studyOf(seed), limits })
      expect([state, reason]).toEqual(['succeeded', null])
    }
  })

  it('of one job leave the next alone', async () => {
    const limits = { cpuSeconds: 600, wallSeconds: 600, memoryBytes: 2 ** 31, diskBytes: 1e9 }
    expect((await finished({ kind: 'dataset', study: studyOf(25), limits })).state).toBe('succeeded')
  })
})

describe('priority', () => {
  it('lets a job in front of one that runs, and another behind it', async () => {
    const submit = (seed: number, priority: number, train = 64) =>
      client.submit({ kind: 'dataset', study: studyOf(seed, { dataset: { train } }), priority })
    const large = await submit(31, 0, 1500)
    await chunkDone(large.id, 'full-domain runs')
    const low = await submit(32, -1)
    const high = await submit(33, 1)
    const ends = await Promise.all([large, low, high].map(({ id }) => ended(client, id)))
    const [atLarge, atLow, atHigh] = ends.map(({ endedAt }) => Date.parse(endedAt!))
    expect(atHigh).toBeLessThan(atLarge)
    expect(atLow).toBeGreaterThan(atLarge)
  })
})

describe('a job that was cancelled', () => {
  const study = studyOf(41, { dataset: { train: 256 } })
  let id: string
  let kept: Artifact[]

  it('keeps what is finished, and its results say partial', async () => {
    id = (await client.submit({ kind: 'run', study })).id
    await chunkDone(id, 'full-domain runs')
    const job = await client.cancel(id)
    expect(job).toMatchObject({ state: 'cancelled', reason: 'cancelled on request' })
    kept = await chunksOf(id)
    const results = await client.results(id)
    expect(results).toMatchObject({ partial: true, report: null })
    expect(results.series[0].samples).toBeGreaterThan(0)
    expect(results.series[0].samples).toBeLessThan(256)
    expect((await eventsOf(running, id)).events.at(-1)!.data).toMatchObject({ state: 'cancelled' })
  })

  it('stays cancelled when it is cancelled again', async () => {
    expect((await client.cancel(id)).state).toBe('cancelled')
    expect(await chunksOf(id)).toEqual(kept)
  })

  it('goes on to the report of an undisturbed one, through another cancellation', async () => {
    expect((await client.resume(id)).state).toBe('queued')
    await chunkDone(id, 'training of the generator')
    await client.cancel(id)
    await client.resume(id)
    const job = await ended(client, id)
    expect([job.state, job.revision]).toEqual(['succeeded', 1])
    expectKept(kept, await chunksOf(id))
    expect((await client.results(id)).partial).toBe(false)
    expect(await artifactText(client, id, 'report.json')).toBe(await reportOnDisk(study))
    const { events } = await eventsOf(running, id)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, k) => k + 1))
  })

  it('is not resumed once it has succeeded', async () => {
    const { status, json } = await ask(running, 'POST', `/v1/jobs/${id}/resume`)
    expect([status, json.type]).toEqual([409, '/problems/job-finished'])
  })
})

describe('a job that is extended', () => {
  it('has the report of one that was made so from the start, on the chunks it had', async () => {
    const before = await chunksOf(base.id)
    const extended = await client.extend(base.id, { samples: 320, comparisonSamples: 100 })
    expect(extended).toMatchObject({ id: base.id, state: 'queued', revision: 2 })
    expect((await ended(client, base.id)).state).toBe('succeeded')
    const after = await chunksOf(base.id)
    expectKept(before, after)
    expect(after.length).toBeGreaterThan(before.length)
    const study = studyOf(7, { estimate: { samples: 320, comparisonSamples: 100 } })
    expect(await artifactText(client, base.id, 'report.json')).toBe(await reportOnDisk(study))
  })

  it('gets a larger dataset, and a model of it', async () => {
    const { id } = base
    const before = (await chunksOf(id)).filter(({ path }) => path.startsWith('dataset/'))
    await client.extend(id, { train: 160 })
    expect((await ended(client, id)).state).toBe('succeeded')
    expectKept(before, await chunksOf(id))
    const study = studyOf(7, { dataset: { train: 160 }, estimate: { samples: 320, comparisonSamples: 100 } })
    expect(await artifactText(client, id, 'report.json')).toBe(await reportOnDisk(study))
  })

  it('refuses fewer samples, none, and a kind that has none', async () => {
    const refused = async (json: object, id = base.id) => {
      const reply = await ask(running, 'POST', `/v1/jobs/${id}/extend`, { json })
      return [reply.status, reply.json.errors?.[0].pointer ?? reply.json.type]
    }
    const training = (await client.jobs({ kind: 'training' })).items[0].id
    expect(await refused({ samples: 10 })).toEqual([422, '/samples'])
    expect(await refused({})).toEqual([422, '/samples'])
    expect(await refused({ samples: 512 }, training)).toEqual([409, '/problems/not-extendable'])
  })
})

describe('two jobs on one dataset', () => {
  /** Studies that differ in what comes after the dataset. */
  const other = { estimate: { samples: 192 } }

  it('the second finds it finished', async () => {
    const first = await finished({ kind: 'dataset', study: studyOf(51) })
    const second = await finished({ kind: 'dataset', study: studyOf(51, other) })
    expect(second.state).toBe('succeeded')
    const log = await client.logs(second.id)
    expect(log).toContain('full-domain runs: 220 steps, 220 found finished')
    expect(log).not.toContain('full-domain runs: 220 steps, 0 found')
    const stages = (await client.datasets()).items.filter(({ jobs }) => jobs.includes(first.id))
    expect(stages.map(({ jobs, complete }) => [[...jobs].sort(), complete])).toEqual([
      [[first.id, second.id].sort(), true],
    ])
  })

  it('at once: one makes it, the other waits, and both have it', async () => {
    const dataset = { train: 256 }
    const studies = [studyOf(52, { dataset }), studyOf(52, { dataset, ...other })]
    const jobs = await Promise.all(studies.map((study) => client.submit({ kind: 'dataset', study })))
    const reasons = new Set<string | null>()
    await until('one to wait', async () => {
      for (const { id } of jobs) reasons.add((await client.job(id)).reason)
      return reasons.has('another job is making the same dataset')
    })
    const [one, two] = await Promise.all(jobs.map(({ id }) => ended(client, id)))
    expect([one.state, two.state]).toEqual(['succeeded', 'succeeded'])
    const datasetOf = async (id: string) => (await chunksOf(id)).filter(({ path }) => path.startsWith('dataset/'))
    const strip = (all: Artifact[]) => all.map(({ path, sha256 }) => [path, sha256])
    expect(strip(await datasetOf(one.id))).toEqual(strip(await datasetOf(two.id)))
    // Each chunk was computed by one of them.
    const logs = await Promise.all(jobs.map(({ id }) => client.logs(id)))
    expect(logs.filter((log) => log.includes('full-domain runs: 376 steps, 0 found')).length).toBe(1)
  })
})
