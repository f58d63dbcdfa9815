import { createServer, request as httpRequest } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import express from 'express'
import { answerClientErrors } from '../../src/service/client-errors.ts'
import { type MountOptions, mountRoutes } from '../../src/service/mount.ts'
import { Refusal } from '../../src/service/problem.ts'
import type { Caller, Route } from '../../src/service/route.ts'

export const ALICE: Caller = {
  owner: 'alice',
  scopes: ['read', 'write'],
  keyId: 'k1',
  maxActiveJobs: null,
  maxBytes: null,
}

const CALLERS: Readonly<Record<string, Caller>> = {
  'Bearer alice': ALICE,
  'Bearer reader': { ...ALICE, scopes: ['read'], keyId: 'k2' },
}

export const callerOf: MountOptions['callerOf'] = async (request) => {
  const caller = CALLERS[request.headers.authorization ?? '']
  if (caller) return caller
  throw new Refusal(401, 'unauthorized', 'Unauthorized', 'a key is needed')
}

export interface Reply {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any part of an answer
  readonly json: any
}

export interface Sent {
  readonly method?: string
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends a path and bytes as they are: fetch would mend the one and give the other a type. */
const send = (port: number, path: string, { method = 'GET', body = '', headers = {} }: Sent): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const length = body.length > 0 ? { 'content-length': String(Buffer.byteLength(body)) } : {}
    const all = { authorization: 'Bearer alice', ...length, ...headers }
    const request = httpRequest({ port, host: '127.0.0.1', path, method, headers: all }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(parts).toString()
        const isJson = /json/.test(response.headers['content-type'] ?? '') && text !== ''
        const json = isJson ? JSON.parse(text) : undefined
        resolve({ status: response.statusCode!, headers: response.headers, text, json })
      })
    })
    request.on('error', reject)
    request.end(body)
  })

/** Raw bytes to the port, and everything that comes back until the server closes. */
const raw = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', (part) => {
      text += part.toString()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })

/** Routes on this machine, with the errors that were reported. */
export const serveRoutes = async (routes: readonly Route[], bodyLimit = 4096) => {
  const reported: { readonly error: unknown; readonly id: string }[] = []
  const app = express()
  app.disable('x-powered-by')
  mountRoutes(app, routes, { callerOf, bodyLimit, onError: (error, _request, id) => void reported.push({ error, id }) })
  const server = createServer(app)
  answerClientErrors(server)
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    reported,
    port,
    send: (path: string, sent: Sent = {}) => send(port, path, sent),
    raw: (bytes: string) => raw(port, bytes),
    close: () =>
      new Promise<void>((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
export type Served = Awaited<ReturnType<typeof serveRoutes>>
