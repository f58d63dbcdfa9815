import { createHash } from 'node:crypto'
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import * as api from '../../src/client/api.ts'
import type { State } from '../../src/runtime/state/place.ts'
import { recordFile } from '../../src/runtime/state/stored-folder.ts'
import * as ogc from '../../src/service/ogc-schema.ts'
import { type Json, tinyStudy } from '../end-to-end/tiny-study.ts'
import { ask, nestwave, openState, sha256Of } from './service-asking.ts'
import { artifactsOf, ended, runToEnd, station, until, uploadTinyMesh } from './service-process.ts'
import { unzipped } from './unzipped.ts'

const running = station()
let job: api.JobResource
let files: readonly api.Artifact[]
let state: State
let document: Json
const folder = mkdtempSync(join(tmpdir(), 'nestwave-'))

beforeAll(async () => {
  await running.start()
  await uploadTinyMesh(running.client)
  job = await runToEnd(running.client, tinyStudy())
  files = await artifactsOf(running.client, job.id)
  state = await openState(running)
  document = (await ask(running, 'GET', '/openapi.json')).json
}, 120_000)
afterAll(async () => {
  await state?.database.close()
  await running.remove()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

const at = (path: string): string => `/v1/jobs/${job.id}/artifacts/${path}`
const bytesOf = async (path: string, headers: Record<string, string> = {}): Promise<[Response, Buffer]> => {
  const response = await fetch(`${running.url}${at(path)}`, { headers })
  return [response, Buffer.from(await response.arrayBuffer())]
}

describe('artifacts', () => {
  it('are listed page by page, in order, each once', async () => {
    const found: string[] = []
    for (let cursor = ''; ; ) {
      const { json } = await ask(running, 'GET', `/v1/jobs/${job.id}/artifacts?limit=7${cursor}`)
      expect(json.items.length).toBeLessThanOrEqual(7)
      found.push(...json.items.map(({ path }: api.Artifact) => path))
      if (json.next === null) break
      cursor = `&cursor=${encodeURIComponent(json.next)}`
    }
    expect(found).toEqual(files.map(({ path }) => path))
    expect(found).toEqual([...new Set(found)].sort())
  })

  it('have the bytes of their sha256, as long as they say', async () => {
    for (const { href, sha256, size } of files) {
      const response = await fetch(`${running.url}${href}`)
      const bytes = Buffer.from(await response.arrayBuffer())
      expect([href, sha256Of(bytes), bytes.length, response.headers.get('etag')]).toEqual([
        href,
        sha256,
        size,
        `"${sha256}"`,
      ])
    }
  })

  it('are not sent again to who has them', async () => {
    const [{ headers }] = await bytesOf('report.json')
    const etag = headers.get('etag')!
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const [response, bytes] = await bytesOf('report.json', { 'if-none-match': tag })
      expect([tag, response.status, bytes.length, response.headers.get('etag')]).toEqual([tag, 304, 0, etag])
    }
    expect((await bytesOf('report.json', { 'if-none-match': '"other"' }))[0].status).toBe(200)
  })

  it.for([
    ['bytes=0-9', 0, 10],
    ['bytes=100-', 100, undefined],
    ['bytes=50-59', 50, 60],
    ['bytes=-20', -20, undefined],
    ['bytes=10-99999999', 10, undefined],
  ] as const)('in part: %s', async ([range, start, end]) => {
    const [, whole] = await bytesOf('report.json')
    const [response, part] = await bytesOf('report.json', { range })
    const expected = whole.subarray(start, end)
    const first = start < 0 ? whole.length + start : start
    expect(response.status).toBe(206)
    expect(part.equals(expected)).toBe(true)
    expect(response.headers.get('content-range')).toBe(`bytes ${first}-${first + expected.length - 1}/${whole.length}`)
    expect(response.headers.get('content-length')).toBe(String(expected.length))
  })

  it('past the end: 416 with the size; several ranges, another unit or nonsense: the whole', async () => {
    const [, whole] = await bytesOf('report.json')
    const [beyond] = await bytesOf('report.json', { range: `bytes=${whole.length}-` })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`])
    for (const range of ['bytes=0-1,4-5', 'lines=1-2', 'bytes=x'])
      expect((await bytesOf('report.json', { range }))[0].status).toBe(200)
  })

  it('in part only of the file that the client has', async () => {
    const { sha256 } = files.find(({ path }) => path === 'report.json')!
    const asked = async (condition: string) =>
      (await bytesOf('report.json', { range: 'bytes=5-9', 'if-range': condition }))[0].status
    expect(await asked(`"${sha256}"`)).toBe(206)
    expect(await asked(`"${'0'.repeat(64)}"`)).toBe(200)
    expect(await asked('Wed, 21 Oct 2015 07:28:00 GMT')).toBe(200)
  })

  it('by HEAD: the headers alone', async () => {
    const [whole] = await bytesOf('report.html')
    const head = await ask(running, 'HEAD', at('report.html'))
    expect([head.status, head.text]).toEqual([200, ''])
    for (const name of ['content-length', 'etag', 'content-type', 'accept-ranges'])
      expect(head.headers[name]).toBe(whole.headers.get(name))
    expect(head.headers['content-security-policy']).toContain('sandbox')
  })

  it('may be empty', async () => {
    await recordFile(state.database, job.id, 'empty.bin', await state.blobs.put(new Uint8Array()))
    const [response, bytes] = await bytesOf('empty.bin')
    expect([response.status, bytes.length, response.headers.get('content-length')]).toEqual([200, 0, '0'])
    expect((await bytesOf('empty.bin', { range: 'bytes=0-' }))[0].status).toBe(416)
    await state.database.query(`delete from nestwave.file where path = 'empty.bin'`)
  })

  it('of no such path, or a path out of the job, are not there', async () => {
    for (const path of ['nothing.bin', '../study.json', '..%2f..%2fblobs', 'model', 'dataset/../study.json', 'a%00b'])
      expect([path, (await ask(running, 'GET', at(path))).status]).toEqual([path, 404])
  })
})

const MIB = 2 ** 20

/** Resident memory of the process that serves, byte. */
const resident = (): number => {
  const status = readFileSync(`/proc/${running.service().pid}/status`, 'utf8')
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)![1])
}

const openBlobs = (): string[] =>
  readdirSync(`/proc/${running.service().pid}/fd`).flatMap((fd) => {
    try {
      const target = readlinkSync(`/proc/${running.service().pid}/fd/${fd}`)
      return target.includes('/blobs/') ? [target] : []
    } catch {
      return []
    }
  })

/** Reads an answer to its end, with the most that the service took meanwhile. */
const drained = async (path: string): Promise<{ sha256: string; size: number; most: number }> => {
  const response = await fetch(`${running.url}${path}`)
  const hash = createHash('sha256')
  let [size, most, next] = [0, 0, 0]
  for await (const bytes of response.body!) {
    hash.update(bytes)
    size += bytes.length
    if (size < next) continue
    most = Math.max(most, resident())
    next = size + 8 * MIB
  }
  return { sha256: hash.digest('hex'), size, most }
}

describe('an artifact of 520 MiB', () => {
  const SIZE = 520 * MIB
  let sha256: string

  beforeAll(async () => {
    // A hole in the file, which takes no disk.
    const path = join(folder, 'large')
    writeFileSync(path, 'begins so')
    truncateSync(path, SIZE)
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    sha256 = hash.digest('hex')
    mkdirSync(join(running.data, 'blobs', sha256.slice(0, 2)), { recursive: true })
    renameSync(path, join(running.data, 'blobs', sha256.slice(0, 2), sha256))
    await recordFile(state.database, job.id, 'large.bin', { sha256, size: SIZE })
  }, 60_000)
  afterAll(() => state.database.query(`delete from nestwave.file where folder = $1 and path = 'large.bin'`, [job.id]))

  it('is streamed: the service grows by less than 100 MiB', async () => {
    const before = resident()
    const { most, ...got } = await drained(at('large.bin'))
    expect(got).toEqual({ sha256, size: SIZE })
    expect(most - before).toBeLessThan(100 * MIB)
  })

  it('so is the zip of the job that has it', async () => {
    const before = resident()
    const { most, size } = await drained(`/v1/jobs/${job.id}/export.zip`)
    expect(size).toBeGreaterThan(SIZE)
    expect(most - before).toBeLessThan(100 * MIB)
  })

  it.for(['artifacts/large.bin', 'export.zip'])('%s: no file stays open when the client leaves', async (path) => {
    const leave = new AbortController()
    const response = await fetch(`${running.url}/v1/jobs/${job.id}/${path}`, { signal: leave.signal })
    const reader = response.body!.getReader()
    for (let got = 0; got < 4 * MIB; ) got += (await reader.read()).value!.length
    leave.abort()
    await until('the files to be closed', () => openBlobs().length === 0, 10)
  })
})

describe('bytes that the disk has lost', () => {
  let path: string
  let bytes: Buffer

  beforeAll(() => {
    const { sha256 } = files.find((file) => file.path === 'model/weights.safetensors')!
    path = join(running.data, 'blobs', sha256.slice(0, 2), sha256)
    bytes = readFileSync(path)
  })
  afterAll(() => writeFileSync(path, bytes))

  const lost = async (asked: string): Promise<boolean> => {
    try {
      const response = await fetch(`${running.url}${asked}`, { signal: AbortSignal.timeout(10_000) })
      await response.arrayBuffer()
      return response.status >= 500
    } catch (error) {
      return (error as Error).name !== 'TimeoutError'
    }
  }

  it.for([
    ['gone', () => rmSync(path)],
    ['cut short', () => writeFileSync(path, bytes.subarray(0, 100))],
  ] as const)('%s: no answer passes for whole, and the service goes on', async ([, harm]) => {
    const { pid } = running.service()
    harm()
    expect(await lost(at('model/weights.safetensors'))).toBe(true)
    expect(await lost(`/v1/jobs/${job.id}/export.zip`)).toBe(true)
    expect((await ask(running, 'GET', '/health/ready')).status).toBe(200)
    expect(running.service().child.exitCode).toBeNull()
    expect(running.service().pid).toBe(pid)
  })
})

describe('export.zip', () => {
  const out = join(folder, 'export')
  const zip = join(folder, 'job.zip')

  it('holds every artifact, the same bytes whenever it is asked for', async () => {
    const get = async () => Buffer.from(await (await running.client.exportZip(job.id)).arrayBuffer())
    const bytes = await get()
    expect(sha256Of(await get())).toBe(sha256Of(bytes))
    writeFileSync(zip, bytes)
    await unzipped(zip, out)
    for (const { path, sha256 } of files)
      expect([path, sha256Of(readFileSync(join(out, path)))]).toEqual([path, sha256])
  })

  it('is opened by `nestwave inspect`', async () => {
    const { code, said } = await nestwave(['inspect', zip])
    expect([code, said]).toEqual([0, expect.stringContaining('Tiny plate')])
  })

  it('unpacked, is a folder in which the command line finds everything finished', async () => {
    const written = () =>
      files.filter(({ path }) => path.includes('/chunks/')).map(({ path }) => [path, statSync(join(out, path)).mtimeMs])
    const before = written()
    const { code, said } = await nestwave(['estimate', join(out, 'study.json'), '--out', out])
    expect([code, said]).toEqual([0, expect.stringContaining('report.html')])
    expect(written()).toEqual(before)
    expect(sha256Of(readFileSync(join(out, 'report.json')))).toBe(
      files.find(({ path }) => path === 'report.json')!.sha256,
    )
  })
})

describe('provenance', () => {
  it('names the study, the mesh, and every file that the job has', async () => {
    const provenance = (await running.client.provenance(job.id)) as Json
    expect(Object.keys(provenance)).toEqual(expect.arrayContaining(['prefix', 'entity', 'activity', 'agent']))
    const entities = JSON.stringify(provenance.entity)
    for (const { path, sha256 } of files) expect([path, entities.includes(sha256)]).toEqual([path, true])
  })
})

interface Operation {
  readonly method: string
  readonly path: string
  readonly id: string
  readonly body: Json
  readonly responses: Json
}

const operations = (): Operation[] =>
  Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, { operationId, requestBody, responses }]) => ({
      ...{ method: method.toUpperCase(), path, id: operationId, responses },
      body: requestBody?.content['application/json'],
    })),
  )

/** What stands for the parameters of the paths. */
const given = async (): Promise<Readonly<Record<string, string>>> => ({
  '/v1/jobs/{id}': job.id,
  '/jobs/{jobID}': job.id,
  '/v1/meshes/{name}': 'plate.msh',
  '/v1/datasets/{id}': (await running.client.datasets()).items[0].id,
  '/v1/models/{id}': (await running.client.models()).items[0].id,
  '/processes/{processID}': 'run',
  '{path}': 'report.json',
})
const filledIn = (path: string, values: Readonly<Record<string, string>>): string =>
  Object.entries(values).reduce((filled, [pattern, value]) => {
    const name = /\{\w+\}$/.exec(pattern)![0]
    return filled.startsWith(pattern) || pattern === name ? filled.replace(name, value) : filled
  }, path)

describe('the document', () => {
  it('has examples that can be sent as they are', async () => {
    const values = await given()
    const ready = await runToEnd(running.client, { ...tinyStudy(), seed: 8 }, 'dataset')
    const sent: string[] = []
    for (const { method, path, id, body } of operations())
      for (const [name, { value }] of Object.entries<Json>(body?.examples ?? {})) {
        const reply = await ask(running, method, filledIn(path, { ...values, '/v1/jobs/{id}': ready.id }), {
          json: value,
        })
        expect([id, name, reply.status, reply.status < 300 ? '' : reply.text]).toEqual([id, name, reply.status, ''])
        sent.push(`${id}/${name}`)
        if (reply.json.kind !== undefined) await running.client.cancel(reply.json.id)
      }
    expect(sent).toEqual(
      expect.arrayContaining([
        'submitJob/run',
        'extendJob/samples',
        'createWebhook/all',
        'createKey/reader',
        'validate/quick',
      ]),
    )
  })

  /** What each GET operation answers with; one that is missing here fails the test. */
  const CONTRACT: Readonly<Record<string, z.ZodType>> = {
    listJobs: api.jobPageSchema,
    getJob: api.jobSchema,
    jobResults: api.resultsSchema,
    jobArtifacts: api.artifactPageSchema,
    listMeshes: api.meshListSchema,
    getMesh: api.meshSchema,
    listDatasets: api.stageListSchema,
    getDataset: api.storedStageSchema,
    listModels: api.stageListSchema,
    getModel: api.storedStageSchema,
    listWebhooks: api.webhookListSchema,
    listKeys: api.keyListSchema,
    listAudit: z.object({
      items: z.array(z.object({ number: z.int(), at: z.iso.datetime(), action: z.string() })),
      next: z.string().nullable(),
    }),
    ogcConformance: ogc.conformanceSchema,
    ogcProcesses: ogc.processListSchema,
    ogcProcess: ogc.processSchema,
    ogcJobs: ogc.jobListSchema,
    ogcJob: ogc.statusSchema,
    ogcResults: z.object({ results: z.object({ value: api.resultsSchema }) }),
    live: z.object({ status: z.literal('live') }),
    ready: z.object({ status: z.literal('ready'), workers: z.int().min(1) }),
  }

  it('says of every GET what it answers, and so it does', async () => {
    const values = await given()
    const described = operations().filter(
      ({ method, responses }) =>
        method === 'GET' && responses[200]?.content?.['application/json']?.schema !== undefined,
    )
    expect(described.map(({ id }) => id).sort()).toEqual(Object.keys(CONTRACT).sort())
    for (const { id, path } of described) {
      const reply = await ask(running, 'GET', filledIn(path, values))
      const { success, error } = CONTRACT[id].safeParse(reply.json)
      expect([id, reply.status, success, error?.message]).toEqual([id, 200, true, undefined])
    }
  })

  it('says of every other GET of which type it is, and so it is', async () => {
    const values = await given()
    for (const { id, path, method, responses } of operations()) {
      const types = Object.keys(responses[200]?.content ?? {})
      if (method !== 'GET' || types.length === 0) continue
      const { status, headers } = await ask(running, 'GET', filledIn(path, values))
      const type = headers['content-type']!.split(';')[0]
      expect([id, status, id === 'jobArtifact' ? types[0] : type]).toEqual([id, 200, types[0]])
    }
  })

  it('leaves no link of the landing page dangling', async () => {
    const { json } = await ask(running, 'GET', '/')
    for (const { href } of json.links) expect([href, (await ask(running, 'GET', href)).status]).toEqual([href, 200])
  })

  it('leaves no link of a job dangling', async () => {
    for (const href of Object.values((await running.client.job(job.id)).links))
      expect([href, (await ask(running, 'GET', href)).status]).toEqual([href, 200])
    await ended(running.client, job.id)
  })
})
