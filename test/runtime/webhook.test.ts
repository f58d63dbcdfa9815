import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { type Delivery, deliver, type Resolve } from '../../src/runtime/webhook/deliver.ts'
import { retryAfter, secondsAsked, WebhookFailure } from '../../src/runtime/webhook/retry.ts'
import { newSecret, type ReceivedHeaders, signed, verified } from '../../src/runtime/webhook/signature.ts'
import { checkWebhookUrl, isPublicAddress } from '../../src/runtime/webhook/target.ts'

/**
 * The vector that the reference libraries test themselves with (`libraries/javascript/src/webhook.test.ts` "sign function works",
 * `libraries/go/webhook_test.go` TestWebhookSign) in github.com/standard-webhooks/standard-webhooks.
 */
const VECTOR = {
  message: {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1614265330,
    body: '{"test": 2432232314}',
    secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  },
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}
const { message } = VECTOR

describe('the signature', () => {
  it('is that of the reference libraries', () => {
    expect(signed(message)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': VECTOR.signature,
    })
  })

  it('covers the bytes of the body', () => {
    const text = '{"título":"α"}'
    expect(signed({ ...message, body: Buffer.from(text) })).toEqual(signed({ ...message, body: text }))
  })

  it('comes once for each secret', () => {
    const secrets = [newSecret(), ...message.secrets]
    const [fresh, old] = signed({ ...message, secrets })['webhook-signature'].split(' ')
    expect(old).toBe(VECTOR.signature)
    expect(fresh).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/)
  })

  it.each(['a.b', '', 'a b', 'a\r\nhost: x', 'é', 'a'.repeat(101)])('refuses the id %j', (id) =>
    expect(() => signed({ ...message, id })).toThrow(/^id: /))
  it.each([1.5, -1, Number.NaN, 1e21])('refuses the timestamp %d', (timestamp) =>
    expect(() => signed({ ...message, timestamp })).toThrow(/^timestamp: /))
  it('needs a secret', () => expect(() => signed({ ...message, secrets: [] })).toThrow(/^secrets: /))
  it.each([
    ['no prefix', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    ['23 bytes', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['65 bytes', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['no base64', `whsec_${'?'.repeat(40)}`],
    ['nothing', ''],
  ])('refuses a secret with %s and does not show it', (_, secret) => {
    const attempt = () => signed({ ...message, secrets: [secret] })
    expect(attempt).toThrow(InvalidInput)
    expect(attempt).toThrow('secret: expected whsec_ and 24 to 64 bytes in base64, received another text')
  })
})

describe('a new secret', () => {
  it('has 32 bytes and is another one each time', () => {
    const secrets = Array.from({ length: 100 }, newSecret)
    expect(new Set(secrets).size).toBe(100)
    expect(secrets.every((s) => /^whsec_/.test(s) && Buffer.from(s.slice(6), 'base64').length === 32)).toBe(true)
  })
})

describe('a received message', () => {
  const now = message.timestamp
  const headers = signed(message)
  const check = (changed: ReceivedHeaders, at = now) =>
    verified({ ...headers, ...changed }, message.body, message.secrets, at)

  it('is verified', () => {
    expect(check({})).toBe(true)
    expect(verified(headers, Buffer.from(message.body), message.secrets, now)).toBe(true)
  })
  it('is verified with any of several secrets on either side', () => {
    const [a, b, c] = [newSecret(), newSecret(), newSecret()]
    const rotating = signed({ ...message, secrets: [a, b] })
    expect(verified(rotating, message.body, [b, c], now)).toBe(true)
    expect(verified(rotating, message.body, [c], now)).toBe(false)
    expect(verified(rotating, message.body, [], now)).toBe(false)
  })
  it('is verified among signatures of other kinds', () =>
    expect(check({ 'webhook-signature': `v1a,AAAA v2,${VECTOR.signature.slice(3)} ${VECTOR.signature} v1,` })).toBe(
      true,
    ))
  it.each([
    ['another body', {}, `${message.body} `],
    ['another id', { 'webhook-id': 'msg_other' }, message.body],
    ['another timestamp', { 'webhook-timestamp': String(now + 1) }, message.body],
    ['no id', { 'webhook-id': undefined }, message.body],
    ['no timestamp', { 'webhook-timestamp': undefined }, message.body],
    ['a timestamp of words', { 'webhook-timestamp': 'hello' }, message.body],
    ['no signature', { 'webhook-signature': undefined }, message.body],
    ['two signature headers', { 'webhook-signature': [VECTOR.signature] }, message.body],
    ['a part of the signature', { 'webhook-signature': VECTOR.signature.slice(0, 8) }, message.body],
    ['an empty signature', { 'webhook-signature': 'v1,' }, message.body],
    ['another version', { 'webhook-signature': VECTOR.signature.replace('v1', 'v2') }, message.body],
  ] as const)('is refused with %s', (_, changed, body) => {
    expect(verified({ ...headers, ...(changed as ReceivedHeaders) }, body, message.secrets, now)).toBe(false)
  })
  it('is refused when the id takes in the timestamp, and the timestamp the beginning of the body', () => {
    const victim = signed({ ...message, body: `${now}.rest` })
    const moved = { ...victim, 'webhook-id': `${message.id}.${now}` }
    expect(verified(moved, 'rest', message.secrets, now)).toBe(false)
  })
  it('is refused when it is old or from the future', () => {
    expect([-301, -300, 300, 301].map((late) => check({}, now + late))).toEqual([false, true, true, false])
    expect(check({}, Number.NaN)).toBe(false)
    expect(verified(headers, message.body, message.secrets, now + 11, 10)).toBe(false)
  })
})

const PUBLIC = [
  ['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255', '128.0.0.0'],
  ['168.63.129.17', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.0', '192.167.255.255'],
  ['192.169.0.0', '198.17.255.255', '198.20.0.0', '203.0.112.255', '203.0.114.0', '223.255.255.255'],
  ['2606:4700:4700::1111', '2001:4860:4860::8888', '2001:200::1', '2a00:1450:4001:81b::200e', '3ffe::1'],
  ['::ffff:8.8.8.8', '::ffff:808:808', '64:ff9b::8.8.8.8', '64:ff9b::808:808', '2002:808:808::1'],
].flat()

const NOT_PUBLIC = [
  ['0.0.0.0', '0.255.255.255', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.100.100.200', '100.127.255.255'],
  ['127.0.0.1', '127.255.255.255', '168.63.129.16', '169.254.0.0', '169.254.169.254', '169.254.255.255'],
  ['172.16.0.0', '172.31.255.255', '192.0.0.0', '192.0.0.192', '192.0.2.1', '192.88.99.1', '192.168.0.0'],
  ['192.168.255.255', '198.18.0.0', '198.19.255.255', '198.51.100.7', '203.0.113.7', '224.0.0.1'],
  ['239.255.255.255', '240.0.0.1', '255.255.255.254', '255.255.255.255'],
  ['::', '::1', '::2', '::127.0.0.1', '100::1', '64:ff9b:1::1', 'fc00::1', 'fd12:3456::1', 'fdff:ffff::', 'fe80::1'],
  ['febf::1', 'fec0::1', 'ff02::1', 'ff0e::1', '2001::1', '2001:2::1', '2001:db8::1', '3fff::1', '3fff:fff::1'],
  ['4000::1', '5f00::1', '1fff::1', 'fe80::1%eth0', '::ffff:10.0.0.1', '::ffff:7f00:1', '0:0:0:0:0:ffff:a00:1'],
  ['::ffff:169.254.169.254', '::ffff:0:8.8.8.8', '64:ff9b::10.0.0.1', '64:ff9b::7f00:1', '64:ff9b::a9fe:a9fe'],
  ['2002:a00:1::', '2002:7f00:1::1', '2002:c0a8:101:1::1', '2606:4700::1111%1'],
  ['', 'localhost', '127.1', '010.0.0.1', '0x7f000001', '2130706433', '8.8.8.8 ', '[::1]', '1.2.3', '256.1.1.1'],
].flat()

describe('an address', () => {
  it('comes in both kinds here', () => {
    expect(PUBLIC.length).toBeGreaterThan(25)
    expect(NOT_PUBLIC.length).toBeGreaterThan(60)
  })
  it.each(PUBLIC)('%s is public', (address) => expect(isPublicAddress(address)).toBe(true))
  it.each(NOT_PUBLIC)('%s is not public', (address) => expect(isPublicAddress(address)).toBe(false))
})

describe('the address of a webhook', () => {
  it.each([
    'https://example.com/hook?key=1',
    'http://example.com:8080',
    'https://8.8.8.8/',
    'https://[2606:4700::1111]:8443/x',
    'https://localhost.example.com',
    'https://[::ffff:8.8.8.8]',
    `https://example.com/${'a'.repeat(2048 - 20)}`,
  ])('may be %s', (url) => expect(() => checkWebhookUrl(url, false)).not.toThrow())

  const refused = (url: string, allowPrivate = false): InvalidInput | null => {
    try {
      checkWebhookUrl(url, allowPrivate)
      return null
    } catch (error) {
      return error as InvalidInput
    }
  }

  /** Every notation that a URL parser takes for an IPv4 or IPv6 address. */
  it.each([
    'http://127.0.0.1',
    'http://127.0.0.1.',
    'http://2130706433',
    'http://0x7f000001',
    'http://0x7f.0.0.0x1',
    'http://017700000001',
    'http://0177.0.0.01',
    'http://127.1',
    'http://127.0.1',
    'http://0',
    'http://%31%32%37.0.0.1',
    'http://127。0。0。1',
    'http://①②⑦.0.0.1',
    'http://169.254.169.254/latest/meta-data/',
    'http://2852039166',
    'http://[::1]:80',
    'http://[::]',
    'http://[0:0:0:0:0:0:0:1]',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:7f00:1]',
    'http://[64:ff9b::192.168.0.1]',
    'http://[2002:a00:1::]',
    'http://[fe80::1]',
    'http://localhost:3000',
    'http://LOCALHOST.',
    'http://a.localhost',
  ])('may not be %s unless the operator allows it', (url) => {
    expect(refused(url)?.problems).toMatchObject([{ path: 'url', expected: 'a public address' }])
    expect(refused(url, true)).toBeNull()
  })

  it.each([
    ['ftp://example.com', 'http or https'],
    ['file:///etc/passwd', 'http or https'],
    ['javascript:alert(1)', 'http or https'],
    ['https://user@example.com', 'no user name or password'],
    ['https://:password@example.com', 'no user name or password'],
    ['/hook', 'an absolute URL'],
    ['https://', 'an absolute URL'],
    ['https://[fe80::1%25eth0]/', 'an absolute URL'],
    ['https://256.1.1.1', 'an absolute URL'],
    ['', 'an absolute URL'],
    [`https://example.com/${'a'.repeat(2048 - 19)}`, 'at most 2048 characters'],
  ])('may never be %s', (url, expected) => {
    expect(refused(url)).toBeInstanceOf(InvalidInput)
    expect(refused(url, true)?.problems).toMatchObject([{ path: 'url', expected }])
  })

  it('is told all that is wrong with it, and credentials are not repeated', () => {
    const error = refused('ftp://user:hunter2@127.0.0.1')
    expect(error?.problems.map(({ expected }) => expected)).toEqual([
      'http or https',
      'no user name or password',
      'a public address',
    ])
    expect(error?.message).not.toContain('hunter2')
  })
})

describe('the retries', () => {
  it('follow the schedule of the specification', () => {
    const delays = Array.from({ length: 12 }, (_, attempt) => retryAfter(attempt))
    expect(delays).toEqual([0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, null, null])
    const total = delays.reduce<number>((sum, delay) => sum + (delay ?? 0), 0)
    expect(total).toBe(75 * 3600 + 35 * 60 + 5)
  })
  it('wait longer when asked, to a day at most, and never shorter', () => {
    expect(retryAfter(1, 60)).toBe(60)
    expect(retryAfter(2, 60)).toBe(300)
    expect(retryAfter(1, 1e9)).toBe(86_400)
    expect(retryAfter(1, Number.POSITIVE_INFINITY)).toBe(86_400)
    expect(retryAfter(10, 60)).toBeNull()
  })
  it('spread by up to a tenth', () => {
    expect(retryAfter(2, 0, 0.5)).toBeCloseTo(315)
    expect(retryAfter(2, 0, 0)).toBe(300)
  })
  it('read both forms of Retry-After', () => {
    const now = Date.parse('2025-01-01T00:00:00Z')
    const asked = (header?: string) => secondsAsked(header, now)
    expect(asked('120')).toBe(120)
    expect(asked('Wed, 01 Jan 2025 00:02:00 GMT')).toBe(120)
    expect([asked(undefined), asked('soon'), asked('-5'), asked(''), asked('Wed, 01 Jan 2020 00:00:00 GMT')]).toEqual([
      0, 0, 0, 0, 0,
    ])
  })
})

type Handler = (request: IncomingMessage, response: ServerResponse) => void

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const listening = async (handler: Handler, host = '127.0.0.1', port = 0): Promise<{ server: Server; port: number }> => {
  const server = createServer(handler).listen(port, host)
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => Buffer.concat(await request.toArray())

const secrets = [newSecret()]
const delivery = (url: string, more: Partial<Delivery> = {}): Delivery => ({
  url,
  id: 'msg_1',
  body: '{"type":"job.succeeded","título":"α"}',
  secrets,
  allowPrivate: true,
  timeoutMs: 5000,
  ...more,
})

const failure = async (attempt: Delivery): Promise<WebhookFailure> => {
  const error = await deliver(attempt).then(
    () => null,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(WebhookFailure)
  return error as WebhookFailure
}

const answering = async (status: number, headers: Record<string, string> = {}): Promise<string> => {
  const { port } = await listening((_, response) => response.writeHead(status, headers).end('text'))
  return `http://127.0.0.1:${port}/hook`
}

describe('a delivery', () => {
  it('is a signed POST of the bytes', async () => {
    let seen: { request: IncomingMessage; body: Buffer } | null = null
    const { port } = await listening(async (request, response) => {
      seen = { request, body: await bodyOf(request) }
      response.writeHead(204).end()
    })
    const attempt = delivery(`http://127.0.0.1:${port}/hook?a=1#b`)
    const { status, milliseconds } = await deliver(attempt)
    expect(status).toBe(204)
    expect(milliseconds).toBeGreaterThan(0)
    const { request, body } = seen!
    expect([request.method, request.url]).toEqual(['POST', '/hook?a=1'])
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(attempt.body)),
      connection: 'close',
    })
    expect(body.toString()).toBe(attempt.body)
    expect(verified(request.headers, body, secrets, Date.now() / 1000)).toBe(true)
  })

  it.each([200, 201, 202, 299])('succeeds with %d', async (status) => {
    expect((await deliver(delivery(await answering(status)))).status).toBe(status)
  })

  it.each([304, 400, 401, 404, 429, 500, 502, 503, 504])('fails with %d, to be tried again', async (status) => {
    const error = await failure(delivery(await answering(status)))
    expect(error).toMatchObject({ reason: 'status', retryable: true, status, asked: 0 })
  })

  it('gives up with 410', async () => {
    const error = await failure(delivery(await answering(410, { 'retry-after': '5' })))
    expect(error).toMatchObject({ reason: 'gone', retryable: false, status: 410, asked: 0 })
  })

  it.each([429, 503])('hears Retry-After of %d', async (status) => {
    const error = await failure(delivery(await answering(status, { 'retry-after': '77' })))
    expect(error.asked).toBe(77)
    expect(retryAfter(1, error.asked)).toBe(77)
  })

  it.each([301, 302, 303, 307, 308])('follows no redirect (%d)', async (status) => {
    let visits = 0
    const target = await listening((_, response) => {
      visits++
      response.end()
    })
    const url = await answering(status, { location: `http://127.0.0.1:${target.port}/` })
    expect(await failure(delivery(url))).toMatchObject({ reason: 'status', retryable: true, status })
    expect(visits).toBe(0)
  })

  it('reads 64 KiB of an endless answer and no more', async () => {
    let open = true
    let sent = 0
    const chunk = Buffer.alloc(16_384)
    const { port } = await listening((_, response) => {
      response.on('close', () => {
        open = false
      })
      const more = () => {
        while (open && response.write(chunk)) sent += chunk.length
        if (open) response.once('drain', more)
      }
      more()
    })
    expect((await deliver(delivery(`http://127.0.0.1:${port}`))).status).toBe(200)
    await expect.poll(() => open).toBe(false)
    // What lies in the buffers of two sockets comes on top.
    expect(sent).toBeLessThan(32 * 2 ** 20)
  })

  it('is done with the status when the answer is cut short', async () => {
    const { port } = await listening((_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('begins')
      setTimeout(() => response.destroy(), 50)
    })
    expect((await deliver(delivery(`http://127.0.0.1:${port}`))).status).toBe(200)
  })

  it('is done with the status when the answer does not end', async () => {
    const { port } = await listening((_, response) => void response.writeHead(202).write('begins'))
    const { status, milliseconds } = await deliver(delivery(`http://127.0.0.1:${port}`, { timeoutMs: 200 }))
    expect(status).toBe(202)
    expect(milliseconds).toBeLessThan(2000)
  })

  it('fails in time when nothing is answered', async () => {
    const { port } = await listening(() => {})
    const error = await failure(delivery(`http://127.0.0.1:${port}`, { timeoutMs: 100 }))
    expect(error).toMatchObject({ reason: 'timeout', retryable: true, status: null })
  })

  it('fails in time when an answer drips header by header', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.write('HTTP/1.1 200 OK\r\n')
      const drip = setInterval(() => socket.write('x-a: b\r\n'), 20)
      socket.on('close', () => clearInterval(drip))
    }).listen(0, '127.0.0.1')
    closers.push(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    expect(await failure(delivery(`http://127.0.0.1:${port}`, { timeoutMs: 200 }))).toMatchObject({ reason: 'timeout' })
  })

  it('fails in time when the name server is silent', async () => {
    const resolve: Resolve = () => new Promise(() => {})
    const error = await failure(delivery('http://a.test', { timeoutMs: 100, resolve }))
    expect(error).toMatchObject({ reason: 'timeout', retryable: true })
  })

  it('can be stopped, and tried again', async () => {
    const controller = new AbortController()
    const { port } = await listening(() => controller.abort())
    const error = await failure(delivery(`http://127.0.0.1:${port}`, { signal: controller.signal }))
    expect(error).toMatchObject({ reason: 'cancelled', retryable: true })
    const again = delivery(`http://127.0.0.1:${port}`, { signal: controller.signal })
    expect(await failure(again)).toMatchObject({ reason: 'cancelled' })
  })

  it('fails when the receiver hangs up', async () => {
    const { port } = await listening((request) => request.socket.destroy())
    expect(await failure(delivery(`http://127.0.0.1:${port}`))).toMatchObject({
      reason: 'connection',
      message: 'connection: ECONNRESET',
      retryable: true,
    })
  })

  it('fails when nobody listens, or speaks another protocol', async () => {
    const { server, port } = await listening(() => {})
    server.close()
    await once(server, 'close')
    expect((await failure(delivery(`http://127.0.0.1:${port}`))).message).toBe('connection: ECONNREFUSED')
    const plain = await answering(200)
    expect((await failure(delivery(plain.replace('http:', 'https:')))).reason).toBe('connection')
  })

  it('throws what cannot be signed as bad input', async () => {
    const url = await answering(200)
    await expect(deliver(delivery(url, { id: 'a.b' }))).rejects.toBeInstanceOf(InvalidInput)
    await expect(deliver(delivery(url, { secrets: [] }))).rejects.toBeInstanceOf(InvalidInput)
  })
})

/** Answers each question with the next list, and counts the questions. */
const resolver = (...answers: readonly (readonly string[])[]): Resolve & { asked: string[] } => {
  const asked: string[] = []
  const resolve: Resolve = async (host) => {
    asked.push(host)
    const answer = answers[Math.min(asked.length, answers.length) - 1]
    return answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  }
  return Object.assign(resolve, { asked })
}

describe('a delivery by name', () => {
  const receiver = async (host = '127.0.0.1', port = 0) => {
    const hosts: (string | undefined)[] = []
    const made = await listening(
      (request, response) => {
        hosts.push(request.headers.host)
        response.end()
      },
      host,
      port,
    )
    return { port: made.port, hosts }
  }

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    'fd00::1',
    '64:ff9b::7f00:1',
  ])('is refused when the name is %s', async (address) => {
    const { port, hosts } = await receiver()
    const attempt = delivery(`http://a.test:${port}`, { allowPrivate: false, resolve: resolver([address]) })
    expect(await failure(attempt)).toMatchObject({
      reason: 'address',
      retryable: false,
      message: `address: a.test is ${address}, which is not public`,
    })
    expect(hosts).toEqual([])
  })

  it('is refused when one address of several is private', async () => {
    const { port, hosts } = await receiver()
    const resolve = resolver(['3ffe::1', '127.0.0.1'])
    const attempt = delivery(`http://a.test:${port}`, { allowPrivate: false, resolve })
    expect((await failure(attempt)).reason).toBe('address')
    expect(hosts).toEqual([])
  })

  it('is refused by https too', async () => {
    const attempt = delivery('https://a.test', { allowPrivate: false, resolve: resolver(['10.1.2.3']) })
    expect((await failure(attempt)).reason).toBe('address')
  })

  it('is refused without a question when the URL holds a private address', async () => {
    const { port, hosts } = await receiver()
    const resolve = resolver(['3ffe::1'])
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '[::ffff:127.0.0.1]', 'localhost']) {
      const attempt = delivery(`http://${host}:${port}`, { allowPrivate: false, resolve })
      expect(await failure(attempt)).toMatchObject({ reason: 'url', retryable: false })
    }
    expect(resolve.asked).toEqual([])
    expect(hosts).toEqual([])
  })

  it('goes to the address that was checked, asking once', async () => {
    const first = await receiver('127.0.0.1')
    const second = await receiver('127.0.0.2', first.port)
    const resolve = resolver(['127.0.0.1'], ['127.0.0.2'])
    const attempt = delivery(`http://a.test:${first.port}`, { resolve })
    await deliver(attempt)
    expect(resolve.asked).toEqual(['a.test'])
    expect([first.hosts, second.hosts]).toEqual([[`a.test:${first.port}`], []])
    await deliver(attempt)
    expect([first.hosts.length, second.hosts.length]).toEqual([1, 1])
  })

  it('is checked again at each attempt: a name may become private', async () => {
    const { port, hosts } = await receiver()
    // Nobody has been given this public address: the first attempt passes the check and reaches no one.
    const resolve = resolver(['3ffe::1'], ['127.0.0.1'])
    const attempt = delivery(`http://a.test:${port}`, { allowPrivate: false, timeoutMs: 300, resolve })
    expect(['connection', 'timeout']).toContain((await failure(attempt)).reason)
    expect((await failure(attempt)).reason).toBe('address')
    expect(resolve.asked.length).toBe(2)
    expect(hosts).toEqual([])
  })

  it('tries the next address when one does not answer', async () => {
    const { port, hosts } = await receiver('127.0.0.2')
    await deliver(delivery(`http://a.test:${port}`, { resolve: resolver(['127.0.0.1', '127.0.0.2']) }))
    expect(hosts).toEqual([`a.test:${port}`])
  })

  it('fails, to be tried again, when there is no such name', async () => {
    const resolve: Resolve = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }))
    expect(await failure(delivery('http://a.test', { resolve }))).toMatchObject({
      reason: 'name',
      retryable: true,
      message: 'name: a.test: ENOTFOUND',
    })
    expect((await failure(delivery('http://a.test', { resolve: resolver([]) }))).reason).toBe('name')
  })

  it('asks the system by itself', async () => {
    const { port, hosts } = await receiver()
    await deliver(delivery(`http://localhost:${port}`))
    expect(hosts).toEqual([`localhost:${port}`])
  })

  it('shows the name to a TLS server at the checked address', async () => {
    let hello = ''
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', (bytes) => {
        hello = bytes.toString('latin1')
        socket.destroy()
      })
    }).listen(0, '127.0.0.1')
    closers.push(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const attempt = delivery(`https://receiver.test:${port}`, { resolve: resolver(['127.0.0.1']) })
    expect((await failure(attempt)).reason).toBe('connection')
    expect(hello.charCodeAt(0)).toBe(0x16)
    expect(hello).toContain('receiver.test')
  })
})
