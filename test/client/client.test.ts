import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JobEvent } from '../../src/client/api.ts'
import { type NestwaveClient, nestwaveClient } from '../../src/client/client.ts'
import { OffContract, ServiceFailure, Unreachable } from '../../src/client/failure.ts'
import { InvalidInput } from '../../src/numeric/errors.ts'
import {
  END,
  event,
  hangUp,
  ID,
  json,
  problem,
  type Reply,
  type StandIn,
  sent,
  standIn,
  stream,
  theJob,
} from './stand-in.ts'

let server: StandIn
let client: NestwaveClient
let waits: number[]
beforeAll(async () => {
  server = await standIn()
})
beforeEach(() => {
  waits = []
  client = nestwaveClient({ url: server.url, patience: 3, silence: 0.3, waiting: (_, seconds) => waits.push(seconds) })
})
afterAll(() => server.close())

const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing',
    (error: unknown) => error,
  )
const job = json(theJob())

describe('a request', () => {
  it('carries the key, and asks below the address as given', async () => {
    server.answer(job)
    await nestwaveClient({ url: `${server.url}/proxied/`, key: 'secret' }).job('a/b')
    expect(server.asked[0]).toMatchObject({ method: 'GET', path: '/proxied/v1/jobs/a%2Fb' })
    expect(server.asked[0].headers.authorization).toBe('Bearer secret')
    await client.job(ID)
    expect(server.asked[1].headers.authorization).toBeUndefined()
  })

  it.each(['', '127.0.0.1:8080', 'ftp://127.0.0.1'])('to %j is refused', (url) => {
    expect(() => nestwaveClient({ url })).toThrow(InvalidInput)
  })

  it('puts what is asked for into the address', async () => {
    server.answer(json({ items: [], next: null }))
    await client.jobs({ state: 'running', limit: 5 })
    await client.jobs()
    await client.artifacts(ID, { cursor: 'a b&c' })
    expect(server.asked.map(({ path }) => path)).toEqual([
      '/v1/jobs?state=running&limit=5',
      '/v1/jobs',
      `/v1/jobs/${ID}/artifacts?cursor=a+b%26c`,
    ])
  })

  it('is repeated when the connection or the service is lost for a moment', async () => {
    server.answer(hangUp, problem(502), problem(503), job)
    expect(await client.job(ID)).toEqual(theJob())
    expect(server.asked).toHaveLength(4)
  })

  it('is repeated when the answer breaks off', async () => {
    server.answer(stream(['{"id": '], false, { 'content-type': 'application/json' }), job)
    expect(await client.job(ID)).toEqual(theJob())
  })

  it('waits as long as it is told', async () => {
    const date = new Date(Date.now() + 2000).toUTCString()
    server.answer(problem(429, {}, { 'retry-after': '1' }), problem(503, {}, { 'retry-after': date }), job)
    const start = performance.now()
    await client.job(ID)
    expect(waits[0]).toBe(1)
    expect(waits[1]).toBeLessThan(1.1)
    expect(performance.now() - start).toBeGreaterThan(1000 * (waits[0] + waits[1]) - 20)
  })

  it('is given up at once when that is longer than its patience', async () => {
    server.answer(problem(429, {}, { 'retry-after': '4' }))
    expect(await thrown(client.job(ID))).toMatchObject({ name: 'ServiceFailure', status: 429, retryAfter: 4 })
    expect(waits).toEqual([])
  })

  it('is given up after its patience', async () => {
    server.answer(problem(503))
    const hasty = nestwaveClient({ url: server.url, patience: 0.8, waiting: (_, seconds) => waits.push(seconds) })
    expect(await thrown(hasty.job(ID))).toMatchObject({ status: 503 })
    expect(waits.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(0.8)
    expect(waits.length).toBeGreaterThan(1)
  })

  it('that must not be made twice is repeated only where nothing was done', async () => {
    server.answer(hangUp)
    expect(await thrown(client.resume(ID))).toBeInstanceOf(Unreachable)
    server.answer(problem(502))
    expect(await thrown(client.resume(ID))).toMatchObject({ status: 502 })
    expect(server.asked).toHaveLength(1)
    server.answer(problem(503, {}, { 'retry-after': '0' }), job)
    expect(await client.resume(ID)).toEqual(theJob())
  })

  it('is stopped while it waits', async () => {
    server.answer(problem(503, {}, { 'retry-after': '3' }))
    const stop = new AbortController()
    setTimeout(() => stop.abort(new Error('enough')), 100)
    const start = performance.now()
    expect(await thrown(client.job(ID, { signal: stop.signal }))).toMatchObject({ message: 'enough' })
    expect(performance.now() - start).toBeLessThan(1000)
  })

  it('to nobody fails at once, and says where and what to do', async () => {
    const gone = await standIn()
    await gone.close()
    const error = await thrown(nestwaveClient({ url: gone.url }).job(ID))
    expect(error).toBeInstanceOf(Unreachable)
    expect((error as Error).message).toBe(
      `no Nestwave service answers at ${gone.url} (connection refused); \`npm start\` starts one on this machine`,
    )
  })

  it('to a service that answered before outlives its restart', async () => {
    const first = await standIn()
    first.answer(job)
    const outliving = nestwaveClient({ url: first.url })
    await outliving.job(ID)
    await first.close()
    const later = outliving.job(ID)
    await new Promise((passed) => setTimeout(passed, 300))
    const second = await standIn(Number(new URL(first.url).port))
    second.answer(job)
    expect(await later).toEqual(theJob())
    await second.close()
  })
})

describe('a new job', () => {
  const keys = (): unknown[] => server.asked.map(({ headers }) => headers['idempotency-key'])

  it('has one key through all attempts, another job another one', async () => {
    server.answer(hangUp, problem(502), json(theJob(), 201))
    await client.submit({ kind: 'run', study: { nestwave: 1 } })
    const [first, second, third] = keys()
    expect(first).toMatch(/^[0-9a-f]{32}$/)
    expect([second, third]).toEqual([first, first])
    expect(JSON.parse(server.asked[2].body)).toEqual({ kind: 'run', study: { nestwave: 1 } })
    await client.submit({ kind: 'run' })
    expect(keys()[3]).not.toBe(first)
    await client.submit({ kind: 'run' }, { idempotencyKey: 'mine' })
    expect(keys()[4]).toBe('mine')
  })
})

describe('a refusal', () => {
  it('with problems is bad input, as if found here', async () => {
    const errors = [
      { pointer: '/study/time/step', path: 'study.time.step', expected: 'a number', received: '"x"' },
      { pointer: '/kind', path: '', expected: 'a kind', received: '1' },
    ]
    server.answer(problem(422, { errors }))
    expect(await thrown(client.submit({ kind: 'run' }))).toMatchObject({
      name: 'InvalidInput',
      problems: [
        { path: 'study.time.step', expected: 'a number', received: '"x"' },
        { path: '/kind', expected: 'a kind', received: '1' },
      ],
    })
  })

  it('keeps the details', async () => {
    server.answer(problem(404, { detail: 'no such job', instance: 'r-1' }))
    const error = (await thrown(client.job(ID))) as ServiceFailure
    expect(error).toBeInstanceOf(ServiceFailure)
    expect(error.message).toBe('Refused: no such job')
    expect(error.details).toEqual({
      type: '/problems/x',
      title: 'Refused',
      status: 404,
      detail: 'no such job',
      instance: 'r-1',
    })
  })

  it('that is no problem document is told as it is', async () => {
    server.answer((response) => {
      response.writeHead(413, { 'content-type': 'text/html' }).end('<h1>Too\n large</h1>')
    })
    expect(await thrown(client.putMesh('a.msh', 'x'))).toMatchObject({
      status: 413,
      message: 'HTTP 413 Payload Too Large: <h1>Too large</h1>',
    })
  })
})

describe('an answer outside the contract', () => {
  it.each<readonly [string, Reply, RegExp]>([
    ['no JSON', (r) => void r.end('<html>'), /^GET .*\/v1\/jobs\/.* was answered with what is no JSON; /],
    ['other JSON', json({ ...theJob(), state: 'asleep' }), /other JSON than agreed \(state: /],
    ['nothing', (r) => void r.writeHead(204).end(), /no JSON/],
  ])('%s', async (_, reply, message) => {
    server.answer(reply)
    const error = await thrown(client.job(ID))
    expect(error).toBeInstanceOf(OffContract)
    expect((error as Error).message).toMatch(message)
    expect(server.asked).toHaveLength(1)
  })
})

describe('the events of a job', () => {
  const EVENTS = Array.from({ length: 6 }, (_, k) => event(k + 1, 'note', { text: `note ${k + 1} – é` }))
  const TEXT = EVENTS.map(sent)
  const followed = async (after?: number, using = client): Promise<JobEvent[]> => {
    const seen: JobEvent[] = []
    for await (const one of using.events(ID, after === undefined ? {} : { after })) seen.push(one)
    return seen
  }
  const from = (): unknown[] => server.asked.map(({ headers }) => headers['last-event-id'])

  it('come in order, and end when the service says so', async () => {
    server.answer(stream([...TEXT, END], true))
    expect(await followed()).toEqual(EVENTS)
    expect(from()).toEqual([undefined])
  })

  it('come once each over connections that break anywhere', async () => {
    const half = TEXT[2].slice(0, 30)
    server.answer(
      stream([TEXT[0], TEXT[1], half]),
      hangUp,
      // A proxy that sends again what was sent, and cuts inside a letter.
      stream([TEXT[1], TEXT[2], TEXT[3], Buffer.from(TEXT[4]).subarray(0, TEXT[4].indexOf('é') + 1)]),
      problem(503, {}, { 'retry-after': '0' }),
      stream([], true),
      stream([TEXT[4], TEXT[5]], true),
      stream([END], true),
    )
    expect(await followed()).toEqual(EVENTS)
    expect(from()).toEqual([undefined, '2', '2', '4', '4', '4', '6'])
  })

  it('begin after the one that is known', async () => {
    server.answer(stream([TEXT[4], TEXT[5], END], true))
    expect(await followed(4)).toEqual(EVENTS.slice(4))
    expect(from()).toEqual(['4'])
  })

  it('are asked for again when one is missing, and refused when it stays away', async () => {
    server.answer(stream([TEXT[0], TEXT[2]]), stream([...TEXT.slice(1), END], true))
    expect(await followed()).toEqual(EVENTS)
    expect(from()).toEqual([undefined, '1'])
    server.answer(stream([TEXT[0], TEXT[2]]))
    expect(await thrown(followed())).toMatchObject({ name: 'OffContract' })
  })

  it('are asked for again when the connection has gone silent', async () => {
    const silent: Reply = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(TEXT[0])
    }
    server.answer(silent, stream([...TEXT.slice(1), END], true))
    expect(await followed()).toEqual(EVENTS)
  })

  it('keep a connection on which only comments come', async () => {
    const slow: Reply = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (let k = 0; k < 5; k++) {
        response.write(': \n\n')
        await new Promise((passed) => setTimeout(passed, 150))
      }
      response.end(`${TEXT.join('')}${END}`)
    }
    server.answer(slow)
    expect(await followed()).toEqual(EVENTS)
    expect(server.asked).toHaveLength(1)
  })

  it('end where a refusal is final', async () => {
    server.answer(stream([TEXT[0]]), problem(404))
    expect(await thrown(followed())).toMatchObject({ status: 404 })
  })

  it('are no page of a proxy', async () => {
    server.answer((response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'))
    expect(await thrown(followed())).toBeInstanceOf(OffContract)
  })

  it('stop at once when they are stopped, also in the middle of a silence', async () => {
    const patient = nestwaveClient({ url: server.url })
    server.answer((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(TEXT[0])
    })
    const stop = new AbortController()
    const reading = async (): Promise<void> => {
      for await (const one of patient.events(ID, { signal: stop.signal }))
        setTimeout(() => stop.abort(new Error('enough')), 10 * one.seq)
    }
    expect(await thrown(reading())).toMatchObject({ message: 'enough' })
  })

  it('close the connection when nobody reads on', async () => {
    let closed = (): void => {}
    const over = new Promise<void>((resolve) => {
      closed = resolve
    })
    server.answer((response) => {
      response.on('close', closed)
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(TEXT[0])
    })
    for await (const _ of client.events(ID)) break
    await over
  })
})
