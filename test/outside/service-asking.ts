import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { JobEvent } from '../../src/client/api.ts'
import { openPlace, type State } from '../../src/runtime/state/place.ts'
import type { Json } from '../end-to-end/tiny-study.ts'
import { type Station, startProcess } from './service-process.ts'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
  /** The body parsed; null when it is no JSON. */
  readonly json: Json
}

export interface Asked {
  readonly json?: unknown
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly key?: string
}

const parsed = (body: string): Json => {
  try {
    return JSON.parse(body)
  } catch {
    return null
  }
}

/** One request by hand: no retries, any header (fetch forbids Host and Origin), whatever comes back. */
export const ask = (
  { url }: Pick<Station, 'url'>,
  method: string,
  path: string,
  { json, body, headers, key }: Asked = {},
): Promise<Reply> =>
  new Promise((done, failed) => {
    const bytes = json === undefined ? body : JSON.stringify(json)
    const { hostname, port } = new URL(url)
    // The path as it is: a URL would take the dots out of it.
    const sent = request({
      ...{ hostname, port, path, method },
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...headers,
      },
    })
    sent.on('error', failed)
    sent.on('response', async (response) => {
      try {
        const content = await text(response)
        const found = response.headers as Record<string, string | undefined>
        done({ status: response.statusCode!, headers: found, text: content, json: parsed(content) })
      } catch (error) {
        failed(error)
      }
    })
    sent.end(bytes)
  })

export interface Streamed {
  readonly events: readonly JobEvent[]
  /** Whether the stream said that nothing follows. */
  readonly ended: boolean
}

/** All of a stream of events; of a job that is under way, until `enough` of them have come. */
export const eventsOf = async (
  { url }: Pick<Station, 'url'>,
  job: string,
  {
    query = '',
    headers = {},
    enough = Number.POSITIVE_INFINITY,
  }: { query?: string; headers?: object; enough?: number } = {},
): Promise<Streamed> => {
  const leave = new AbortController()
  const response = await fetch(`${url}/v1/jobs/${job}/events${query}`, {
    headers: { ...headers },
    signal: leave.signal,
  })
  const events: JobEvent[] = []
  let rest = ''
  for await (const bytes of response.body!.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + bytes).split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) {
      if (block.startsWith('event: end')) return { events, ended: true }
      const data = /^data: (.*)$/m.exec(block)?.[1]
      if (data !== undefined) events.push(JSON.parse(data))
      if (events.length >= enough) {
        leave.abort()
        return { events, ended: false }
      }
    }
  }
  return { events, ended: false }
}

/** Runs the command to its end. */
export const nestwave = async (
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ readonly code: number | null; readonly said: string }> => {
  const run = startProcess(argv, environment)
  const { code } = await run.ended
  return { code, said: run.said() }
}

/** The tables and files behind a service. */
export const openState = ({ data }: Pick<Station, 'data'>): Promise<State> => openPlace({ data, databaseUrl: null }, 2)

export const sha256Of = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

/** What a JSON Pointer names; undefined for nothing. */
export const atPointer = (document: Json, pointer: string): Json =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((value: Json, token) => value?.[token], document)
