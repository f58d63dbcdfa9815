import type { z } from 'zod'
import { InvalidInput } from '../numeric/errors.ts'
import { failureOf, OffContract, ServiceFailure, Unreachable } from './failure.ts'
import { backoff, patiently } from './patience.ts'

export interface ClientOptions {
  /** Of the service, with the path before `/v1` if a proxy adds one. */
  readonly url: string
  readonly key?: string | undefined
  readonly fetch?: typeof fetch
  /** s of waiting in all before a request that fails in passing is given up (default 60) */
  readonly patience?: number
  /** s after which a silent stream of events counts as lost (default 45: three comments of the service missed) */
  readonly silence?: number
  /** Told before every pause. */
  readonly waiting?: (error: unknown, seconds: number) => void
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined
  /** Sent as JSON. */
  readonly json?: unknown
  readonly bytes?: Uint8Array | string
  readonly headers?: Readonly<Record<string, string>>
  /** Whether a second one does no harm where the first was lost on its way (default: of GET and PUT). */
  readonly repeatable?: boolean
  readonly signal?: AbortSignal | undefined
}

/** What to make of an answer; `onWire` marks what may fail because the connection does. */
export type Read<T> = (response: Response, onWire: <U>(work: Promise<U>) => Promise<U>, request: string) => Promise<T>

export type Transport = <T>(call: Call, read: Read<T>) => Promise<T>

/** s */
const PATIENCE = 60

const PASSING = [429, 502, 503, 504]
/** With these the service says that it did nothing. */
const NOT_STARTED = [429, 503]

const addressOf = (url: string): string => {
  const parsed = URL.canParse(url) ? new URL(url) : null
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw InvalidInput.of('url', 'the address of a service, such as http://127.0.0.1:8080', url)
  return `${parsed.origin}${parsed.pathname.replace(/\/+$/, '')}`
}

const queryOf = (query: Call['query'] = {}): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const text = String(new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])))
  return text === '' ? '' : `?${text}`
}

const bodyOf = ({ json, bytes }: Call): RequestInit => {
  if (json !== undefined) return { body: JSON.stringify(json) }
  return bytes === undefined ? {} : { body: bytes as Uint8Array<ArrayBuffer> }
}

const headersOf = (call: Call, key: string | undefined): Record<string, string> => ({
  ...(key ? { authorization: `Bearer ${key}` } : {}),
  ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
  ...call.headers,
})

const isRepeatable = ({ method, repeatable }: Call): boolean => repeatable ?? (method === 'GET' || method === 'PUT')

/**
 * Requests that outlive a restart of the service: what fails in passing is tried again, where a second request does no harm.
 * @verifiedBy test/client/client.test.ts
 */
export const transport = (options: ClientOptions): Transport => {
  const url = addressOf(options.url)
  // Called without a `this`, which browsers insist on.
  const send: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init))
  /** Who never answered is most likely not there; who did is restarting. */
  let known = false
  const patience = options.patience ?? PATIENCE
  /** What we choose to wait never is the reason to give up; what the service asks for may be. */
  const ownWait = (round: number): number => Math.min(patience, backoff(round))

  const waitAfter = (call: Call, error: unknown, round: number): number | null => {
    if (error instanceof ServiceFailure) {
      const passing = (isRepeatable(call) ? PASSING : NOT_STARTED).includes(error.status)
      return passing ? (error.retryAfter ?? ownWait(round)) : null
    }
    if (!(error instanceof Unreachable)) return null
    return (error.refused ? known : isRepeatable(call)) ? ownWait(round) : null
  }

  const attempt = async <T>(call: Call, read: Read<T>): Promise<T> => {
    const onWire = <U>(work: Promise<U>): Promise<U> =>
      work.catch((error) => {
        throw call.signal?.aborted ? error : new Unreachable(url, error)
      })
    const { method, path, query, signal } = call
    const response = await onWire(
      send(`${url}${path}${queryOf(query)}`, {
        method,
        headers: headersOf(call, options.key),
        ...bodyOf(call),
        ...(signal ? { signal } : {}),
      }),
    )
    known = true
    if (!response.ok) throw failureOf(response, await onWire(response.text()))
    return read(response, onWire, `${method} ${url}${path}`)
  }

  return (call, read) =>
    patiently(() => attempt(call, read), {
      patience,
      wait: (error, round) => waitAfter(call, error, round),
      waiting: options.waiting,
      signal: call.signal,
    })
}

const placeOf = ({ issues: [first] }: z.ZodError): string =>
  `${first.path.length === 0 ? '' : `${first.path.join('.')}: `}${first.message}`

/** A text of the contract's JSON. */
export const parseAs = <T>(schema: z.ZodType<T>, text: string, request: string): T => {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    throw new OffContract(request, 'what is no JSON')
  }
  const result = schema.safeParse(json)
  if (!result.success) throw new OffContract(request, `other JSON than agreed (${placeOf(result.error)})`)
  return result.data
}

export const asJson =
  <T>(schema: z.ZodType<T>): Read<T> =>
  async (response, onWire, request) =>
    parseAs(schema, await onWire(response.text()), request)

export const asText: Read<string> = (response, onWire) => onWire(response.text())

/** The answer itself, its body unread. */
export const asResponse: Read<Response> = async (response) => response

export const asNothing: Read<void> = async (response, onWire) => void (await onWire(response.arrayBuffer()))
