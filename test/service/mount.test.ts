import { request as httpRequest } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { expressPath } from '../../src/service/mount.ts'
import { Refusal } from '../../src/service/problem.ts'
import { type Route, route } from '../../src/service/route.ts'
import { type Reply, type Sent, type Served, serveRoutes } from './loopback.ts'

const thing = z.strictObject({
  name: z.string().min(1).max(20),
  count: z.int().min(0).default(1),
  tags: z.array(z.string()).optional(),
  free: z.record(z.string(), z.unknown()).optional(),
  anything: z.unknown().optional(),
})
const common = { tag: 'things', responses: { 200: { description: 'it' } } } as const
const secret = new Error('password=hunter2 at /etc/secret')

const THINGS: readonly Route[] = [
  route({
    ...common,
    id: 'list',
    method: 'get',
    path: '/things',
    summary: 'all',
    scope: 'read',
    query: z.object({ limit: z.coerce.number().int().min(1).max(10).default(5), kind: z.enum(['a', 'b']).optional() }),
    handle: async ({ query, caller }) => ({ status: 200, body: { query, owner: caller.owner } }),
  }),
  route({
    ...common,
    id: 'make',
    method: 'post',
    path: '/things',
    summary: 'make',
    scope: 'write',
    body: { schema: thing },
    handle: async ({ body }) => ({ status: 201, body, headers: { Location: '/things/1' } }),
  }),
  route({
    ...common,
    id: 'maybe',
    method: 'post',
    path: '/maybe',
    summary: 'a body if you like',
    scope: 'write',
    body: { schema: z.strictObject({ a: z.int().default(7) }), required: false },
    handle: async ({ body }) => ({ status: 200, body }),
  }),
  route({
    ...common,
    id: 'get',
    method: 'get',
    path: '/things/{id}',
    summary: 'one',
    scope: 'read',
    handle: async ({ params }) =>
      params.id === 'missing' ? (undefined as never) : { status: 200, body: { id: params.id } },
  }),
  route({
    ...common,
    id: 'drop',
    method: 'delete',
    path: '/things/{id}',
    summary: 'drop',
    scope: 'admin',
    handle: async () => ({ status: 204 }),
  }),
  route({
    ...common,
    id: 'file',
    method: 'get',
    path: '/things/{id}/files/{+path}',
    summary: 'file',
    scope: 'read',
    handle: async ({ params }) => ({ status: 200, body: params }),
  }),
  route({
    ...common,
    id: 'bytes',
    method: 'put',
    path: '/bytes',
    summary: 'raw',
    scope: 'write',
    body: { contentType: 'application/octet-stream' },
    handle: async ({ request, body }) => {
      let size = 0
      for await (const part of request) size += (part as Buffer).length
      return { status: 200, body: { size, body: body === undefined } }
    },
  }),
  route({
    ...common,
    id: 'page',
    method: 'get',
    path: '/page',
    summary: 'page',
    scope: null,
    responses: { 200: { description: 'a page', contentType: 'text/html; charset=utf-8' } },
    handle: async ({ caller }) => ({ status: 200, body: `<p>${caller.owner || 'nobody'}</p>` }),
  }),
  route({
    ...common,
    id: 'stream',
    method: 'get',
    path: '/stream/{how}',
    summary: 'stream',
    scope: null,
    handle: async ({ params }) => ({
      stream: async (response) => {
        if (params.how === 'early') throw secret
        response.type('text/plain').write('begun')
        if (params.how === 'late') throw secret
        response.end(' done')
      },
    }),
  }),
  route({
    ...common,
    id: 'throw',
    method: 'get',
    path: '/throw/{what}',
    summary: 'throw',
    scope: null,
    handle: async ({ params }) => {
      if (params.what === 'input')
        throw new InvalidInput([
          { path: 'a.b', expected: '1', received: '2' },
          { path: 'plate.msh:12', expected: 'x', received: 'y' },
        ])
      if (params.what === 'busy') throw new Refusal(503, 'busy', 'Busy', 'later', { headers: { 'Retry-After': '3' } })
      if (params.what === 'standard') throw new Refusal(404, 'http://standard.example/no-such-job', 'No such job')
      if (params.what === 'string') throw 'a mere string'
      if (params.what === 'cycle') {
        const cycle: Record<string, unknown> = {}
        cycle.self = cycle
        return { status: 200, body: cycle }
      }
      throw Object.assign(secret, { status: 400 })
    },
  }),
]

let served: Served
beforeAll(async () => {
  served = await serveRoutes(THINGS)
})
afterAll(() => served.close())

const post = (body: string | Buffer, headers: Record<string, string> = {}, path = '/things'): Promise<Reply> =>
  served.send(path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/

const expectProblem = ({ status, headers, json }: Reply, wanted: number, type: string): void => {
  expect([status, json?.type]).toEqual([wanted, `/problems/${type}`])
  expect(headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(headers['x-request-id']).toMatch(UUID)
  expect(json).toMatchObject({ status: wanted, instance: `/requests/${headers['x-request-id']}` })
  expect(json.title).toMatch(/\w/)
}

describe('answers', () => {
  it('parses query and body by their schemas', async () => {
    expect((await served.send('/things?limit=3&kind=a')).json).toEqual({
      query: { limit: 3, kind: 'a' },
      owner: 'alice',
    })
    const made = await post('{"name": "x"}')
    expect([made.status, made.headers.location, made.json]).toEqual([201, '/things/1', { name: 'x', count: 1 }])
  })

  it('gives every answer an id of its own, whatever the client sends', async () => {
    const replies = await Promise.all([
      served.send('/things', { headers: { 'x-request-id': 'mine' } }),
      served.send('/things'),
    ])
    const ids = replies.map((r) => r.headers['x-request-id'])
    expect(ids.every((id) => UUID.test(String(id)))).toBe(true)
    expect(new Set(ids).size).toBe(2)
  })

  it('takes an empty body where none is required, and the handler reads what has no schema', async () => {
    expect((await post('', {}, '/maybe')).json).toEqual({ a: 7 })
    expect((await post('{"a": 2}', {}, '/maybe')).json).toEqual({ a: 2 })
    const bytes = await served.send('/bytes', { method: 'PUT', body: Buffer.alloc(100_000) })
    expect(bytes.json).toEqual({ size: 100_000, body: true })
  })

  it.each([
    undefined,
    'application/json; charset=UTF-8',
    'application/merge-patch+json',
    'text/plain',
    'application/x-www-form-urlencoded',
  ])('reads JSON called %s', async (type) => {
    const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type }
    expect((await served.send('/things', { method: 'POST', body: '\ufeff {"name": "é😀"} ', headers })).json.name).toBe(
      'é😀',
    )
  })

  it('answers HEAD as GET without the body', async () => {
    const [head, get] = [await served.send('/things/1', { method: 'HEAD' }), await served.send('/things/1')]
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', get.headers['content-length']])
  })

  it('sends text as the route says, and lets streams write', async () => {
    const page = await served.send('/page', { headers: { authorization: '' } })
    expect([page.headers['content-type'], page.text]).toEqual(['text/html; charset=utf-8', '<p>nobody</p>'])
    expect((await served.send('/stream/well')).text).toBe('begun done')
  })

  it.each([
    ['/things/a/files/x/y%20z/%C3%A9.json', { id: 'a', path: 'x/y z/é.json' }],
    ['/things/..a/files/...', { id: '..a', path: '...' }],
  ])('decodes %s', async (path, params) => expect((await served.send(path)).json).toEqual(params))

  it('writes paths as express does', () => expect(expressPath('/a/{id}/b/{+path}')).toBe('/a/:id/b/*path'))
})

describe('who may', () => {
  it('wants a key, and says how', async () => {
    const reply = await served.send('/things', { headers: { authorization: 'Bearer eve' } })
    expectProblem(reply, 401, 'unauthorized')
    expect(reply.headers['www-authenticate']).toBe('Bearer')
  })

  it('names the scope that is missing, before it reads the body', async () => {
    const reply = await post('{ not json', { authorization: 'Bearer reader' })
    expectProblem(reply, 403, 'forbidden')
    expect(reply.json.detail).toContain('write')
    expectProblem(await served.send('/things/1', { method: 'DELETE' }), 403, 'forbidden')
  })
})

describe('what is not there', () => {
  it.each([
    '/',
    '/nothing',
    '/THINGS',
    '/things/1/files',
    '/things/missing',
    '/things/..%2f..%2fetc%2fpasswd',
    '/things/%2e%2e',
    '/things/a%00b',
    '/things/a%5Cb',
    '/things/1/files/..%2f..%2fetc/passwd',
    '/things/1/files/a/%2e%2e/b',
    '/things/1/files/a//b',
    '/things/1/files/%00',
    '//things',
    '/things;a=1/x',
    '/%5F%5Fproto%5F%5F',
  ])('says that %s is not', async (path) => expectProblem(await served.send(path), 404, 'not-found'))

  it.each([
    ['PATCH', '/things', 'GET, HEAD, POST'],
    ['DELETE', '/things', 'GET, HEAD, POST'],
    ['PROPFIND', '/things/1', 'GET, HEAD, DELETE'],
    ['GET', '/bytes', 'PUT'],
    ['HEAD', '/bytes', 'PUT'],
    ['TRACE', '/page', 'GET, HEAD'],
    ['POST', '/things/1/files/a/b', 'GET, HEAD'],
  ])('tells %s of %s what it takes: %s', async (method, path, allow) => {
    const reply = await served.send(path, { method })
    expect([reply.status, reply.headers.allow]).toEqual([405, allow])
    if (method !== 'HEAD') expectProblem(reply, 405, 'method-not-allowed')
  })

  it('answers OPTIONS', async () => {
    const reply = await served.send('/things', { method: 'OPTIONS' })
    expect([reply.status, reply.headers.allow]).toEqual([204, 'GET, HEAD, POST, OPTIONS'])
  })
})

const nested = (depth: number): string => `{"name":"x","anything":${'['.repeat(depth)}${']'.repeat(depth)}}`

describe('hostile bodies', () => {
  it.each([
    ['', 'empty'],
    ['   \n', 'empty'],
    ['{', '1:2'],
    ['{"name": "x",}', '1:14'],
    ['{\n  "name": x\n}', '2:11'],
    ["{'name': 'x'}", '1:2'],
    ['{"name": "x"} {"name": "y"}', '1:15'],
    ['{"name": "x"}\0', '1:14'],
    ['{"count": NaN}', '1:11'],
    ['{"count": Infinity}', '1:11'],
    ['{"count": 01}', '1:12'],
    ['{"count": .5}', '1:11'],
    ['{"count": 0x10}', '1:12'],
    ['{"name": "a\tb"}', '1:10'],
    ['{"name": "\\x41"}', '1:10'],
    ['{"name": "x" /* why */}', '1:14'],
    ['<xml/>', '1:1'],
    ['name=x&count=1', '1:1'],
    ['{"name": "x"', '1:13'],
    ['}'.repeat(100), '1:1'],
    [']', '1:1'],
    ['undefined', '1:1'],
  ])('%j is malformed', async (body, place) => {
    const reply = await post(body)
    expectProblem(reply, 400, 'malformed-json')
    expect(reply.json.detail).toContain(place)
  })

  it.each([
    ['a byte that starts nothing', Buffer.from([0x7b, 0xff, 0x7d])],
    ['an overlong slash', Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')])],
    ['half a surrogate', Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')])],
    ['a cut character', Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xe2, 0x82])])],
    ['UTF-16', Buffer.from('{"name":"x"}', 'utf16le')],
    ['zeros', Buffer.alloc(50)],
    ['gzip without its header', gzipSync('{"name":"x"}')],
  ])('%s is malformed', async (_name, body) => expectProblem(await post(body), 400, 'malformed-json'))

  it('takes 64 levels and not 65, in either bracket, ahead of any parser', async () => {
    expect((await post(nested(63))).status).toBe(201)
    const reply = await post(nested(64))
    expectProblem(reply, 400, 'malformed-json')
    expect(reply.json.detail).toBe('1:87: nested deeper than 64')
    expectProblem(await post('['.repeat(4000)), 400, 'malformed-json')
    expectProblem(await post('{"a":'.repeat(700)), 400, 'malformed-json')
    expect((await post(`{"name":"x","anything":"${'[{\\"'.repeat(200)}"}`)).status).toBe(201)
  })

  it.each([
    ['{"__proto__": {"admin": true}, "name": "x"}', '/__proto__'],
    ['{"\\u005f_proto__": {"admin": true}, "name": "x"}', '/__proto__'],
    ['{"name": "x", "anything": {"__proto__": 1}}', '/anything/__proto__'],
    ['{"name": "x", "anything": [{"__proto__": 1}]}', '/anything/0/__proto__'],
    ['{"name": "x", "free": {"constructor": {"prototype": {"admin": true}}}}', '/free/constructor/prototype'],
    ['{"name": "x", "free": {"constructor.prototype.admin": true}}', '/free/constructor.prototype.admin'],
    ['{"name": "x", "free": {"a.__proto__.admin": true}}', '/free/a.__proto__.admin'],
    ['{"name": "x", "__proto__": {}, "__proto__": null}', '/__proto__'],
  ])('%s changes nothing', async (body, pointer) => {
    const reply = await post(body)
    expectProblem(reply, 422, 'invalid-input')
    expect(reply.json.errors).toHaveLength(1)
    expect(reply.json.errors[0]).toMatchObject({ pointer, expected: 'no such key (unknown)' })
    expect(({} as Record<string, unknown>).admin).toBeUndefined()
  })

  it.each([
    ['constructor', 201],
    ['prototype', 201],
    ['my__proto__', 201],
    ['toString', 201],
    ['hasOwnProperty', 201],
  ])('lets a free name be %s', async (name, status) =>
    expect((await post(JSON.stringify({ name: 'x', free: { [name]: 1 } }))).status).toBe(status))

  it('takes the last of two equal keys, as JSON.parse does', async () =>
    expect((await post('{"name": "x", "name": "y"}')).json.name).toBe('y'))

  it.each([
    ['null', ''],
    ['[]', ''],
    ['"text"', ''],
    ['42', ''],
    ['true', ''],
    ['{}', '/name'],
    ['{"name": null}', '/name'],
    ['{"name": ""}', '/name'],
    ['{"name": {"$ne": null}}', '/name'],
    ['{"name": ["x"]}', '/name'],
    ['{"name": "x", "count": "1"}', '/count'],
    ['{"name": "x", "count": 1.5}', '/count'],
    ['{"name": "x", "count": -1}', '/count'],
    ['{"name": "x", "count": 1e400}', '/count'],
    ['{"name": "x", "count": 9007199254740993}', '/count'],
    ['{"name": "x", "tags": [1]}', '/tags/0'],
    ['{"name": "x", "a/b~c.d": 1}', '/a~1b~0c.d'],
    ['{"name": "x", "": 1}', ''],
    ['{"name": "x", "constructor": 1}', '/constructor'],
    ['{"name": "x", "toString": 1}', '/toString'],
    [`{"name": "${'y'.repeat(99)}"}`, '/name'],
  ])('%s is not a thing', async (body, pointer) => {
    const reply = await post(body)
    expectProblem(reply, 422, 'invalid-input')
    expect(reply.json.errors[0].pointer).toBe(pointer)
    expect(reply.text.length).toBeLessThan(1500)
  })

  it('tells every problem at once, a bearable number of them', async () => {
    const two = await post('{"count": -1, "more": 2}')
    expect(two.json.errors.map((e: { path: string }) => e.path).sort()).toEqual(['count', 'more', 'name'])
    const many = await post(`{"name": "x", ${Array.from({ length: 400 }, (_, k) => `"k${k}":1`).join()}}`)
    expectProblem(many, 422, 'invalid-input')
    expect([many.json.errors.length, many.json.detail]).toEqual([100, '400 problems; these are the first 100'])
  })
})

describe('what could not be stored', () => {
  it.each([
    ['{"name":"x\\u0000"}', '/name'],
    ['{"name":"\\ud800"}', '/name'],
    ['{"name":"x","free":{"a":["\\udc00"]}}', '/free/a/0'],
    ['{"name":"x","free":{"\\u0000":1}}', '/free/\0'],
  ])('%s is told at its place', async (body, pointer) => {
    const reply = await post(body)
    expectProblem(reply, 422, 'invalid-input')
    expect(reply.json.errors).toEqual([expect.objectContaining({ pointer })])
  })
})

describe('too much', () => {
  const body = (size: number): string => JSON.stringify({ name: 'x', anything: 'y'.repeat(size) })

  it('takes the limit and not a byte more', async () => {
    const empty = body(0).length
    expect((await post(body(4096 - empty))).status).toBe(201)
    const reply = await post(body(4097 - empty))
    expectProblem(reply, 413, 'too-large')
    expect(reply.json.detail).toContain('4096')
  })

  it('counts what comes when nothing was told, and works on', async () => {
    const chunked = await new Promise<number>((resolve, reject) => {
      const headers = { authorization: 'Bearer alice', 'content-type': 'application/json' }
      const request = httpRequest({ port: served.port, path: '/things', method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode!)
      })
      request.on('error', reject)
      for (let k = 0; k < 100; k++) request.write('x'.repeat(1000))
      request.end()
    })
    expect(chunked).toBe(413)
    expect((await post('{"name": "x"}')).status).toBe(201)
  })

  it('refuses megabytes unread', async () => expectProblem(await post(Buffer.alloc(3_000_000)), 413, 'too-large'))

  it.each([
    'text/html',
    'multipart/form-data; boundary=x',
    'application/xml',
    'image/png',
    'application/json; charset=utf-16',
    'application/json/x',
    'json',
  ])('does not read %s', async (type) => {
    const reply = await post('{"name": "x"}', { 'content-type': type })
    expectProblem(reply, 415, 'unsupported-media-type')
    expect(reply.headers.accept).toBe('application/json')
  })

  it.each(['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip'])('does not unpack %s', async (encoding) =>
    expectProblem(
      await post(gzipSync('{"name": "x"}'), { 'content-encoding': encoding }),
      415,
      'unsupported-media-type',
    ))

  it('reports nothing of a client that leaves in the middle', async () => {
    const before = served.reported.length
    const head =
      'POST /things HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer alice\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{"na'
    const { connect } = await import('node:net')
    await new Promise<void>((done) => {
      const socket = connect(served.port, '127.0.0.1', () =>
        socket.write(head, () => setTimeout(() => socket.destroy(), 30)),
      )
      socket.on('close', () => done())
    })
    await new Promise((done) => setTimeout(done, 50))
    expect(served.reported.length).toBe(before)
  })
})

describe('hostile queries', () => {
  it.each([
    ['limit=0', '?limit'],
    ['limit=11', '?limit'],
    ['limit=1.5', '?limit'],
    ['limit=abc', '?limit'],
    ['limit=1&limit=2', '?limit'],
    ['limit=1e999', '?limit'],
    ['limit=1%00', '?limit'],
    ['kind=c', '?kind'],
    ['kind=a&kind=b', '?kind'],
    ['kind=__proto__', '?kind'],
  ])('%s', async (query, path) => {
    const reply = await served.send(`/things?${query}`)
    expectProblem(reply, 422, 'invalid-input')
    expect(reply.json.errors[0]).toMatchObject({ path, pointer: '' })
  })

  it.each([
    '__proto__=1',
    'constructor=1',
    '__proto__[a]=1',
    'kind[$ne]=1',
    '&&&===',
    '%',
    '%E0%A4%A',
    `x=${'y'.repeat(99)}`,
  ])('is not moved by %s', async (query) => {
    const reply = await served.send(`/things?${query}`)
    expect([reply.status, reply.json.query]).toEqual([200, { limit: 5 }])
  })
})

describe('hostile requests', () => {
  it.each([
    '/things/%',
    '/things/%E0%A4%A',
    '/things/%zz',
    '/things/1/files/a/%C0%AF',
  ])('%s is not encoded right', async (path) => expectProblem(await served.send(path), 400, 'bad-request'))

  const HOST = 'Host: x\r\n'
  it.each<[string, string, number]>([
    ['a huge header', `GET /things HTTP/1.1\r\n${HOST}X: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    ['not HTTP', 'hello\r\n\r\n', 400],
    ['a bad header', `GET /things HTTP/1.1\r\n${HOST}No colon\r\n\r\n`, 400],
    ['a header twice as long as told', `POST /things HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n`, 400],
    ['two lengths', `POST /things HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    [
      'length and chunks',
      `POST /things HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      400,
    ],
  ])('answers %s', async (_name, bytes, status) => {
    const text = await served.raw(bytes)
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(text).toContain('application/problem+json')
    expect(JSON.parse(text.split('\r\n\r\n')[1])).toMatchObject({ status })
  })
})

describe('what handlers throw', () => {
  it('shows input problems whole', async () => {
    const reply = await served.send('/throw/input')
    expectProblem(reply, 422, 'invalid-input')
    expect(reply.json.errors).toEqual([
      { pointer: '', path: 'a.b', expected: '1', received: '2' },
      { pointer: '', path: 'plate.msh:12', expected: 'x', received: 'y' },
    ])
  })

  it('passes refusals on, with their headers and standard types', async () => {
    const busy = await served.send('/throw/busy')
    expectProblem(busy, 503, 'busy')
    expect(busy.headers['retry-after']).toBe('3')
    expect((await served.send('/throw/standard')).json.type).toBe('http://standard.example/no-such-job')
  })

  it.each(['error', 'string', 'cycle'])('keeps %s to itself and reports it', async (what) => {
    served.reported.length = 0
    const reply = await served.send(`/throw/${what}`)
    expectProblem(reply, 500, 'internal')
    expect(reply.text).not.toMatch(/hunter2|mere string|circular/)
    expect(served.reported.map((r) => r.id)).toEqual([reply.headers['x-request-id']])
    if (what === 'error') expect(served.reported[0].error).toBe(secret)
  })

  it('cuts off an answer that has begun, and answers one that has not', async () => {
    served.reported.length = 0
    await expect(served.send('/stream/late')).rejects.toThrow()
    expectProblem(await served.send('/stream/early'), 500, 'internal')
    expect(served.reported).toHaveLength(2)
  })
})

it('stands after all that', async () => {
  const sent: Sent = { headers: { authorization: 'Bearer reader' } }
  expect((await served.send('/things', sent)).status).toBe(200)
})
