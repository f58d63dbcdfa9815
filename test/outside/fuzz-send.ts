import { Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Chance } from './fuzz-chance.ts'
import type { FuzzRequest } from './fuzz-requests.ts'

export interface FuzzAnswer {
  /** 0: the connection ended without an answer. */
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly milliseconds: number
  /** Why there is no answer. */
  readonly failure?: string
}

const LIMIT = 10_000
/** A stream of events has no end: its beginning is its answer. */
const LISTEN = 40

const bodyOf = (response: IncomingMessage): Promise<string> =>
  new Promise((done) => {
    const parts: Buffer[] = []
    const end = (): void => done(Buffer.concat(parts).toString('latin1'))
    response.on('data', (part: Buffer) => parts.push(part))
    response.on('end', end).on('error', end)
    if (response.headers['content-type']?.startsWith('text/event-stream'))
      setTimeout(() => {
        end()
        response.destroy()
      }, LISTEN)
  })

/** What Node's client refuses to put on the first line. */
const sendable = (path: string): string =>
  path.replaceAll(/[\0-\x20\x7f-\uffff]/g, (c) => encodeURIComponent(c.toWellFormed()))

/** Sends requests over kept connections. */
export const sender = (port: number, concurrency: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  const send = ({ method, path, headers, body }: FuzzRequest): Promise<FuzzAnswer> =>
    new Promise((done) => {
      const start = performance.now()
      const answer = (status: number, headers: IncomingHttpHeaders, body: string, failure?: string): void =>
        done({ status, headers, body, milliseconds: performance.now() - start, ...(failure ? { failure } : {}) })
      // Node's client frames the body of some methods only.
      const length = body === null || 'Transfer-Encoding' in headers ? {} : { 'Content-Length': body.length }
      const options = {
        ...{ host: '127.0.0.1', port, method, path: sendable(path), agent, timeout: LIMIT },
        headers: { ...headers, ...length },
      }
      const request = httpRequest(options, async (response) =>
        answer(response.statusCode!, response.headers, await bodyOf(response)),
      )
      request.on('timeout', () => request.destroy(new Error('no answer')))
      request.on('error', (error: NodeJS.ErrnoException) => answer(0, {}, '', error.code ?? error.message))
      request.on('upgrade', (response, socket) => {
        socket.destroy()
        answer(response.statusCode!, response.headers, '')
      })
      request.end(body ?? undefined)
    })
  return { send, close: () => agent.destroy() }
}

const LINES = [
  'GET / HTTP/1.1',
  'GET /v1/jobs HTTP/9.9',
  'GET  / HTTP/1.1',
  'get / http/1.1',
  'GET http://evil.example/v1/jobs HTTP/1.1',
  'GET * HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT evil.example:443 HTTP/1.1',
  'GET /../../../../etc/passwd HTTP/1.1',
  'GET /\\..\\..\\x HTTP/1.1',
  'GET //evil.example/%2e%2e HTTP/1.1',
  'GET ?x HTTP/1.1',
  'GET /v1/meshes/\0.msh HTTP/1.1',
  'GET /v1/jobs\xff HTTP/1.1',
  'POST /v1/jobs HTTP/1.1',
  'PUT /v1/meshes/x.msh HTTP/1.1',
  'PRI * HTTP/2.0',
  'BREW /pot HTTP/1.1',
  '',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'GET /health/live HTTP/1.0',
  `GET /${'x'.repeat(20_000)} HTTP/1.1`,
]
const FIELDS = [
  'Host: x',
  'Host: x\r\nHost: y',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 5\r\nContent-Length: 6',
  'Content-Length: 99999999999999999999',
  'Content-Length: 5\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: identity',
  'X : y',
  ' folded',
  'NoColon',
  'X: \0',
  ': empty',
  'Connection: close',
  'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings',
  'Expect: 100-continue',
  `X: ${'y'.repeat(17_000)}`,
]
const BODIES = [
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5\r\nhel',
  'zz\r\n',
  'fffffffffffffffff\r\n',
  '0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
  '{}',
]

/** Bytes that are no HTTP, or HTTP that contradicts itself. */
export const brokenBytes = (chance: Chance): Buffer => {
  const fields = Array.from({ length: chance.below(4) }, () => chance.pick(FIELDS))
  const newline = chance.is(0.1) ? '\n' : '\r\n'
  const text = [
    chance.pick(LINES),
    ...(chance.is(0.6) ? ['Host: 127.0.0.1'] : []),
    ...fields,
    '',
    chance.pick(BODIES),
  ].join(newline)
  return Buffer.from(chance.is(0.15) ? text.slice(0, chance.below(text.length + 1)) : text, 'latin1')
}

const STATUS_LINE = /^HTTP\/1\.1 (\d{3})/

const parsed = (text: string): Pick<FuzzAnswer, 'status' | 'headers' | 'body'> => {
  const [head, ...rest] = text.split('\r\n\r\n')
  const lines = head.split('\r\n').slice(1)
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  const body = rest.join('\r\n\r\n').slice(0, Number(headers['content-length'] ?? Number.POSITIVE_INFINITY))
  return { status: Number(STATUS_LINE.exec(text)?.[1] ?? 0), headers, body }
}

/** Sends bytes, says that no more come, and takes what is answered first. */
export const sendBytes = (port: number, bytes: Buffer): Promise<FuzzAnswer> =>
  new Promise((done) => {
    const start = performance.now()
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
    const finish = (failure?: string): void => {
      socket.destroy()
      done({ ...parsed(text), milliseconds: performance.now() - start, ...(failure ? { failure } : {}) })
    }
    socket.setTimeout(LIMIT, () => finish('no answer'))
    socket.on('data', (part) => {
      text += part.toString('latin1')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code))
    socket.on('close', () => finish())
  })
