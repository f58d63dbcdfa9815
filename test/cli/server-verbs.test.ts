import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import type { JobEvent, JobResource } from '../../src/client/api.ts'
import {
  type Asked,
  artifactOf,
  END,
  event,
  ID,
  json,
  problem,
  type Reply,
  type StandIn,
  sent,
  sha256,
  standIn,
  stream,
  theJob,
} from '../client/stand-in.ts'
import { tinyMesh, tinyStudy, type Workplace, workplace } from '../end-to-end/tiny-study.ts'
import { inProcess, type Outcome, start, told } from './command-line.ts'

let place: Workplace
let server: StandIn
beforeAll(async () => {
  place = workplace()
  server = await standIn()
})
afterAll(async () => {
  await server.close()
  place.remove()
})

const asked = (verb: string, ...argv: string[]): Promise<Outcome> => inProcess(verb, ...argv, '--server', server.url)

type Answers = Readonly<Record<string, Reply>>
/** Answers by `METHOD /path`. */
const serve = (answers: Answers): void =>
  server.answer((response, one) =>
    (answers[`${one.method} ${one.path}`] ?? problem(404, { detail: 'no such thing' }))(response, one),
  )
const request = (path: string): Asked => server.asked.find((one) => one.path === path && one.method !== 'GET')!

const JOB = `/v1/jobs/${ID}`
const MESH = sha256(tinyMesh())
const meshResource = (name: string, hash: string) => ({ name, sha256: hash, size: 1, createdAt: null, survey: {} })
const putting = (name: string): Answers => ({ [`PUT /v1/meshes/${name}`]: json(meshResource(name, MESH), 201) })
const having = (name: string, hash: string): Answers => ({ [`GET /v1/meshes/${name}`]: json(meshResource(name, hash)) })
const making = (more: Partial<JobResource> = {}): Answers => ({ 'POST /v1/jobs': json(theJob(more), 201) })

describe('nestwave submit', () => {
  it('uploads the mesh that the server has not, makes the job, and tells its id and address', async () => {
    serve({ ...putting('plate.msh'), ...making() })
    const { code, out, err } = await asked('submit', place.study)
    expect({ code, err }).toEqual({ code: 0, err: 'mesh uploaded as plate.msh\n' })
    expect(out).toBe(`job ${ID} (run, queued)\n${server.url}/v1/jobs/${ID}\nnestwave watch ${ID} follows it\n`)
    expect(request('/v1/meshes/plate.msh').body).toBe(tinyMesh())
    const body = JSON.parse(request('/v1/jobs').body)
    expect(body).toMatchObject({
      kind: 'run',
      priority: 0,
      study: { title: 'Tiny plate', domain: { mesh: 'plate.msh' } },
    })
    expect(Object.keys(body)).toEqual(['kind', 'study', 'priority'])
  })

  it('sends no mesh that is there, and names the mesh without its folder', async () => {
    mkdirSync(join(place.root, 'meshes'), { recursive: true })
    writeFileSync(join(place.root, 'meshes/plate.msh'), tinyMesh())
    const study = tinyStudy()
    study.domain.mesh = 'meshes/plate.msh'
    const path = join(place.root, 'other.json')
    writeFileSync(path, JSON.stringify(study))
    serve({ ...having('plate.msh', MESH), ...making() })
    expect(await asked('submit', path, '--quiet')).toEqual({ code: 0, out: `${ID}\n`, err: '' })
    expect(JSON.parse(request('/v1/jobs').body).study.domain.mesh).toBe('plate.msh')
  })

  it('gives the mesh a name of its own where another one has its name', async () => {
    const own = `plate-${MESH.slice(0, 8)}.msh`
    serve({ ...having('plate.msh', sha256('other')), ...putting(own), ...making() })
    const { err } = await asked('submit', place.study)
    expect(err).toBe(`mesh uploaded as ${own}\n`)
    expect(JSON.parse(request('/v1/jobs').body).study.domain.mesh).toBe(own)
  })

  it('passes the flags on', async () => {
    serve({ ...having('plate.msh', MESH), ...making() })
    const flags = ['--kind', 'simulation', '--sample', '3', '--priority=-1', '--title', 'Third', '--key', 'k']
    const { code, out } = await asked('submit', place.study, ...flags, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual({ event: 'job', job: theJob() })
    const { body, headers } = request('/v1/jobs')
    expect(JSON.parse(body)).toMatchObject({ kind: 'simulation', sample: 3, priority: -1, title: 'Third' })
    expect(headers.authorization).toBe('Bearer k')
  })

  it('refuses a wrong study before it asks anybody', async () => {
    serve({})
    const path = join(place.root, 'wrong.json')
    writeFileSync(path, JSON.stringify({ ...tinyStudy(), damping: 'high' }))
    expect(await asked('submit', path)).toEqual({
      code: 2,
      out: '',
      err: told(['damping', 'a number', '"high"']),
    })
    expect(server.asked).toEqual([])
  })

  it('lists what the server finds wrong', async () => {
    const errors = [{ pointer: '/study/time', path: 'study.time', expected: 'less', received: 'more' }]
    serve({ ...having('plate.msh', MESH), 'POST /v1/jobs': problem(422, { errors }) })
    expect(await asked('submit', place.study)).toEqual({ code: 2, out: '', err: told(['study.time', 'less', 'more']) })
  })
})

const STORY: readonly JobEvent[] = [
  event(1, 'state', { state: 'queued' }),
  event(2, 'state', { state: 'running' }),
  event(3, 'stage', { stage: 'full-domain runs', total: 220, found: 20 }),
  event(4, 'progress', { stage: 'full-domain runs', done: 84, found: 20, total: 220, detail: 'a' }),
  // Put aside and taken up again: the recipe names its stage again.
  event(5, 'stage', { stage: 'full-domain runs', total: 220, found: 84 }),
  event(6, 'warning', { text: 'a chunk was slow' }),
  event(7, 'progress', { stage: 'full-domain runs', done: 220, found: 84, total: 220, detail: 'b' }),
  event(8, 'stage', { stage: 'full-domain runs', total: 220, found: 220 }),
  event(9, 'stage', { stage: 'reduction', total: 2, found: 0 }),
  event(10, 'note', { text: 'chose 16 modes' }),
  event(11, 'progress', { stage: 'reduction', done: 2, total: 2, found: 0, detail: '' }),
]
const ended = (state: string, reason?: string): JobEvent => event(12, 'state', { state, ...(reason ? { reason } : {}) })

const ESTIMATE = { qoi: 'peak', statistic: 'mean', value: 2, interval: [1, 3], level: 0.95, unit: 'Pa', samples: 64 }
const REPORT = {
  schemaVersion: 1,
  recommended: 'gan',
  recommendation: 'because',
  model: { name: 'gan' },
  estimates: [ESTIMATE],
  reference: [ESTIMATE],
  floor: { meanKs: 0.1 },
  traceModels: {},
  warnings: [],
}
const telling = (job: Partial<JobResource>, last: JobEvent, report: unknown = null): Answers => ({
  [`GET ${JOB}/events`]: stream([...STORY, last].map(sent).concat(END), true),
  [`GET ${JOB}`]: json(theJob(job)),
  [`GET ${JOB}/results`]: json({
    ...{ id: ID, kind: 'run', state: 'succeeded', partial: false, revision: 1, series: [], result: { status: 'ok' } },
    report,
  }),
})

describe('nestwave watch', () => {
  it('shows every stage once, what was said, and the result', async () => {
    serve(telling({ state: 'succeeded' }, ended('succeeded'), REPORT))
    const { code, out, err } = await asked('watch', ID)
    expect(code).toBe(0)
    expect(err.replace(/^full-domain runs: \d+\/.*\n/m, '')).toBe(
      [
        'queued',
        'running',
        'warning: a chunk was slow',
        'full-domain runs: done in 4.0 s (20 found); b',
        'chose 16 modes',
        'reduction: done in 2.0 s',
        'succeeded\n',
      ].join('\n'),
    )
    expect(out).toContain('recommended: gan\n')
    expect(out).toContain('  peak  2.000 [1.000, 3.000] Pa')
    expect(out).toContain(`nestwave fetch ${ID} --out DIR\n`)
  })

  it('as JSON lines', async () => {
    serve(telling({ state: 'succeeded' }, ended('succeeded'), REPORT))
    const { out, err } = await asked('watch', ID, '--json')
    expect(JSON.parse(out)).toEqual({ event: 'report', id: ID, report: REPORT })
    const lines = err
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.filter((line) => line.event === 'stage-end').map((line) => [line.name, line.seconds])).toEqual([
      ['full-domain runs', 4],
      ['reduction', 2],
    ])
    serve(telling({ state: 'succeeded' }, ended('succeeded')))
    expect(JSON.parse((await asked('watch', ID, '--json')).out)).toEqual({
      event: 'result',
      id: ID,
      result: { status: 'ok' },
    })
  })

  it.each([
    ['failed', 'memory: 2 GB of 1 GB'],
    ['cancelled', 'by its owner'],
  ] as const)('ends with code 1 when the job %s', async (state, reason) => {
    serve(telling({ state, reason }, ended(state, reason)))
    const { code, out, err } = await asked('watch', ID)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(
      `\nfailed: job ${ID} ${state}: ${reason}\n\`nestwave resume ${ID}\` takes it up where it ended`,
    )
    expect(err.split(reason)).toHaveLength(2)
  })

  it('lists the problems that a job found in its input', async () => {
    const errors = [{ pointer: '', path: 'zone', expected: 'cells', received: 'none' }]
    serve(
      telling({ state: 'failed', error: { type: 'invalid-input', message: 'bad', errors } }, ended('failed', 'bad')),
    )
    const { err } = await asked('watch', ID)
    expect(err).toContain(`job ${ID} failed: bad\n  zone\n    expected cells\n    received none\n`)
  })

  it('goes on when somebody took the job up again', async () => {
    const states = [theJob({ state: 'queued' }), theJob({ state: 'succeeded' })]
    const again = [event(13, 'state', { state: 'queued' }), event(14, 'state', { state: 'succeeded' })]
    serve({
      ...telling({}, ended('failed', 'first'), REPORT),
      [`GET ${JOB}`]: (response, one) => json(states.shift())(response, one),
      [`GET ${JOB}/events`]: (response, one) =>
        stream(
          one.headers['last-event-id']
            ? [...again.map(sent), END]
            : [...STORY, ended('failed', 'first')].map(sent).concat(END),
          true,
        )(response, one),
    })
    const { code, err } = await asked('watch', ID)
    expect(code).toBe(0)
    expect(err).toMatch(/failed: first\nqueued\nsucceeded\n$/)
  })

  it('stops on Ctrl-C and says that the job goes on', async () => {
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(sent(STORY[0]))
    })
    const running = start(['watch', ID], { NESTWAVE_SERVER: server.url, NESTWAVE_KEY: 'k' })
    await running.said('queued')
    running.kill('SIGINT')
    const { code, err } = await running.ended
    expect(code).toBe(1)
    expect(err).toBe(`queued\n\nstopped watching; job ${ID} goes on. \`nestwave cancel ${ID}\` ends it.\n`)
    expect(server.asked[0].headers.authorization).toBe('Bearer k')
  })

  it('follows what was submitted or resumed', async () => {
    const finished = telling({ state: 'succeeded' }, ended('succeeded'))
    serve({ ...finished, ...having('plate.msh', MESH), ...making(), [`POST ${JOB}/resume`]: json(theJob()) })
    for (const argv of [
      ['submit', place.study],
      ['resume', ID],
    ]) {
      const { code, err } = await asked(argv[0], argv[1], '--watch')
      expect(code).toBe(0)
      expect(err).toContain('succeeded\n')
    }
  })
})

describe('nestwave fetch', () => {
  const FILES: Readonly<Record<string, string>> = {
    'study.json': JSON.stringify(tinyStudy()),
    'dataset/train/chunks/000000-64.bin': 'x',
    'report.json': 'null',
    'report.html': '<html>',
  }
  const listed = (files = FILES): Answers => ({
    [`GET ${JOB}/artifacts`]: json({
      items: Object.entries(files).map(([path, text]) => artifactOf(path, text)),
      next: null,
    }),
    ...Object.fromEntries(
      Object.entries(files).map(([path, text]): [string, Reply] => [
        `GET ${JOB}/artifacts/${path}`,
        (r) => void r.end(text),
      ]),
    ),
  })

  it('brings a folder that inspect opens, and what is there only once', async () => {
    serve(listed())
    const { code, out } = await asked('fetch', ID, '--out', place.out)
    expect(code).toBe(0)
    expect(out).toMatch(/: 4 files fetched \([\d.]+ kB\)\nnestwave inspect /)
    for (const [path, text] of Object.entries(FILES)) expect(readFileSync(join(place.out, path), 'utf8')).toBe(text)
    expect((await inProcess('inspect', place.out)).out).toContain('Tiny plate (seed 7)')
    const again = await asked('fetch', ID, '--out', place.out)
    expect(again.out).toContain('0 files fetched (0 B), 4 there already\n')
    expect(server.asked.filter(({ path }) => path.includes('/artifacts/'))).toHaveLength(4)
  })

  it('--only report', async () => {
    serve(listed())
    const out = join(place.root, 'report')
    const outcome = await asked('fetch', ID, '--out', out, '--only', 'report', '--json')
    expect(JSON.parse(outcome.out)).toEqual({ event: 'fetched', folder: out, fetched: 2, kept: 0, bytes: 10 })
    expect(server.asked.filter(({ path }) => path.includes('/artifacts/'))).toHaveLength(2)
  })

  it('says so when there is nothing', async () => {
    serve(listed({}))
    expect(await asked('fetch', ID)).toEqual({
      code: 1,
      out: '',
      err: `failed: job ${ID} has no artifacts yet\n\`nestwave watch ${ID}\` shows how far it is.\n`,
    })
  })
})

describe('nestwave inspect', () => {
  it('opens an exported zip', async () => {
    const zip = new ZipFile()
    zip.addBuffer(Buffer.from(JSON.stringify(tinyStudy())), 'study.json')
    zip.addBuffer(Buffer.from('x'), 'dataset/train/chunks/000000-64.bin')
    zip.end()
    const path = join(place.root, 'export')
    writeFileSync(path, await buffer(zip.outputStream))
    const { code, out } = await inProcess('inspect', path)
    expect(code).toBe(0)
    expect(out).toContain(`${path}: Tiny plate (seed 7)\n`)
    expect(out).toMatch(/ {2}dataset\/train +64\n/)
    expect(JSON.parse((await inProcess('inspect', path, '--json')).out)).toMatchObject({ kind: 'folder', report: null })
  })
})

describe('nestwave jobs, cancel, resume', () => {
  it('lists jobs in columns, or as the server sends them', async () => {
    const progress = { stage: 'training', done: 10, found: 0, total: 60, seconds: 1, etaSeconds: 5, detail: '' }
    const page = {
      items: [theJob({ state: 'running', progress }), theJob({ kind: 'dataset', title: 'Other' })],
      next: 'c',
    }
    serve({ 'GET /v1/jobs?limit=20': json(page) })
    expect((await asked('jobs')).out).toBe(
      [
        'id                                    kind     state    made               title       progress',
        `${ID}  run      running  2026-01-01 12:00Z  Tiny plate  training 10/60`,
        `${ID}  dataset  queued   2026-01-01 12:00Z  Other`,
        'and older ones (these are the newest 20)\n',
      ].join('\n'),
    )
    expect(JSON.parse((await asked('jobs', '--json')).out)).toEqual(page)
    serve({ 'GET /v1/jobs?limit=20': json({ items: [], next: null }) })
    expect((await asked('jobs')).out).toMatch(/^no jobs yet/)
  })

  it('cancels and resumes', async () => {
    serve({
      [`DELETE ${JOB}`]: json(theJob({ state: 'cancelled', reason: 'by its owner' })),
      [`POST ${JOB}/resume`]: json(theJob()),
    })
    expect(await asked('cancel', ID)).toEqual({ code: 0, out: `job ${ID}: cancelled (by its owner)\n`, err: '' })
    expect(await asked('resume', ID)).toEqual({ code: 0, out: `job ${ID}: queued\n`, err: '' })
    expect(await asked('resume', ID, '-q')).toEqual({ code: 0, out: '', err: '' })
  })
})

describe('a verb that asks a server, with', () => {
  const WHICH = 'the id of a job (`nestwave jobs` lists them)'
  it.each<readonly [string, readonly string[], readonly [string, string, string]]>([
    ['no job', ['watch'], ['job', WHICH, 'nothing']],
    ['two jobs', ['cancel', ID, ID], ['job', WHICH, `${ID} ${ID}`]],
    ['what is no id', ['fetch', '7'], ['job', WHICH, '7']],
    ['no study', ['submit'], ['submit', 'one study file', 'nothing']],
    ['an argument too many', ['jobs', 'x'], ['jobs', 'no argument', 'x']],
    [
      'an unknown kind',
      ['submit', 'a.json', '--kind', 'x'],
      ['--kind', 'one of simulation, dataset, training, estimate, run', 'x'],
    ],
    ['an unknown priority', ['submit', 'a.json', '--priority', '2'], ['--priority', 'one of -1, 0, 1', '2']],
    ['an unknown part', ['fetch', ID, '--only', 'model'], ['--only', 'one of report', 'model']],
    [
      'an address that is none',
      ['jobs', '--server', 'localhost'],
      ['--server', 'the address of a service, such as http://127.0.0.1:8080', 'localhost'],
    ],
  ])('%s', async (_, argv, wrong) => {
    expect(await inProcess(...argv)).toEqual({ code: 2, out: '', err: told(wrong) })
  })

  it('nobody at the address: where, and what to do', async () => {
    const gone = await standIn()
    await gone.close()
    const { code, err } = await inProcess('jobs', '--server', gone.url)
    expect(code).toBe(1)
    expect(err).toBe(
      `failed: no Nestwave service answers at ${gone.url} (connection refused); \`npm start\` starts one on this machine\n` +
        '--server or NESTWAVE_SERVER says where to look.\n',
    )
  })

  it.each([
    [401, 'A key is given with --key or NESTWAVE_KEY.'],
    [404, '`nestwave jobs` lists what there is.'],
  ])('a refusal %i: what it says, and what to do', async (status, advice) => {
    server.answer(problem(status, { detail: 'why' }))
    expect(await asked('cancel', ID)).toEqual({ code: 1, out: '', err: `failed: Refused: why\n${advice}\n` })
  })
})
