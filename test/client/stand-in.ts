import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Artifact, JobEvent, JobResource } from '../../src/client/api.ts'

/** A request as it arrived. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Reply = (response: ServerResponse, asked: Asked) => void | Promise<void>

/** The network's stand-in: a loopback server that answers as it is told, also badly. */
export interface StandIn {
  readonly url: string
  /** Every request so far. */
  readonly asked: Asked[]
  /** What to do with requests; `replies` are used up one after the other, the last one stays. */
  answer(...replies: readonly Reply[]): void
  close(): Promise<void>
}

export const standIn = async (port = 0): Promise<StandIn> => {
  const asked: Asked[] = []
  let replies: Reply[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const one = { method, path: url, headers, body: await text(request) }
    asked.push(one)
    await (replies.length > 1 ? replies.shift()! : replies[0])(response, one)
  })
  await new Promise<void>((ready) => server.listen(port, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answer: (...next) => {
      asked.length = 0
      replies = [...next]
    },
    close: () => {
      server.closeAllConnections()
      return new Promise((closed) => server.close(() => closed()))
    },
  }
}

export const json =
  (value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
  }

export const problem = (
  status: number,
  more: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Reply =>
  json({ type: '/problems/x', title: 'Refused', status, ...more }, status, {
    ...headers,
    'content-type': 'application/problem+json',
  })

/** The connection is cut before there is an answer. */
export const hangUp: Reply = (response) => {
  response.destroy()
}

/** Sends these pieces; then the connection is cut, unless `whole`. */
export const stream =
  (
    pieces: readonly (string | Uint8Array)[],
    whole = false,
    headers: Readonly<Record<string, string>> = {},
    status = 200,
  ): Reply =>
  async (response) => {
    response.writeHead(status, { 'content-type': 'text/event-stream', ...headers })
    for (const piece of pieces) await new Promise((written) => response.write(piece, written))
    if (whole) response.end()
    else setTimeout(() => response.destroy(), 20)
  }

export const ID = '0b5f5c3e-8f0e-4b52-9a44-3f5a3c1f7d10'
const AT = Date.parse('2026-01-01T12:00:00Z')

export const theJob = (more: Partial<JobResource> = {}): JobResource => ({
  id: ID,
  kind: 'run',
  title: 'Tiny plate',
  state: 'queued',
  reason: null,
  error: null,
  progress: null,
  attempts: 0,
  revision: 1,
  priority: 0,
  limits: {},
  parent: null,
  owner: 'local',
  createdAt: new Date(AT).toISOString(),
  startedAt: null,
  endedAt: null,
  cpuSeconds: 0,
  links: { self: `/v1/jobs/${ID}` },
  ...more,
})

/** Event `seq`, a second after the one before. */
export const event = (seq: number, type: JobEvent['type'], data: JobEvent['data']): JobEvent => ({
  seq,
  at: new Date(AT + 1000 * seq).toISOString(),
  type,
  data,
})

export const sent = (one: JobEvent): string => `id: ${one.seq}\nevent: ${one.type}\ndata: ${JSON.stringify(one)}\n\n`
export const END = 'event: end\ndata: {}\n\n'

export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export const artifactOf = (path: string, bytes: string | Uint8Array): Artifact => ({
  path,
  size: Buffer.byteLength(bytes),
  sha256: sha256(bytes),
  href: `/v1/jobs/${ID}/artifacts/${path}`,
})
