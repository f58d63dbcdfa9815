import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NestwaveClient, nestwaveClient } from '../../src/client/client.ts'
import { type Json, tinyMesh, tinyStudy } from '../end-to-end/tiny-study.ts'
import { chanceOf } from './fuzz-chance.ts'
import { type FuzzRequest, operationsOf, type Pools, requestFor } from './fuzz-requests.ts'
import { brokenBytes, type FuzzAnswer, sendBytes, sender } from './fuzz-send.ts'
import { artifactsOf, ended, type Station, startProcess, station, uploadTinyMesh } from './service-process.ts'

const COUNT = Number(process.env.NESTWAVE_FUZZ ?? 5000)
const SEED = Number(process.env.NESTWAVE_FUZZ_SEED ?? Date.now() % 1_000_000)
/** Only this request, as it was in the run that told of it. */
const ONLY = process.env.NESTWAVE_FUZZ_ONLY
const CONCURRENCY = 16
const MEMORY = 700 * 2 ** 20
const MARKER = `nwfuzz${SEED}`
/** In everything of the other owner's that has a text of its own. Never sent. */
const SECRET = `secret-of-alice-${SEED}`
const ROOT = resolve(import.meta.dirname, '../..')

const makeKey = async (place: Station, owner: string, scopes: string): Promise<string> => {
  const made = startProcess(['keys', 'create', '--owner', owner, '--name', 'fuzz', '--scopes', scopes], {
    NESTWAVE_DATA: place.data,
  })
  await made.ended
  return JSON.parse(made.said().slice(made.said().indexOf('{'))).key
}

/** Everything below a folder, without one part of it: names, sizes, contents. */
const snapshot = (folder: string, without: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path !== without && !path.startsWith(`${without}/`))
    .map((path) => {
      const about = statSync(path)
      const content = about.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''
      return `${path} ${about.size} ${about.mtimeMs} ${content}`
    })
    .sort()

const peakBytes = (pid: number): number =>
  1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

/** Files and folders whose name came from a request. The data folder is looked through whole: names of requests belong in its tables. */
const markedNames = (data: string): string[] => {
  const deep = readdirSync(data, { recursive: true }).map(String)
  const flat = [tmpdir(), '/', homedir(), ROOT, process.cwd()].flatMap((folder) => readdirSync(folder))
  return [...deep, ...flat].filter((name) => name.includes(MARKER))
}

interface World {
  readonly pools: Pools & { queued: string[] }
  readonly user: NestwaveClient
  readonly alice: NestwaveClient
  readonly foreignMesh: string
}

const STUDY = tinyStudy()
const simulation = { kind: 'simulation', study: STUDY } as const

/** Two owners with a finished job each, and jobs of the one who will ask, which stay queued. */
const prepare = async (place: Station): Promise<World> => {
  await place.start({}, ['--slots', '1'])
  const client = (key: string): NestwaveClient => nestwaveClient({ url: place.url, key })
  const keys = {
    user: await makeKey(place, 'mallory', 'read,write'),
    hooks: await makeKey(place, 'hooks', 'read,write'),
    admin: await makeKey(place, 'root', 'admin'),
  }
  const [alice, user] = [client(await makeKey(place, 'alice', 'read,write')), client(keys.user)]
  await uploadTinyMesh(user)
  await alice.putMesh('alice.msh', new TextEncoder().encode(tinyMesh()))
  const foreign = await alice.submit({
    ...simulation,
    study: { ...STUDY, title: SECRET, domain: { ...STUDY.domain, mesh: 'alice.msh' } },
  })
  const done = await user.submit(simulation)
  for (const job of [await ended(alice, foreign.id), await ended(user, done.id)])
    expect(job.state, job.reason ?? '').toBe('succeeded')
  await place.stop()
  await place.start({}, ['--slots', '0'])
  const queued: string[] = []
  for (const kind of ['dataset', 'run', 'simulation', 'training'] as const)
    for (let k = 0; k < 8; k++) queued.push((await user.submit({ kind, study: STUDY })).id)
  const artifacts = (await artifactsOf(user, done.id)).map(({ path }) => path)
  const pools = {
    queued,
    done: done.id,
    foreign: foreign.id,
    foreignMesh: 'alice.msh',
    artifacts,
    keys,
    marker: MARKER,
  }
  return { pools, user, alice, foreignMesh: 'alice.msh' }
}

const jsonIn = (text: string): Json => {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

const isProblem = ({ headers, body }: FuzzAnswer, status: number): boolean => {
  if (!headers['content-type']?.startsWith('application/problem+json')) return false
  const { type, title, status: told } = jsonIn(body)
  return typeof type === 'string' && typeof title === 'string' && told === status
}

/** The protocol has its own form; what is refused before it begins has ours. */
const isUmbridgeError = ({ body }: FuzzAnswer): boolean => {
  const { error } = jsonIn(body)
  return typeof error?.type === 'string' && typeof error.message === 'string'
}

/** UM-Bridge answers 500 for numbers that overflow; with this text it would be the service's own failure. */
const isOverflow = ({ body }: FuzzAnswer): boolean =>
  body.includes('"InvalidOutput"') && !body.includes('the service failed to evaluate')

const isAway = ({ status, headers }: FuzzAnswer): boolean => status === 503 && headers['retry-after'] !== undefined

const BIG = 8_000
const isBig = ({ headers, body, path }: FuzzRequest): boolean =>
  (body?.length ?? 0) + path.length + JSON.stringify(headers).length > BIG

/** What must not be, of an answer; null where all is well. */
const wrongWith = (request: FuzzRequest, answer: FuzzAnswer, { keys, foreign }: Pools): string | null => {
  const { status, body, failure, milliseconds } = answer
  const umbridge = request.path.startsWith('/umbridge')
  // A server that has answered may close before it has read all of a long request.
  if (status === 0) return isBig(request) && failure !== 'no answer' ? null : `no answer: ${failure}`
  if (milliseconds > 10_000) return `${milliseconds} ms`
  if (status >= 500 && !isAway(answer) && !(umbridge && isOverflow(answer))) return `status ${status}`
  const formed = isProblem(answer, status) || (umbridge && isUmbridgeError(answer))
  if (status >= 400 && request.method !== 'HEAD' && !formed) return `status ${status} without problem details`
  if (request.headers.Authorization === `Bearer ${keys.admin}`) return null
  if (body.includes(SECRET)) return "tells another owner's data"
  const asked = request.path.includes(foreign) || request.body?.includes(foreign)
  if (body.includes(foreign) && !asked) return "tells another owner's job"
  return request.path.includes(foreign) && status < 400 && request.method !== 'OPTIONS'
    ? "reaches another owner's job"
    : null
}

const shown = ({ body, ...rest }: FuzzRequest): string =>
  `${JSON.stringify(rest)}\nbody (${body?.length ?? 0} bytes): ${body?.toString('latin1').slice(0, 1500) ?? ''}`

const raw = (bytes: Buffer): FuzzRequest => ({ operation: 'raw', method: '', path: '', headers: {}, body: bytes })

describe.skipIf(process.platform !== 'linux')('the service under requests of chance', () => {
  const place = station({
    NESTWAVE_AUTH: 'on',
    NESTWAVE_REQUESTS_PER_MINUTE: '100000000',
    NESTWAVE_LOG_LEVEL: 'warn',
    NESTWAVE_DESKS: '2',
    NESTWAVE_ACTIVE_JOBS: '1000000',
  })
  let world: World
  beforeAll(async () => {
    world = await prepare(place)
  }, 180_000)
  afterAll(() => place.remove(), 60_000)

  it(`answers ${COUNT} of them as it should (NESTWAVE_FUZZ_SEED=${SEED})`, async () => {
    const { pools, user } = world
    const { pid } = place.service()
    const parent = join(place.data, '..')
    mkdirSync(join(parent, 'canary/x'), { recursive: true })
    for (const name of ['a.txt', 'x/b.msh']) writeFileSync(join(parent, 'canary', name), 'sings')
    const before = snapshot(parent, place.data)
    const document = await (await fetch(`${place.url}/openapi.json`)).json()
    const operations = operationsOf(document, STUDY, pools)
    const { send, close } = sender(place.port, CONCURRENCY)
    const statuses = new Map<string, number>()
    const wrong: string[] = []
    const faults = new Map<string, number>()
    let [next, away, slowest] = [0, 0, 0]

    const one = async (index: number): Promise<void> => {
      const chance = chanceOf(SEED, index)
      const broken = chance.is(0.04)
      const request = broken ? raw(brokenBytes(chance)) : requestFor(document, operations, pools, chance)
      const answer = broken ? await sendBytes(place.port, request.body!) : await send(request)
      // A connection that was only told nonsense may be closed without a word.
      const fault =
        broken && answer.status === 0 && answer.failure !== 'no answer' ? null : wrongWith(request, answer, pools)
      if (fault !== null)
        faults.set(`${request.operation}: ${fault}`, 1 + (faults.get(`${request.operation}: ${fault}`) ?? 0))
      if (fault !== null && faults.get(`${request.operation}: ${fault}`)! <= 2)
        wrong.push(`seed ${SEED}, index ${index}: ${fault}\n${shown(request)}\nanswer: ${answer.body.slice(0, 600)}`)
      const kind = `${broken ? 'raw ' : ''}${answer.status}`
      statuses.set(kind, (statuses.get(kind) ?? 0) + 1)
      if (isAway(answer)) away++
      slowest = Math.max(slowest, answer.milliseconds)
      const made = answer.status === 201 && /"id":"([0-9a-f-]{36})","kind"/.exec(answer.body)?.[1]
      if (made) pools.queued[index % pools.queued.length] = made
    }
    const start = performance.now()
    const work = async (): Promise<void> => {
      while (next < COUNT && wrong.length < 30) await one(next++)
    }
    if (ONLY !== undefined) await one(Number(ONLY))
    else await Promise.all(Array.from({ length: CONCURRENCY }, work))
    const seconds = (performance.now() - start) / 1000
    close()

    const peak = peakBytes(pid)
    console.log(
      `seed ${SEED}: ${next} requests in ${seconds.toFixed(0)} s (${(next / seconds).toFixed(0)} a second), slowest ${slowest.toFixed(0)} ms, ` +
        `503: ${away}, peak memory ${(peak / 2 ** 20).toFixed(0)} MiB, answers: ${JSON.stringify(Object.fromEntries([...statuses].sort()))}`,
    )
    if (wrong.length > 0)
      console.log(`${wrong.join('\n\n')}\n\nthe service said:\n${place.service().said().slice(-8000)}`)
    expect(wrong.map((text) => text.split('\n')[0])).toEqual([])
    expect(snapshot(parent, place.data)).toEqual(before)
    expect(markedNames(place.data)).toEqual([])
    expect(peak).toBeLessThan(MEMORY)
    expect(statuses.get('201') ?? 0, 'some requests were good ones').toBeGreaterThan(
      ONLY === undefined ? COUNT / 500 : -1,
    )

    // The same process, unharmed: nothing changed what every object has, and its chores are done.
    expect(place.service().child.exitCode).toBeNull()
    expect((await fetch(`${place.url}/health/live`)).status).toBe(200)
    expect((await fetch(`${place.url}/health/ready`)).status).toBe(200)
    expect(await (await fetch(`${place.url}/openapi.json`)).json()).toEqual(document)
    expect(place.service().said()).not.toMatch(/upkeep failed|request failed|the worker ended/)
    const job = await user.submit(simulation)
    expect(await user.job(job.id)).toMatchObject({ state: 'queued', kind: 'simulation', title: STUDY.title })
    expect(job).not.toHaveProperty('polluted')
  })

  it("tells nobody of another owner's job, mesh and artifacts", async () => {
    const { pools, alice, user } = world
    // Chance may have given the user a mesh of that name of his own by now.
    await user.removeMesh(pools.foreignMesh).catch(() => {})
    const { send, close } = sender(place.port, 1)
    const Authorization = `Bearer ${pools.keys.user}`
    const [artifact] = await artifactsOf(alice, pools.foreign)
    const job = `/v1/jobs/${pools.foreign}`
    const paths = [
      '',
      '/events',
      '/logs',
      '/results',
      '/provenance',
      '/artifacts',
      `/artifacts/${artifact.path}`,
      '/export.zip',
    ]
    const asked = [
      ...paths.map((rest) => ['GET', `${job}${rest}`]),
      ...['DELETE', 'GET'].flatMap((method) => [
        [method, `/jobs/${pools.foreign}`],
        [method, `/v1/meshes/${pools.foreignMesh}`],
      ]),
      ...[
        ['GET', `/jobs/${pools.foreign}/results`],
        ['DELETE', job],
        ['DELETE', `${job}?purge=true`],
        ['POST', `${job}/resume`],
      ],
    ]
    for (const [method, path] of asked) {
      const answer = await send({ operation: '', method, path, headers: { Authorization }, body: null })
      expect(answer.status, `${method} ${path}`).toBe(404)
      expect(answer.body).not.toContain(SECRET)
    }
    for (const path of [
      '/v1/jobs?limit=200',
      '/jobs?limit=200',
      '/v1/meshes',
      '/v1/datasets',
      '/v1/models',
      '/umbridge/Info',
    ]) {
      const answer = await send({ operation: '', method: 'GET', path, headers: { Authorization }, body: null })
      expect(answer.status, path).toBe(200)
      expect(answer.body).not.toContain(SECRET)
      expect(answer.body).not.toContain(pools.foreign)
      expect(answer.body).not.toContain(pools.foreignMesh)
    }
    const body = Buffer.from(JSON.stringify({ kind: 'simulation', parent: pools.foreign }))
    const child = await send({ operation: '', method: 'POST', path: '/v1/jobs', headers: { Authorization }, body })
    expect(child.status).toBe(422)
    expect(child.body).not.toContain(SECRET)
    close()
    expect((await alice.job(pools.foreign)).state).toBe('succeeded')
    expect((await alice.artifact(pools.foreign, artifact.path)).status).toBe(200)
  })
})
