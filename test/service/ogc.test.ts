import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { JOB_KINDS, type JobKind, type JobResource, jobRequestSchema, type Results } from '../../src/client/api.ts'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { landingLinks, type OgcHost, ogcRoutes, type ResponseForm } from '../../src/service/ogc.ts'
import { jobListSchema, processListSchema, processSchema, statusSchema } from '../../src/service/ogc-schema.ts'
import { notFound } from '../../src/service/problem.ts'
import { EXAMPLE_STUDY } from '../../src/service/routes/example-study.ts'
import { problemsOf } from '../../src/study/problems.ts'
import { checkStudy } from '../../src/study/study.ts'
import { type Reply, type Served, serveRoutes } from './loopback.ts'

const EXCEPTION = 'http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/'
const REL = 'http://www.opengis.net/def/rel/ogc/1.0/'

const jobs: JobResource[] = []
const forms = new Map<string, ResponseForm>()

const newJob = (more: Partial<JobResource> = {}): JobResource => {
  const id = more.id ?? randomUUID()
  return {
    id,
    kind: 'run',
    title: 'a job',
    state: 'queued',
    reason: null,
    error: null,
    progress: null,
    attempts: 0,
    revision: 1,
    priority: 0,
    limits: {},
    parent: null,
    owner: 'alice',
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    endedAt: null,
    cpuSeconds: 0,
    links: { self: `/v1/jobs/${id}` },
    ...more,
  }
}
const put = (more: Partial<JobResource> = {}): JobResource => {
  const job = newJob(more)
  jobs.unshift(job)
  return job
}

const find = (owner: string, id: string): JobResource => {
  const job = jobs.find((j) => j.id === id && j.owner === owner)
  if (!job) throw notFound('job')
  return job
}
const resultsOf = ({ id, kind, state }: JobResource): Results => ({
  ...{ id, kind, state, partial: false, revision: 1 },
  series: [{ path: 'dataset/train', samples: 64, chunks: 1 }],
  report: { schemaVersion: 1 },
  result: null,
})

/** Jobs in memory: what is behind the standard is the service's own. */
const forgetful: OgcHost = {
  create: async (caller, kind, inputs) => {
    const parsed = jobRequestSchema.safeParse({ ...inputs, kind }, { reportInput: true })
    if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error))
    try {
      if (inputs.study) checkStudy(inputs.study)
    } catch (error) {
      const { problems } = error as InvalidInput
      throw new InvalidInput(problems.map((p) => ({ ...p, path: `study.${p.path}` })))
    }
    return put({ kind, owner: caller.owner, ...(inputs.title ? { title: String(inputs.title) } : {}) })
  },
  get: async (caller, id) => find(caller.owner, id),
  list: async (caller, { limit, cursor, state, kind }) => {
    const all = jobs.filter(
      (j) => j.owner === caller.owner && (!state || j.state === state) && (!kind || j.kind === kind),
    )
    const start = Number(cursor ?? 0)
    const end = start + limit
    return { items: all.slice(start, end), next: end < all.length ? String(end) : null }
  },
  results: async (caller, id) => resultsOf(find(caller.owner, id)),
  dismiss: async (caller, id) => {
    const job = find(caller.owner, id)
    const ended = job.state !== 'queued' && job.state !== 'running'
    const now = ended ? job : { ...job, state: 'cancelled' as const, endedAt: '2026-01-01T00:00:09.000Z' }
    jobs.splice(jobs.indexOf(job), 1, now)
    return now
  },
}
const host: OgcHost = {
  ...forgetful,
  create: async (caller, kind, inputs, request, form) => {
    const job = await forgetful.create(caller, kind, inputs, request, form)
    forms.set(job.id, form)
    return job
  },
  responseForm: async (_caller, id) => forms.get(id) ?? 'raw',
}

let served: Served
let plain: Served
beforeAll(async () => {
  served = await serveRoutes(ogcRoutes(host), 65_536)
  plain = await serveRoutes(ogcRoutes(forgetful, { baseUrl: 'https://waves.example/api/' }), 65_536)
})
afterAll(() => Promise.all([served.close(), plain.close()]))
beforeEach(() => {
  jobs.length = 0
  forms.clear()
})

const get = (path: string) => served.send(path)
const execute = (body: unknown, kind = 'run', headers: Record<string, string> = {}, at = served): Promise<Reply> =>
  at.send(`/processes/${kind}/execution`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
const study = EXAMPLE_STUDY
const base = () => `http://127.0.0.1:${served.port}`
const link = (reply: Reply, rel: string): string | undefined =>
  reply.json.links.find((l: { rel: string }) => l.rel === rel)?.href

describe('what it offers', () => {
  it('names the classes that it meets, to anybody', async () => {
    const reply = await served.send('/conformance', { headers: { authorization: '' } })
    expect(reply.json.conformsTo.map((uri: string) => uri.split('/conf/')[1])).toEqual([
      'core',
      'ogc-process-description',
      'json',
      'job-list',
      'dismiss',
    ])
    expect((await plain.send('/conformance')).json.conformsTo.join()).not.toContain('/core')
  })

  it('lists the kinds of job as processes', async () => {
    const reply = await get('/processes')
    expect(processListSchema.parse(reply.json).processes.map((p) => p.id)).toEqual([...JOB_KINDS])
    expect(reply.json.processes[0]).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      jobControlOptions: ['async-execute', 'dismiss'],
      outputTransmission: ['value'],
    })
    expect((await get('/processes?limit=2')).json.processes).toHaveLength(2)
    expect((await get('/processes?limit=0')).status).toBe(422)
  })

  it.each(JOB_KINDS)('describes %s', async (kind) => {
    const reply = await get(`/processes/${kind}`)
    const { inputs, outputs } = processSchema.parse(reply.json)
    const own = kind === 'simulation' ? ['sample'] : kind === 'training' || kind === 'run' ? ['executor'] : []
    expect(Object.keys(inputs)).toEqual(['study', 'parent', 'set', 'title', 'priority', 'limits', ...own])
    expect(Object.values(inputs).every((i) => i.minOccurs === 0 && i.maxOccurs === 1)).toBe(true)
    expect(Object.keys(outputs)).toEqual(['results'])
    expect(reply.text).not.toContain('$ref')
    expect(link(reply, `${REL}execute`)).toBe(`${base()}/processes/${kind}/execution`)
  })

  it('describes inputs by their JSON schemas, units kept', async () => {
    const { inputs } = (await get('/processes/run')).json
    expect(inputs.study.schema.properties.materials.additionalProperties.properties.density).toMatchObject({
      type: 'number',
      'x-unit': 'kg/m³',
    })
    expect(inputs.limits.schema.properties.cpuSeconds).toMatchObject({ type: 'number', 'x-unit': 's' })
    expect(inputs.limits.schema.additionalProperties).toBe(false)
  })

  it.each(['nothing', 'RUN', '__proto__', 'constructor', 'run%20'])('has no process %s', async (id) => {
    for (const reply of [await get(`/processes/${id}`), await execute({ inputs: { study } }, id)]) {
      expect([reply.status, reply.json.type]).toEqual([404, `${EXCEPTION}no-such-process`])
      expect(reply.headers['content-type']).toMatch('application/problem+json')
    }
  })

  it('has links for the landing document', () =>
    expect(landingLinks.map((l) => l.rel)).toEqual(['self', `${REL}conformance`, `${REL}processes`, `${REL}job-list`]))

  it('writes addresses as it is told, or as the request has them', async () => {
    expect(link(await plain.send('/processes/run'), 'self')).toBe('https://waves.example/api/processes/run')
    const evil = await served.send('/processes/run', { headers: { host: 'a"b<c>' } })
    expect(link(evil, 'self')).toBe('/processes/run')
  })
})

describe('execution', () => {
  it('is asynchronous, and says so where it was preferred', async () => {
    const reply = await execute({ inputs: { study } }, 'run', { prefer: 'handling=strict, respond-async; wait=10' })
    const status = statusSchema.parse(reply.json)
    expect([reply.status, reply.headers.location]).toEqual([201, `${base()}/jobs/${status.jobID}`])
    expect(reply.headers['preference-applied']).toBe('respond-async')
    expect(status).toMatchObject({
      processID: 'run',
      type: 'process',
      status: 'accepted',
      progress: 0,
      id: status.jobID,
    })
    expect((await execute({ inputs: { study } })).headers['preference-applied']).toBeUndefined()
    expect((await execute({ inputs: { study } }, 'run', { prefer: 'wait=5' })).status).toBe(201)
  })

  const data = `data:application/json,${encodeURIComponent(JSON.stringify(study))}`
  const base64 = `data:application/json;base64,${Buffer.from(JSON.stringify(study)).toString('base64')}`
  it.each<[string, unknown]>([
    ['as it is', study],
    ['qualified', { value: study }],
    ['qualified with its type', { value: study, mediaType: 'application/json' }],
    ['as a link that holds it', { href: data }],
    ['as a link that holds it in Base64', { href: base64, type: 'application/json' }],
  ])('takes an object %s', async (_name, value) => {
    const reply = await execute({ inputs: { study: value, title: 'named', priority: { value: 1 } } })
    expect(reply.status).toBe(201)
    expect(jobs[0].title).toBe('named')
  })

  it('takes what clients may add, and any of the kinds', async () => {
    const more = {
      outputs: { results: { transmissionMode: 'value', format: { mediaType: 'application/json' } } },
      response: 'document',
    }
    for (const kind of JOB_KINDS)
      expect((await execute({ inputs: { study }, ...more }, kind)).json.processID).toBe(kind)
  })

  it.each<[string, unknown, string[]]>([
    ['no inputs', {}, ['/inputs/study']],
    ['empty inputs', { inputs: {} }, ['/inputs/study']],
    ['an unknown input', { inputs: { study, kind: 'run' } }, ['/inputs/kind']],
    ['an input of another process', { inputs: { study, sample: 1 } }, ['/inputs/sample']],
    ['wrong inputs', { inputs: { study, priority: 7, title: '' } }, ['/inputs/priority', '/inputs/title']],
    ['a wrong qualified input', { inputs: { study, priority: { value: 7 } } }, ['/inputs/priority/value']],
    ['a wrong study', { inputs: { study: { ...study, seed: -1 } } }, ['/inputs/study/seed']],
    ['a wrong qualified study', { inputs: { study: { value: { ...study, seed: -1 } } } }, ['/inputs/study/value/seed']],
    ['two of one input', { inputs: { study, title: ['a', 'b'] } }, ['/inputs/title']],
    ['an unknown output', { inputs: { study }, outputs: { picture: {} } }, ['/outputs/picture']],
    [
      'a reference',
      { inputs: { study }, outputs: { results: { transmissionMode: 'reference' } } },
      ['/outputs/results/transmissionMode'],
    ],
    ['an unknown form', { inputs: { study }, response: 'xml' }, ['/response']],
    ['callbacks', { inputs: { study }, subscriber: { successUri: 'http://x' } }, ['/subscriber']],
    ['inputs that are a list', { inputs: [study] }, ['/inputs']],
    ['an address', { inputs: { study: { href: 'http://169.254.169.254/latest' } } }, ['/inputs/study/href']],
    ['a file', { inputs: { study: { href: 'file:///etc/passwd' } } }, ['/inputs/study/href']],
    ['data that is not JSON', { inputs: { study: { href: 'data:application/json,{' } } }, ['/inputs/study/href']],
    ['data badly encoded', { inputs: { study: { href: 'data:application/json,%zz' } } }, ['/inputs/study/href']],
    [
      'data too deep',
      { inputs: { study: { href: `data:application/json,${'['.repeat(99)}` } } },
      ['/inputs/study/href'],
    ],
  ])('refuses %s, and makes nothing', async (_name, body, pointers) => {
    const reply = await execute(body)
    expect([reply.status, reply.json.type]).toEqual([422, '/problems/invalid-input'])
    expect(reply.json.errors.map((e: { pointer: string }) => e.pointer).sort()).toEqual(pointers)
    expect(jobs).toEqual([])
  })

  it('refuses keys that change prototypes within a link', async () => {
    const href = `data:application/json,${encodeURIComponent('{"__proto__": {"admin": 1}}')}`
    expect((await execute({ inputs: { study, set: { href } } })).status).toBe(422)
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
  })

  it('wants the scope to write', async () => {
    expect((await execute({ inputs: { study } }, 'run', { authorization: 'Bearer reader' })).status).toBe(403)
    expect((await execute({ inputs: { study } }, 'run', { authorization: '' })).status).toBe(401)
  })
})

const RUNNING = { state: 'running', startedAt: '2026-01-02T00:00:00.000Z' } as const
const DONE = { state: 'succeeded', startedAt: '2026-01-02T00:00:00.000Z', endedAt: '2026-01-02T00:01:00.000Z' } as const
const progress = { stage: 'dataset', done: 30, found: 0, total: 90, seconds: 3, etaSeconds: 6, detail: '' }

describe('status', () => {
  it.each<[Partial<JobResource>, object]>([
    [{}, { status: 'accepted', progress: 0, message: 'accepted', updated: '2026-01-01T00:00:00.000Z' }],
    [
      { ...RUNNING, progress },
      { status: 'running', progress: 33, message: 'dataset: 30 of 90', started: RUNNING.startedAt },
    ],
    [{ ...RUNNING, progress: { ...progress, done: 90 } }, { progress: 99 }],
    [{ ...RUNNING, progress: { ...progress, done: 0, total: 0 } }, { progress: 0 }],
    [DONE, { status: 'successful', progress: 100, finished: DONE.endedAt, updated: DONE.endedAt }],
    [
      { ...DONE, state: 'failed', error: { type: 'limit', message: 'too much memory' } },
      { status: 'failed', message: 'too much memory' },
    ],
    [
      { ...DONE, state: 'cancelled', reason: 'as asked' },
      { status: 'dismissed', message: 'as asked' },
    ],
  ])('of %j', async (more, wanted) => {
    const { id } = put(more)
    const reply = await get(`/jobs/${id}`)
    expect(statusSchema.parse(reply.json)).toMatchObject({
      jobID: id,
      id,
      processID: 'run',
      type: 'process',
      ...wanted,
    })
    expect(link(reply, `${REL}results`) !== undefined).toBe(more.state === 'succeeded')
    expect(link(reply, 'self')).toBe(`${base()}/jobs/${id}`)
  })

  it.each(['nothing', randomUUID(), '../jobs', "1' or '1'='1"])('has no job %s', async (id) => {
    const path = `/jobs/${encodeURIComponent(id)}`
    const replies = [await get(path), await get(`${path}/results`), await served.send(path, { method: 'DELETE' })]
    const type = id.includes('/') ? '/problems/not-found' : `${EXCEPTION}no-such-job`
    for (const reply of replies) expect([reply.status, reply.json.type]).toEqual([404, type])
  })

  it("shows another user's job as none", async () => {
    const { id } = put({ owner: 'bob' })
    expect((await get(`/jobs/${id}`)).json.type).toBe(`${EXCEPTION}no-such-job`)
    expect((await get('/jobs')).json.jobs).toEqual([])
  })
})

describe('results', () => {
  it.each(['queued', 'running'] as const)('are not ready of a %s job', async (state) => {
    const reply = await get(`/jobs/${put({ state }).id}/results`)
    expect([reply.status, reply.json.type]).toEqual([404, `${EXCEPTION}result-not-ready`])
  })

  it('come raw or in a document, as the execute request said', async () => {
    const ids: string[] = []
    for (const response of [undefined, 'raw', 'document'])
      ids.push((await execute({ inputs: { study }, response })).json.id)
    for (const [k, job] of jobs.entries()) jobs[k] = { ...job, ...DONE }
    const [standard, raw, document] = await Promise.all(ids.map((id) => get(`/jobs/${id}/results`)))
    expect([standard.json.id, raw.json.id]).toEqual(ids.slice(0, 2))
    expect(document.json).toEqual({ results: { value: { ...raw.json, id: ids[2] }, mediaType: 'application/json' } })
  })

  it('come as a document from a host that forgets, which refuses raw', async () => {
    const { id } = put(DONE)
    expect((await plain.send(`/jobs/${id}/results`)).json.results.value.id).toBe(id)
    const refused = await execute({ inputs: { study }, response: 'raw' }, 'run', {}, plain)
    expect([refused.status, refused.json.errors[0].pointer]).toEqual([422, '/response'])
  })

  it.each<[JobResource['error'], number, string]>([
    [{ type: 'numerics', message: 'unstable' }, 500, '/problems/numerics'],
    [
      {
        type: 'invalid-input',
        message: 'bad',
        errors: [{ pointer: '/seed', path: 'seed', expected: '1', received: '2' }],
      },
      422,
      '/problems/invalid-input',
    ],
    [null, 500, '/problems/job-failed'],
  ])('of a failed job are why it failed: %j', async (error, status, type) => {
    const reply = await get(`/jobs/${put({ ...DONE, state: 'failed', error }).id}/results`)
    expect([reply.status, reply.json.type]).toEqual([status, type])
    expect(reply.json.errors?.length ?? 0).toBe(error?.errors?.length ?? 0)
    expect(served.reported).toEqual([])
  })

  it('of a dismissed job there are none', async () => {
    const reply = await get(`/jobs/${put({ ...DONE, state: 'cancelled' }).id}/results`)
    expect([reply.status, reply.json.type]).toEqual([404, `${EXCEPTION}result-not-available`])
  })
})

describe('dismissal', () => {
  it('ends a job, once or twice, and leaves one that has ended', async () => {
    const { id } = put(RUNNING)
    const reply = await served.send(`/jobs/${id}`, { method: 'DELETE' })
    expect([reply.status, statusSchema.parse(reply.json).status]).toEqual([200, 'dismissed'])
    expect((await get(`/jobs/${id}`)).json.status).toBe('dismissed')
    expect((await served.send(`/jobs/${id}`, { method: 'DELETE' })).json.status).toBe('dismissed')
    const late = await served.send(`/jobs/${put(DONE).id}`, { method: 'DELETE' })
    expect([late.status, late.json.type]).toEqual([409, '/problems/job-ended'])
  })
})

/** All pages, by their links. */
const follow = async (path: string): Promise<string[][]> => {
  const pages: string[][] = []
  for (let next: string | undefined = path; next !== undefined; ) {
    const reply: Reply = await get(next)
    pages.push(jobListSchema.parse(reply.json).jobs.map((j) => j.id))
    next = link(reply, 'next')?.slice(base().length)
  }
  return pages
}

describe('the list', () => {
  const state = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const
  beforeEach(() => {
    for (let k = 0; k < 25; k++)
      put({
        ...(k % 5 === 0 ? {} : { startedAt: '2026-01-01T00:00:00.000Z' }),
        ...(k % 5 > 1 ? { endedAt: `2026-01-01T00:00:${String(k + 10)}.000Z` } : {}),
        state: state[k % 5],
        kind: JOB_KINDS[k % JOB_KINDS.length] as JobKind,
        createdAt: `2026-01-${String(k + 1).padStart(2, '0')}T00:00:00.000Z`,
      })
  })
  const count = async (query: string): Promise<number> => new Set((await follow(`/jobs?${query}`)).flat()).size

  it('comes in pages that links join', async () => {
    const pages = await follow('/jobs?limit=10')
    expect(pages.map((p) => p.length)).toEqual([10, 10, 5])
    expect(pages.flat()).toEqual(jobs.map((j) => j.id))
  })

  it.each<[string, number]>([
    ['', 25],
    ['status=running', 5],
    ['status=running,failed', 10],
    ['status=running&status=failed&limit=3', 10],
    ['processID=run', 5],
    ['processID=run,dataset&limit=2', 10],
    ['processID=run&status=dismissed', 5],
    ['processID=run&status=running', 0],
    ['processID=nothing', 0],
    ['processID=nothing,run', 5],
    ['type=process', 25],
    ['type=other', 0],
    ['type=other,process', 25],
    ['datetime=2026-01-03T00:00:00Z', 1],
    ['datetime=2026-01-03T00:00:00Z/2026-01-05T00:00:00Z', 3],
    ['datetime=../2026-01-05T00:00:00Z', 5],
    ['datetime=2026-01-24T01:00:00%2B01:00/', 2],
    ['minDuration=30', 8],
    ['maxDuration=15&status=successful,failed,dismissed', 3],
    ['minDuration=12&maxDuration=14&limit=1', 3],
    ['limit=10000', 25],
  ])('finds by %s', async (query, wanted) => expect(await count(query)).toBe(wanted))

  it.each([
    'status=done',
    'status=',
    'limit=0',
    'limit=x',
    'datetime=yesterday',
    'datetime=../..',
    'datetime=/',
    'datetime=2026-01-01',
    'datetime=2026-99-99T00:00:00Z',
    'datetime=a/b/c',
    'minDuration=-1',
    'maxDuration=x',
  ])('refuses %s', async (query) => expect((await get(`/jobs?${query}`)).status).toBe(422))

  it('does not go through all jobs for one request', async () => {
    jobs.length = 0
    put(RUNNING)
    for (let k = 0; k < 60; k++) put()
    const pages = await follow('/jobs?limit=1&minDuration=1')
    expect(pages.map((p) => p.length)).toEqual([0, 0, 0, 1])
  })
})
