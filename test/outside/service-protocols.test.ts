import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobResource } from '../../src/client/api.ts'
import { verified } from '../../src/runtime/webhook/signature.ts'
import { jobListSchema, statusSchema } from '../../src/service/ogc-schema.ts'
import { type Json, tinyMesh, tinyStudy } from '../end-to-end/tiny-study.ts'
import { ask, nestwave } from './service-asking.ts'
import { artifactsOf, ended, pause, runToEnd, station, until, uploadTinyMesh } from './service-process.ts'
import { skipped } from './skip.ts'

const running = station()
const umbridge = { url: `http://127.0.0.1:${running.port + 20_000}` }
const folder = mkdtempSync(join(tmpdir(), 'nestwave-'))
const studyPath = join(folder, 'study.json')
let job: JobResource

beforeAll(async () => {
  const flags = ['--umbridge-port', String(running.port + 20_000)]
  await running.start({ NESTWAVE_WEBHOOKS_TO_PRIVATE: 'true' }, flags)
  await uploadTinyMesh(running.client)
  job = await runToEnd(running.client, tinyStudy())
  writeFileSync(join(folder, 'plate.msh'), tinyMesh())
  writeFileSync(studyPath, JSON.stringify(tinyStudy()))
}, 120_000)
afterAll(async () => {
  await running.remove()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const EXCEPTION = 'http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0'

describe('OGC API - Processes', () => {
  const long = () => ({ ...tinyStudy(), seed: 60, dataset: { train: 4000, validation: 60, test: 60 } })
  const execute = (kind: string, body: object, headers = {}) =>
    ask(running, 'POST', `/processes/${kind}/execution`, { json: body, headers })

  it('executes a process, and has its results in the form asked for', async () => {
    for (const response of ['raw', 'document'] as const) {
      const inputs = { study: tinyStudy(), title: { value: `As ${response}` } }
      const made = await execute('dataset', { inputs, response }, { prefer: 'respond-async' })
      const { jobID, status } = statusSchema.parse(made.json)
      expect([made.status, status, made.headers['preference-applied']]).toEqual([201, 'accepted', 'respond-async'])
      expect(made.headers.location).toBe(`${running.url}/jobs/${jobID}`)
      expect((await ended(running.client, jobID)).title).toBe(`As ${response}`)
      const monitor = statusSchema.parse((await ask(running, 'GET', `/jobs/${jobID}`)).json)
      expect([monitor.status, monitor.progress]).toEqual(['successful', 100])
      const { href } = monitor.links.find(({ rel }) => rel?.endsWith('/results'))!
      const { json } = await ask(running, 'GET', new URL(href).pathname)
      expect((response === 'raw' ? json : json.results.value).id).toBe(jobID)
    }
  })

  it('has no results before the end; is dismissed, and has none after', async () => {
    const { jobID } = (await execute('dataset', { inputs: { study: long() } })).json
    await until('it to run', async () => (await ask(running, 'GET', `/jobs/${jobID}`)).json.status === 'running')
    const early = await ask(running, 'GET', `/jobs/${jobID}/results`)
    expect([early.status, early.json.type]).toEqual([404, `${EXCEPTION}/result-not-ready`])
    const dismissed = await ask(running, 'DELETE', `/jobs/${jobID}`)
    expect([dismissed.status, dismissed.json.status]).toEqual([200, 'dismissed'])
    const late = await ask(running, 'GET', `/jobs/${jobID}/results`)
    expect([late.status, late.json.type]).toEqual([404, `${EXCEPTION}/result-not-available`])
    expect((await running.client.job(jobID)).state).toBe('cancelled')
  })

  it('tells a failure as the problem it is', async () => {
    const { jobID } = (await execute('training', { inputs: { study: { ...tinyStudy(), seed: 61 } } })).json
    await ended(running.client, jobID)
    const { status, json } = await ask(running, 'GET', `/jobs/${jobID}/results`)
    expect([status, json.type, json.errors[0].path]).toEqual([422, '/problems/invalid-input', 'dataset/train'])
  })

  it('refuses what is no process, no job and no input', async () => {
    const unknown = await execute('nothing', { inputs: {} })
    expect([unknown.status, unknown.json.type]).toEqual([404, `${EXCEPTION}/no-such-process`])
    const none = await ask(running, 'GET', '/jobs/nothing')
    expect([none.status, none.json.type]).toEqual([404, `${EXCEPTION}/no-such-job`])
    const wrong = await execute('run', { inputs: { study: { ...tinyStudy(), seed: 'x', surprise: 1 } } })
    expect(wrong.status).toBe(422)
    expect(wrong.json.errors.map(({ pointer }: Json) => pointer).sort()).toEqual([
      '/inputs/study/seed',
      '/inputs/study/surprise',
    ])
  })

  it('lists jobs by process and status', async () => {
    const { json } = await ask(running, 'GET', '/jobs?processID=run&status=successful')
    expect(jobListSchema.parse(json).jobs.map(({ jobID }) => jobID)).toEqual([job.id])
  })
})

describe('UM-Bridge', () => {
  const theta = [300e6, 10e-6, 0.2, 50e-6]
  const PLACES: readonly (readonly [where: string, at: () => (path: string, json?: unknown) => Promise<Json>])[] = [
    ['under /umbridge', () => async (path, json) => ask(running, json ? 'POST' : 'GET', `/umbridge${path}`, { json })],
    ['on its own port', () => async (path, json) => ask(umbridge, json ? 'POST' : 'GET', path, { json })],
  ]

  it.for(PLACES)('%s: both models of a finished run, from Info to Evaluate', async ([, at]) => {
    const call = at()
    const info = (await call('/Info')).json
    expect(info.protocolVersion).toBe(1)
    for (const name of [`${job.id}/full-domain`, `${job.id}/submodel`]) {
      expect(info.models).toContain(name)
      expect((await call('/ModelInfo', { name })).json.support.Evaluate).toBe(true)
      const { inputSizes } = (await call('/InputSizes', { name })).json
      const { outputSizes } = (await call('/OutputSizes', { name })).json
      expect([inputSizes[0], outputSizes]).toEqual([4, [3]])
      const input = [theta, Array<number>(inputSizes[1]).fill(0.1)]
      const first = await call('/Evaluate', { name, input })
      expect([first.status, first.json.output[0].every((x: number) => Number.isFinite(x) && x > 0)]).toEqual([
        200,
        true,
      ])
      expect((await call('/Evaluate', { name, input })).json).toEqual(first.json)
    }
  })

  it.for(PLACES)('%s: errors of the protocol', async ([, at]) => {
    const call = at()
    const name = `${job.id}/full-domain`
    const refused = async (path: string, body: unknown) => {
      const { status, json } = await call(path, body)
      return [status, json.error.type]
    }
    expect(await refused('/Evaluate', { name: 'nothing' })).toEqual([400, 'ModelNotFound'])
    expect(await refused('/Evaluate', { name: `${'0'.repeat(8)}${job.id.slice(8)}/submodel` })).toEqual([
      400,
      'ModelNotFound',
    ])
    expect(await refused('/Evaluate', { name, input: [[1]] })).toEqual([400, 'InvalidInput'])
    expect(await refused('/Evaluate', { name, input: [theta.with(2, 0.9), []] })).toEqual([400, 'InvalidInput'])
    expect(await refused('/Evaluate', { name: `${job.id}/submodel`, config: { model: 'x' } })).toEqual([
      400,
      'InvalidInput',
    ])
    expect(await refused('/Gradient', { name })).toEqual([400, 'UnsupportedFeature'])
  })

  it('has the numbers of the run itself', async () => {
    const name = `${job.id}/submodel`
    const [sizes] = [(await ask(running, 'POST', '/umbridge/InputSizes', { json: { name } })).json.inputSizes]
    const input = [theta, Array<number>(sizes[1]).fill(0)]
    const [full, coarse] = await Promise.all(
      [{}, { granularity: 0.125 }].map(async (config) => {
        const { json } = await ask(running, 'POST', '/umbridge/Evaluate', { json: { name, input, config } })
        return json.output[0]
      }),
    )
    expect(coarse).toHaveLength(full.length)
    expect(coarse).not.toEqual(full)
  })
})

interface Message {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A receiver on this machine that answers with one status after the other, the last one for ever. */
const receiver = async (statuses: readonly number[]) => {
  const got: Message[] = []
  const server = createServer(async (request, response) => {
    got.push({ headers: request.headers, body: await buffer(request) })
    response.writeHead(statuses[Math.min(got.length, statuses.length) - 1]).end()
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  return { url, got, close: () => new Promise((done) => server.close(done)) }
}

describe('webhooks', () => {
  it('tell, signed, that a job has succeeded; again after a 500', async () => {
    const [steady, shaky] = [await receiver([204]), await receiver([500, 204])]
    const hooks = [
      await running.client.addWebhook({ url: steady.url, events: ['job.succeeded'] }),
      await running.client.addWebhook({ url: shaky.url }),
    ]
    const { id } = await runToEnd(running.client, { ...tinyStudy(), seed: 62 }, 'dataset')
    await until('three deliveries', () => steady.got.length === 1 && shaky.got.length === 2, 20)
    for (const [{ got }, { secret }] of [
      [steady, hooks[0]],
      [shaky, hooks[1]],
    ] as const)
      for (const { headers, body } of got) {
        expect(verified(headers, body, [secret!], Date.now() / 1000)).toBe(true)
        expect(verified(headers, `${body} `, [secret!], Date.now() / 1000)).toBe(false)
        const message = JSON.parse(body.toString())
        expect(message).toMatchObject({ type: 'job.succeeded', data: { id, kind: 'dataset', state: 'succeeded' } })
      }
    const [first, second] = shaky.got.map(({ headers }) => headers)
    expect(second['webhook-id']).toBe(first['webhook-id'])
    await until('the list to say so', async () =>
      (await running.client.webhooks()).items.every(({ lastStatus }) => lastStatus === 'delivered: 204'),
    )
    expect((await running.client.webhooks()).items.every(({ secret }) => secret === undefined)).toBe(true)
    for (const hook of hooks) await running.client.removeWebhook(hook.id)
    await Promise.all([steady.close(), shaky.close()])
  })

  it('tell nothing that was not asked for, and nothing any more once removed', async () => {
    const { url, got, close } = await receiver([204])
    const failed = await running.client.addWebhook({ url, events: ['job.failed'] })
    const removed = await running.client.addWebhook({ url })
    await running.client.removeWebhook(removed.id)
    await runToEnd(running.client, { ...tinyStudy(), seed: 62 }, 'dataset')
    await pause(1_500)
    expect(got).toEqual([])
    await running.client.removeWebhook(failed.id)
    await close()
  })
})

describe('the command line', () => {
  const verb = (...argv: string[]) => nestwave(argv, { NESTWAVE_SERVER: running.url })

  it('submits and watches a job to its end', async () => {
    const { code, said } = await verb('submit', studyPath, '--watch', '--title', 'From the command line')
    expect([code, said]).toEqual([0, expect.stringContaining('all of it: nestwave fetch')])
    const { items } = await running.client.jobs({ limit: 1 })
    expect(items[0]).toMatchObject({ title: 'From the command line', kind: 'run', state: 'succeeded' })
    const listed = await verb('jobs')
    expect([listed.code, listed.said]).toEqual([0, expect.stringContaining(items[0].id)])
    const watched = await verb('watch', items[0].id, '--json')
    expect(watched.code).toBe(0)
    expect(JSON.parse(watched.said.trimEnd().split('\n').at(-1)!)).toMatchObject({ event: 'report', id: items[0].id })
  })

  it('fetches a job into a folder, and the second time nothing', async () => {
    const out = join(folder, 'fetched')
    const fetched = async () => {
      const { code, said } = await verb('fetch', job.id, '--out', out, '--json')
      expect(code).toBe(0)
      return JSON.parse(said.trimEnd().split('\n').at(-1)!)
    }
    const count = (await artifactsOf(running.client, job.id)).length
    expect(await fetched()).toMatchObject({ event: 'fetched', fetched: count, kept: 0 })
    expect(await fetched()).toMatchObject({ event: 'fetched', fetched: 0, kept: count, bytes: 0 })
    writeFileSync(join(out, 'report.json'), 'something else')
    expect(await fetched()).toMatchObject({ fetched: 1, kept: count - 1 })
    const inspected = await verb('inspect', out)
    expect([inspected.code, inspected.said]).toEqual([0, expect.stringContaining('Tiny plate')])
    const { code } = await verb('fetch', job.id, '--out', join(folder, 'report'), '--only', 'report', '--quiet')
    expect([
      code,
      existsSync(join(folder, 'report/report.html')),
      existsSync(join(folder, 'report/plate.msh')),
    ]).toEqual([0, true, false])
    expect(JSON.parse(readFileSync(join(folder, 'report/report.json'), 'utf8')).title).toBe('Tiny plate')
  })

  it('cancels and resumes', async () => {
    const long = { ...tinyStudy(), seed: 63, dataset: { train: 1000, validation: 60, test: 60 } }
    writeFileSync(join(folder, 'long.json'), JSON.stringify(long))
    const submitted = await verb('submit', join(folder, 'long.json'), '--kind', 'dataset', '--quiet', '--priority=-1')
    const id = submitted.said.trim()
    expect(submitted.code).toBe(0)
    const cancelled = await verb('cancel', id)
    expect([cancelled.code, cancelled.said]).toEqual([0, expect.stringContaining('cancelled')])
    const watched = await verb('watch', id)
    expect([watched.code, watched.said]).toEqual([1, expect.stringContaining(`nestwave resume ${id}`)])
    const resumed = await verb('resume', id, '--watch')
    expect(resumed.code).toBe(0)
    expect((await running.client.job(id)).state).toBe('succeeded')
  })

  it('tells what is wrong and where', async () => {
    expect(await verb('watch', 'nothing')).toMatchObject({ code: 2 })
    const missing = await verb('watch', '0b5f5c3e-8f0e-4b52-9a44-3f5a3c1f7d10')
    expect([missing.code, missing.said]).toEqual([1, expect.stringContaining('no such job')])
  })
})

const python = ['/usr/bin/python3', 'python3'].find((p) => spawnSync(p, ['-c', 'import requests']).status === 0)

describe('docs/examples/client.py', () => {
  it('runs a study and prints its estimates', async ({ skip }) => {
    if (python === undefined) {
      skipped('docs/examples/client.py (Python with requests)')
      return skip()
    }
    const script = resolve(import.meta.dirname, '../../docs/examples/client.py')
    const run = promisify(execFile)(python, [script, running.url, studyPath, join(folder, 'plate.msh')])
    const { stdout } = await run
    expect(stdout).toMatch(/^job [0-9a-f-]{36}$/m)
    expect(stdout).toMatch(/^peak stress +mean +\S+ \[\S+ \S+\] Pa$/m)
  })

  it('tells every problem of a wrong study', async ({ skip }) => {
    if (python === undefined) return skip()
    const script = resolve(import.meta.dirname, '../../docs/examples/client.py')
    const wrong = join(folder, 'wrong.json')
    writeFileSync(wrong, JSON.stringify({ ...tinyStudy(), seed: -1, damping: 'x' }))
    const run = promisify(execFile)(python, [script, running.url, wrong, join(folder, 'plate.msh')])
    await expect(run).rejects.toThrow(/study\.seed: expected [\s\S]*study\.damping: expected /)
  })
})
