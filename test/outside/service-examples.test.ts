import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EXAMPLE_STUDY } from '../../src/service/routes/example-study.ts'
import { type Json, tinyMesh } from '../end-to-end/tiny-study.ts'
import { COMMAND, type Station, station } from './service-process.ts'

/** What the API's own document says, done: its examples, and its paths asked by somebody else than the owner. */
let place: Station
let document: Json
const keys: Record<string, string> = {}

const makeKey = (owner: string, scopes: string): string => {
  const argv = [COMMAND, 'keys', 'create', '--owner', owner, '--scopes', scopes]
  const env = { ...process.env, NESTWAVE_DATA: place.data }
  return JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8', env })).key
}

const ask = (method: string, path: string, key: string, body?: unknown): Promise<Response> =>
  fetch(place.url + path, {
    method: method.toUpperCase(),
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

beforeAll(async () => {
  place = station({ NESTWAVE_AUTH: 'on', NESTWAVE_SLOTS: '0', NESTWAVE_LOG_LEVEL: 'warn' })
  await place.start()
  keys.owner = makeKey('olga', 'read,write,admin')
  keys.other = makeKey('paul', 'read,write')
  document = await (await fetch(`${place.url}/openapi.json`)).json()
}, 90_000)
afterAll(() => place.remove(), 60_000)

interface Operation {
  readonly method: string
  readonly path: string
  readonly spec: Json
}
const operations = (): Operation[] =>
  Object.entries<Json>(document.paths).flatMap(([path, item]) =>
    Object.entries<Json>(item)
      .filter(([method]) => ['get', 'post', 'put', 'delete'].includes(method))
      .map(([method, spec]) => ({ method, path, spec })),
  )

const examplesOf = (spec: Json): Json => (Object.values(spec.requestBody?.content ?? {}) as Json[])[0]?.examples ?? {}

const submitted = async (): Promise<string> => {
  const response = await ask('post', '/v1/jobs', keys.owner, { kind: 'dataset', study: EXAMPLE_STUDY })
  expect(response.status).toBe(201)
  return ((await response.json()) as Json).id
}

describe('the document', () => {
  it('has examples that work, every one', async () => {
    const done: string[] = []
    for (const { method, path, spec } of operations())
      for (const [name, example] of Object.entries<Json>(examplesOf(spec))) {
        let id = ''
        if (path.includes('{id}') || path.includes('{jobID}')) {
          id = await submitted()
          // What acts on an ended job needs one.
          await ask('delete', `/v1/jobs/${id}`, keys.owner)
        }
        const response = await ask(
          method,
          path.replace(/\{(id|jobID)\}/, id).replace('{processID}', 'dataset'),
          keys.owner,
          example.value,
        )
        const text = await response.text()
        expect(`${spec.operationId}/${name}: ${response.status} ${response.ok ? '' : text}`).toMatch(/: 2\d\d $/)
        done.push(`${spec.operationId}/${name}`)
      }
    console.log(`examples run: ${done.join(', ')}`)
    expect(done.length).toBeGreaterThanOrEqual(8)
  }, 120_000)

  it('names no path by which another user reaches a job: 404 on all of them', async () => {
    const id = await submitted()
    const hidden: string[] = []
    for (const { method, path, spec } of operations()) {
      if (!/\{(id|jobID)\}/.test(path) || !/jobs/.test(path)) continue
      const place = path.replace(/\{(id|jobID)\}/, id).replace(/\{\+?path\}/, 'study.json')
      const body = spec.requestBody === undefined ? undefined : { samples: 1_000_000 }
      const response = await ask(method, place, keys.other, body)
      expect(`${method} ${path} ${response.status}`).toBe(`${method} ${path} 404`)
      expect(await response.text()).not.toContain('olga')
      expect((await ask(method === 'delete' ? 'get' : method, place, 'nw_wrong')).status).toBe(401)
      hidden.push(`${method} ${path}`)
    }
    console.log(`hidden from others: ${hidden.join(', ')}`)
    expect(hidden.length).toBeGreaterThan(10)
    // It is there for its owner, untouched.
    const job = await (await ask('get', `/v1/jobs/${id}`, keys.owner)).json()
    expect(job).toMatchObject({ state: 'queued', owner: 'olga' })
  }, 60_000)

  it('keeps meshes, datasets and lists apart, too', async () => {
    const put = await fetch(`${place.url}/v1/meshes/own.msh`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${keys.owner}` },
      body: tinyMesh(),
    })
    expect(put.status).toBe(201)
    expect((await ask('get', '/v1/meshes/own.msh', keys.other)).status).toBe(404)
    expect((await ask('delete', '/v1/meshes/own.msh', keys.other)).status).toBe(404)
    const names = ((await (await ask('get', '/v1/meshes', keys.other)).json()) as Json).items.map(
      (one: Json) => one.name,
    )
    expect(names).not.toContain('own.msh')
    for (const path of ['/v1/jobs', '/v1/datasets', '/v1/models', '/jobs', '/v1/webhooks']) {
      const text = await (await ask('get', path, keys.other)).text()
      expect(text).not.toContain('olga')
    }
    expect((await ask('get', '/v1/keys', keys.other)).status).toBe(403)
    expect((await ask('get', '/umbridge/Info', keys.other)).status).toBe(200)
    expect((await fetch(`${place.url}/umbridge/Info`)).status).toBe(401)
  }, 60_000)
})
