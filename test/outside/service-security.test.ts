import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KeyResource } from '../../src/client/api.ts'
import { type NestwaveClient, nestwaveClient } from '../../src/client/client.ts'
import { type Json, tinyMesh, tinyStudy } from '../end-to-end/tiny-study.ts'
import { type Asked, ask, atPointer, nestwave, type Reply } from './service-asking.ts'
import { ended, pause, station, until, uploadTinyMesh } from './service-process.ts'

const locked = station({ NESTWAVE_AUTH: 'on', NESTWAVE_SLOTS: '1' })
const open = station({ NESTWAVE_SLOTS: '0', NESTWAVE_BODY_BYTES: '50000', NESTWAVE_MESH_BYTES: '60000' })

const keys: Record<string, KeyResource> = {}
const keyOf = (name: string): string => keys[name].key!
const as = (name: string): NestwaveClient => nestwaveClient({ url: locked.url, key: keyOf(name) })
const command = (...argv: string[]) => nestwave(argv, { NESTWAVE_DATA: locked.data, NESTWAVE_LOG_LEVEL: 'error' })
const makeKey = async (name: string, owner: string, scopes: string): Promise<void> => {
  const { code, said } = await command('keys', 'create', '--owner', owner, '--name', name, '--scopes', scopes)
  if (code !== 0) throw new Error(said)
  keys[name] = JSON.parse(said)
}

/** Routes with the job of somebody in them, from the document. */
interface Operation {
  readonly method: string
  readonly path: string
  readonly id: string
  readonly scopes: readonly string[] | null
  readonly example: unknown
}
let operations: readonly Operation[]
let secret: Readonly<Record<string, string>>

const operationsOf = (document: Json): Operation[] =>
  Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, { operationId, security, requestBody }]) => ({
      ...{ method: method.toUpperCase(), path, id: operationId },
      scopes: security?.length > 0 ? security[0].key : null,
      example: Object.values<Json>(requestBody?.content['application/json']?.examples ?? {})[0]?.value,
    })),
  )

const filled = (path: string): string =>
  path
    .replace(/^\/v1\/(jobs|datasets|webhooks|keys|models)\/\{id\}/, (_, what) => `/v1/${what}/${secret[what]}`)
    .replace('{jobID}', secret.jobs)
    .replace('{name}', 'plate.msh')
    .replace('{path}', 'study.json')
    .replace('{processID}', 'dataset')

const call = ({ method, path, example }: Operation, more: Asked = {}): Promise<Reply> =>
  ask(locked, method, filled(path), { ...(example === undefined ? {} : { json: example }), ...more })

beforeAll(async () => {
  await Promise.all([locked.start(), open.start()])
  await makeKey('alice', 'alice', 'read,write')
  await makeKey('bob', 'bob', 'read,write')
  await makeKey('reader', 'alice', 'read')
  await makeKey('writer', 'alice', 'write')
  await makeKey('root', 'root', 'admin')
  operations = operationsOf((await ask(locked, 'GET', '/openapi.json')).json)
  await uploadTinyMesh(as('alice'))
  const small = { ...tinyStudy(), dataset: { train: 64, validation: 32, test: 32 } }
  const { id } = await as('alice').submit({ kind: 'dataset', study: small })
  expect((await ended(as('alice'), id)).state).toBe('succeeded')
  const hook = await as('alice').addWebhook({ url: 'https://example.org/nestwave' })
  secret = {
    ...{ jobs: id, webhooks: hook.id, keys: keys.reader.id, models: id },
    datasets: (await as('alice').datasets()).items[0].id,
  }
}, 120_000)
afterAll(() => Promise.all([locked.remove(), open.remove()]), 60_000)

describe('keys', () => {
  it('are asked for wherever the document says so, and nowhere else', async () => {
    for (const operation of operations) {
      const { status, headers } = await call(operation)
      const expected = operation.scopes === null ? [operation.id, false, undefined] : [operation.id, true, 'Bearer']
      expect([operation.id, status === 401, headers['www-authenticate']]).toEqual(expected)
    }
    for (const path of ['/umbridge/Info', '/umbridge/Evaluate'])
      expect([path, (await ask(locked, path.endsWith('Info') ? 'GET' : 'POST', path)).status]).toEqual([path, 401])
  })

  it('that are wrong, or sent in another way, are none', async () => {
    const status = async (authorization: string) =>
      (await ask(locked, 'GET', '/v1/jobs', { headers: { authorization } })).status
    const key = keyOf('alice')
    expect(await status(`Bearer ${key}`)).toBe(200)
    expect(await status(`bearer ${key}`)).toBe(200)
    for (const wrong of [`Bearer ${key}x`, `Bearer ${key.slice(0, -1)}`, `Basic ${key}`, 'Bearer', key, 'Bearer nw_'])
      expect([wrong, await status(wrong)]).toEqual([wrong, 401])
    expect((await ask(locked, 'GET', `/v1/jobs?key=${key}`)).status).toBe(401)
  })

  it('reach what their scopes say, and no further', async () => {
    for (const [name, scopes] of [
      ['reader', ['read']],
      ['writer', ['write']],
      ['alice', ['read', 'write']],
    ] as const)
      for (const operation of operations) {
        if (operation.scopes === null || operation.scopes.every((scope) => scopes.includes(scope as never))) continue
        const { status, json } = await call(operation, { key: keyOf(name) })
        expect([name, operation.id, status, json.type]).toEqual([name, operation.id, 403, '/problems/forbidden'])
      }
    expect((await ask(locked, 'GET', '/umbridge/Info', { key: keyOf('writer') })).status).toBe(403)
    expect((await ask(locked, 'GET', '/umbridge/Info', { key: keyOf('reader') })).status).toBe(200)
  })

  it('are stored and listed without themselves', async () => {
    const { said, code } = await command('keys', 'list')
    expect(code).toBe(0)
    const listed: KeyResource[] = JSON.parse(said)
    expect(listed.map(({ name }) => name).sort()).toEqual(['alice', 'bob', 'reader', 'root', 'writer'])
    for (const { key } of Object.values(keys)) expect(said).not.toContain(key!)
    expect(listed.every((entry) => keys[entry.name].key!.startsWith(entry.prefix))).toBe(true)
    expect((await as('root').keys()).items).toEqual(listed)
  })

  it('are made only of what makes sense', async () => {
    const { code, said } = await command('keys', 'create', '--owner', 'a b', '--scopes', 'read,fly')
    expect([code, said]).toEqual([2, expect.stringMatching(/--owner[\s\S]*--scopes/)])
    expect((await command('keys', 'revoke', 'nothing')).code).toBe(2)
    expect((await command('keys', 'sell')).code).toBe(2)
    const star = await ask(locked, 'POST', '/v1/keys', { key: keyOf('root'), json: { owner: '*', name: 'everybody' } })
    expect([star.status, star.json.errors[0].pointer]).toEqual([422, '/owner'])
  })

  it('do not start a service without them where others reach it', async () => {
    const { code, said } = await nestwave(['serve', '--host', '0.0.0.0', '--port', '0'], { NESTWAVE_AUTH: 'off' })
    expect([code, said]).toEqual([2, expect.stringContaining('auth')])
    const named = await nestwave(['serve', '--host', '127.evil.example', '--port', '0', '--print-config'], {
      NESTWAVE_AUTH: 'off',
    })
    expect(named.code).toBe(2)
  })
})

describe("another owner's things", () => {
  const belongs = ({ path }: Operation) => /\{(id|jobID)\}/.test(path) && !path.startsWith('/v1/keys')

  it('do not exist, on any route', async () => {
    const all = operations.filter(belongs)
    expect(all.length).toBeGreaterThanOrEqual(16)
    for (const operation of all) {
      const { status, json } = await call(operation, { key: keyOf('bob') })
      const nobody = await ask(
        locked,
        operation.method,
        filled(operation.path).replace(/[0-9a-f-]{36}/, '0b5f5c3e-8f0e-4b52-9a44-3f5a3c1f7d10'),
        {
          key: keyOf('bob'),
          ...(operation.example === undefined ? {} : { json: operation.example }),
        },
      )
      expect([operation.id, status, json.detail]).toEqual([operation.id, 404, nobody.json.detail])
    }
    const purge = await ask(locked, 'DELETE', `/v1/jobs/${secret.jobs}?purge=true`, { key: keyOf('bob') })
    expect(purge.status).toBe(404)
    expect((await as('alice').job(secret.jobs)).state).toBe('succeeded')
  })

  it('are there for their owner, on every route that reads', async () => {
    for (const operation of operations.filter(belongs)) {
      if (operation.method !== 'GET' || operation.path.includes('models')) continue
      expect([operation.id, (await call(operation, { key: keyOf('reader') })).status]).toEqual([operation.id, 200])
    }
  })

  it('are in no list, no parent, no mesh and no model', async () => {
    const bob = as('bob')
    const lists = [bob.jobs(), bob.datasets(), bob.models(), bob.webhooks()]
    for (const list of lists) expect((await list).items).toEqual([])
    const read = (path: string) => ask(locked, 'GET', path, { key: keyOf('bob') })
    expect((await read('/jobs')).json.jobs).toEqual([])
    expect((await read('/v1/meshes/plate.msh')).status).toBe(404)
    expect((await read('/umbridge/Info')).json.models).toEqual([])
    const name = `${secret.jobs}/full-domain`
    expect(
      (await ask(locked, 'POST', '/umbridge/InputSizes', { key: keyOf('bob'), json: { name } })).json.error.type,
    ).toBe('ModelNotFound')
    expect((await ask(locked, 'POST', '/umbridge/InputSizes', { key: keyOf('alice'), json: { name } })).status).toBe(
      200,
    )
    const json = { kind: 'dataset', parent: secret.jobs }
    const child = await ask(locked, 'POST', '/v1/jobs', { key: keyOf('bob'), json })
    expect([child.status, child.json.errors[0].pointer]).toEqual([422, '/parent'])
    const study = await ask(locked, 'POST', '/v1/jobs', {
      key: keyOf('bob'),
      json: { kind: 'dataset', study: tinyStudy() },
    })
    expect([study.status, study.json.errors[0].pointer]).toEqual([422, '/study/domain/mesh'])
  })

  it('share neither datasets nor Idempotency-Keys', async () => {
    await uploadTinyMesh(as('bob'))
    const request = { kind: 'simulation', study: tinyStudy() } as const
    const mine = await as('alice').submit(request, { idempotencyKey: 'one' })
    const yours = await as('bob').submit(request, { idempotencyKey: 'one' })
    expect(yours.id).not.toBe(mine.id)
    expect([mine.owner, yours.owner]).toEqual(['alice', 'bob'])
    await Promise.all([ended(as('alice'), mine.id), ended(as('bob'), yours.id)])
  })
})

describe('allowances', () => {
  const made = async (fields: object): Promise<string> => {
    const key = { owner: 'carol', name: 'limited', ...fields }
    return (await ask(locked, 'POST', '/v1/keys', { key: keyOf('root'), json: key })).json.key
  }

  it('requests a minute: 429, with the time to come again; other keys go on', async () => {
    const key = await made({ requestsPerMinute: 5 })
    const replies: Reply[] = []
    for (let k = 0; k < 7; k++) replies.push(await ask(locked, 'GET', '/v1/jobs', { key }))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429, 429])
    expect(replies[6].json.type).toBe('/problems/too-many-requests')
    expect(Number(replies[6].headers['retry-after'])).toBeGreaterThan(0)
    expect((await ask(locked, 'GET', '/v1/jobs', { key: keyOf('alice') })).status).toBe(200)
  })

  it('active jobs: 429 past them, however many come at once, and a job again is no further one', async () => {
    const key = await made({ maxActiveJobs: 2 })
    await uploadTinyMesh(nestwaveClient({ url: locked.url, key }))
    const study = { ...tinyStudy(), seed: 71, dataset: { train: 4000, validation: 60, test: 60 } }
    const submit = (name: string) =>
      ask(locked, 'POST', '/v1/jobs', { key, json: { kind: 'dataset', study }, headers: { 'idempotency-key': name } })
    // Checked once, so that nothing but the count is between them.
    const checked = await submit('checked')
    await ask(locked, 'DELETE', `/v1/jobs/${checked.json.id}`, { key })
    const replies = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(submit))
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 201, 429, 429, 429, 429])
    expect(replies.find(({ status }) => status === 429)!.json.type).toBe('/problems/quota')
    const first = replies.findIndex(({ status }) => status === 201)
    const again = await submit(['a', 'b', 'c', 'd', 'e', 'f'][first])
    expect([again.status, again.json.id]).toEqual([200, replies[first].json.id])
    for (const { status, json } of replies)
      if (status === 201) await ask(locked, 'DELETE', `/v1/jobs/${json.id}`, { key })
    expect((await submit('g')).status).toBe(201)
  })

  it('a key that is revoked stops within six seconds, so does one that expires', async () => {
    const key = await made({ expiresAt: new Date(Date.now() + 500).toISOString() })
    expect((await ask(locked, 'GET', '/v1/jobs', { key })).status).toBe(200)
    expect((await as('bob').jobs()).items.length).toBeGreaterThan(0)
    expect((await command('keys', 'revoke', keys.bob.id)).code).toBe(0)
    await pause(6_000)
    for (const gone of [key, keyOf('bob')])
      expect((await ask(locked, 'GET', '/v1/jobs', { key: gone })).status).toBe(401)
    const [{ revokedAt }] = (await as('root').keys()).items.filter(({ id }) => id === keys.bob.id)
    expect(revokedAt).not.toBeNull()
  })
})

describe('the audit log', () => {
  it('says who changed what', async () => {
    const { json } = await ask(locked, 'GET', '/v1/audit?limit=1000', { key: keyOf('root') })
    const entries = json.items.filter(({ subject }: Json) => subject === secret.jobs)
    expect(entries).toMatchObject([{ owner: 'alice', action: 'job.submit', keyId: keys.alice.id, status: 201 }])
    const next = await ask(locked, 'GET', `/v1/audit?limit=2&cursor=${json.items[1].number}`, { key: keyOf('root') })
    expect(next.json.items).toEqual(json.items.slice(2, 4))
  })
})

describe('without keys', () => {
  const status = async (headers: Record<string, string>, path = '/v1/jobs') =>
    (await ask(open, 'GET', path, { headers })).status

  it.for([
    'evil.example',
    '127.evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '[',
  ])('a request for the host %j is refused', async (host) => {
    for (const path of ['/v1/jobs', '/openapi.json', '/umbridge/Info', '/jobs'])
      expect([path, [400, 403].includes(await status({ host }, path))]).toEqual([path, true])
  })

  it('one for this machine is answered, by each of its names', async () => {
    for (const host of ['127.0.0.1', `127.0.0.1:${open.port}`, `localhost:${open.port}`, '[::1]', 'LOCALHOST'])
      expect([host, await status({ host })]).toEqual([host, 200])
  })

  it("a request of another page is refused, one of the service's own is answered", async () => {
    const host = `127.0.0.1:${open.port}`
    for (const origin of [
      'http://evil.example',
      'null',
      `http://127.0.0.1:1`,
      `http://localhost:${open.port}`,
      `http://${host}.evil.example`,
    ])
      expect([origin, await status({ host, origin })]).toEqual([origin, 403])
    expect(await status({ host, origin: `http://${host}` })).toBe(200)
  })

  it('every answer has the headers that keep browsers in check', async () => {
    for (const path of ['/', '/docs', '/v1/jobs', '/v1/jobs/nothing', '/nothing', '/umbridge/Info']) {
      const { headers } = await ask(open, 'GET', path)
      expect([path, headers['x-content-type-options'], headers['x-powered-by']]).toEqual([path, 'nosniff', undefined])
      expect(headers['content-security-policy']).toContain('default-src')
      expect(headers['x-frame-options']).toBe('SAMEORIGIN')
      expect(headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  it('webhooks to private addresses are refused', async () => {
    for (const url of [
      'http://127.0.0.1:9/x',
      'http://localhost/x',
      'http://169.254.169.254/',
      'http://2130706433/',
      'http://[::1]/',
      'ftp://example.org',
      'nonsense',
      'http://a:b@example.org/',
    ]) {
      const { status: refused, json } = await ask(open, 'POST', '/v1/webhooks', { json: { url } })
      expect([url, refused, json.errors?.[0].pointer]).toEqual([url, 422, '/url'])
    }
  })
})

describe('problems', () => {
  const submit = (json: object) => ask(open, 'POST', '/v1/jobs', { json })

  /** A pointer names what is wrong, or where what is missing should be: in something that is there. */
  const expectInBody = (body: Json, errors: readonly Json[]): void => {
    for (const { pointer, path } of errors) {
      const holder = atPointer(body, pointer.slice(0, pointer.lastIndexOf('/')))
      expect([path, pointer, typeof holder]).toEqual([path, pointer, 'object'])
    }
  }

  beforeAll(() => uploadTinyMesh(open.client))

  it('of a study are all told at once, each with its place', async () => {
    const study = { ...tinyStudy(), seed: -1, surprise: 1, damping: 'x', load: { ...tinyStudy().load, width: 5 } }
    delete study.materials
    study.quantities = [{ ...study.quantities[0], kind: 'nothing' }, study.quantities[1]]
    const body = { kind: 'run', study }
    const { status, headers, json } = await submit(body)
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
    expect([status, json.type]).toEqual([422, '/problems/invalid-input'])
    const pointers = json.errors.map(({ pointer }: Json) => pointer)
    for (const place of [
      '/study/seed',
      '/study/surprise',
      '/study/damping',
      '/study/materials',
      '/study/load/width',
      '/study/quantities/0/kind',
    ])
      expect(pointers).toContain(place)
    expectInBody(body, json.errors)
    for (const { pointer, expected, received } of json.errors) {
      expect([pointer, expected.length > 0, received.length > 0]).toEqual([pointer, true, true])
      if (pointer !== '/study/materials') expect([pointer, atPointer(body, pointer)]).not.toEqual([pointer, undefined])
    }
  })

  it('of a study on its mesh', async () => {
    const study = tinyStudy()
    const body = {
      kind: 'run',
      study: {
        ...study,
        zone: { group: 'nowhere' },
        load: { ...study.load, group: 'top of it' },
        fixed: [{ group: 'right' }, { group: 'gone' }],
      },
    }
    const { status, json } = await submit(body)
    expect(status).toBe(422)
    expectInBody(body, json.errors)
    const pointers = json.errors.map(({ pointer }: Json) => pointer)
    expect(pointers).toEqual(expect.arrayContaining(['/study/zone/group']))
    for (const pointer of pointers) expect([pointer, atPointer(body, pointer)]).not.toEqual([pointer, undefined])
  })

  it('of fields that `set` changes stand where `set` does', async () => {
    const body = {
      kind: 'run',
      study: tinyStudy(),
      set: { 'estimate.samples': -5, 'quantities.0.kind': 'x', 'zone.group': 'nowhere' },
    }
    const { status, json } = await submit(body)
    expect(status).toBe(422)
    expectInBody(body, json.errors)
    expect(json.errors.map(({ pointer }: Json) => pointer).sort()).toEqual([
      '/set/estimate.samples',
      '/set/quantities.0.kind',
    ])
    const mesh = await submit({ kind: 'run', study: tinyStudy(), set: { 'zone.group': 'nowhere' } })
    expect(mesh.json.errors.map(({ pointer }: Json) => pointer)).toEqual(['/set/zone.group'])
  })

  it('of an unknown mesh, a wrong kind, no study, two studies', async () => {
    const pointers = async (body: Json): Promise<unknown> => {
      const { status, json } = await submit(body)
      expectInBody(body, json.errors)
      return [status, json.errors.map(({ pointer }: Json) => pointer)]
    }
    const study = tinyStudy()
    const unknown = { ...study, domain: { ...study.domain, mesh: 'other.msh' } }
    expect(await pointers({ kind: 'run', study: unknown })).toEqual([422, ['/study/domain/mesh']])
    expect(await pointers({ kind: 'party', study })).toEqual([422, ['/kind']])
    expect(await pointers({ kind: 'run' })).toEqual([422, ['/study']])
    expect(await pointers({ kind: 'run', study, sample: 3 })).toEqual([422, ['/sample']])
    expect(await pointers({ kind: 'run', study, limits: { wallSeconds: -1, days: 2 } })).toEqual([
      422,
      expect.arrayContaining(['/limits/wallSeconds', '/limits/days']),
    ])
    expect(await pointers({ kind: 'run', parent: '0b5f5c3e-8f0e-4b52-9a44-3f5a3c1f7d10' })).toEqual([422, ['/parent']])
  })

  it('of a body that is no JSON, or too large, or of another type', async () => {
    const post = (asked: Asked) => ask(open, 'POST', '/v1/jobs', asked)
    const malformed = await post({ body: '{"kind": "run", ', headers: { 'content-type': 'application/json' } })
    expect([malformed.status, malformed.json.title]).toEqual([400, expect.any(String)])
    expect((await post({ body: '' })).status).toBe(400)
    expect((await post({ body: '[]' })).status).toBe(422)
    expect((await post({ body: `"${'x'.repeat(60_000)}"` })).status).toBe(413)
    expect((await post({ body: '<a/>', headers: { 'content-type': 'application/xml' } })).status).toBe(415)
  })

  it('of a mesh: none at all, binary, too large, a wrong name', async () => {
    const put = async (name: string, body: string | Uint8Array) => {
      const { status, json } = await ask(open, 'PUT', `/v1/meshes/${name}`, { body })
      return [status, json.errors?.length ?? json.type]
    }
    expect(await put('a.msh', 'this is no mesh')).toEqual([422, 1])
    expect(await put('a.msh', '')).toEqual([422, 1])
    expect(await put('a.msh', '$MeshFormat\n2.2 1 8\n\u0001\0\0\0\n$EndMeshFormat\n')).toEqual([422, 1])
    expect(
      await put(
        'a.msh',
        Uint8Array.from({ length: 4000 }, (_, k) => (k * 37) % 256),
      ),
    ).toEqual([422, 1])
    expect(await put('a.msh', tinyMesh().slice(0, 9000))).toEqual([422, expect.any(Number)])
    expect(await put('a.msh', 'x'.repeat(61_000))).toEqual([413, '/problems/too-large'])
    expect(await put('a.geo', tinyMesh())).toEqual([422, 1])
    expect(await put('..%2fa.msh', tinyMesh())).toEqual([404, '/problems/not-found'])
    expect((await open.client.meshes()).items.map(({ name }) => name)).not.toContain('a.msh')
    const [kept, again] = [await put('b.msh', tinyMesh()), await put('b.msh', tinyMesh())]
    expect([kept[0], again[0]]).toEqual([201, 200])
  })

  it('are the answer of POST /v1/validate, not its failure', async () => {
    const study = tinyStudy()
    const [good, bad] = await Promise.all(
      [study, { ...study, seed: -1 }].map((s) => open.client.validate({ kind: 'run', study: s, cost: false })),
    )
    expect(good).toEqual({ valid: true, errors: [], survey: null, cost: null })
    expect(bad).toMatchObject({ valid: false, errors: [{ pointer: '/study/seed', path: 'study.seed' }] })
  })

  it('unless none are found: then it says what it would cost', async () => {
    const { valid, cost, survey } = await open.client.validate({ kind: 'run', study: tinyStudy() })
    expect(valid).toBe(true)
    expect(survey).not.toBeNull()
    expect(cost!.seconds).toBeGreaterThan(0)
    expect(cost!.stages.map(({ count }) => count)).toContain(220)
  })

  it('have a request id, which the log has too', async () => {
    const { json, headers } = await submit({ kind: 'run' })
    expect(json.instance).toBe(`/requests/${headers['x-request-id']}`)
    await until('the log to have it', () => open.service().said().includes(headers['x-request-id']!))
  })
})
