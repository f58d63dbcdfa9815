import { lookup } from 'node:dns/promises'
import { request as http, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as https } from 'node:https'
import type { LookupFunction } from 'node:net'
import { secondsAsked, WebhookFailure } from './retry.ts'
import { signed } from './signature.ts'
import { checkWebhookUrl, isPublicAddress } from './target.ts'

export interface ResolvedAddress {
  readonly address: string
  /** 4 or 6 */
  readonly family: number
}
export type Resolve = (host: string) => Promise<readonly ResolvedAddress[]>

export interface Delivery {
  readonly url: string
  /** The same for every attempt of a message. */
  readonly id: string
  /** JSON */
  readonly body: string
  readonly secrets: readonly string[]
  /** The operator's choice, for intranets: lifts the check of addresses and nothing else. */
  readonly allowPrivate?: boolean
  /** ms, from the name server to the last byte; default 10 000 */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
  /** default: the system's resolver */
  readonly resolve?: Resolve
}

export interface Delivered {
  readonly status: number
  readonly milliseconds: number
}

const TIMEOUT_MS = 10_000
const MOST_BYTES = 65_536
/** Answers that may say when to come back. */
const THROTTLED: readonly number[] = [429, 503]

const bySystem: Resolve = (host) => lookup(host, { all: true })

/** One private address among public ones is enough: nobody honest publishes both. */
const refusePrivate = (host: string, addresses: readonly ResolvedAddress[]): void => {
  const offender = addresses.find(({ address }) => !isPublicAddress(address))
  if (offender) throw new WebhookFailure('address', `${host} is ${offender.address}, which is not public`)
}

const addressesOf = async (host: string, resolve: Resolve, allowPrivate: boolean): Promise<ResolvedAddress[]> => {
  const addresses = await resolve(host).catch((error: NodeJS.ErrnoException) => {
    throw new WebhookFailure('name', `${host}: ${error.code ?? error.message}`)
  })
  if (addresses.length === 0) throw new WebhookFailure('name', `${host} has no address`)
  if (!allowPrivate) refusePrivate(host, addresses)
  return [...addresses]
}

/** The socket asks this once and connects to what it answers: a second question could be answered differently (DNS rebinding). */
const checkedLookup =
  (resolve: Resolve, allowPrivate: boolean): LookupFunction =>
  (host, options, callback) => {
    addressesOf(host, resolve, allowPrivate).then(
      (all) => (options.all ? callback(null, all) : callback(null, all[0].address, all[0].family)),
      (error) => callback(error, []),
    )
  }

/** The lookup does not see addresses written in the URL: a socket does not look those up. */
const checkedUrl = (url: string, allowPrivate: boolean): URL => {
  try {
    checkWebhookUrl(url, allowPrivate)
  } catch (error) {
    throw new WebhookFailure('url', (error as Error).message)
  }
  return new URL(url)
}

const optionsOf = (delivery: Delivery, signal: AbortSignal): RequestOptions => ({
  method: 'POST',
  // No pool: its sockets are known by name and could be ones that another check let through.
  agent: false,
  lookup: checkedLookup(delivery.resolve ?? bySystem, delivery.allowPrivate ?? false),
  signal,
  headers: {
    ...signed({ ...delivery, timestamp: Math.floor(Date.now() / 1000) }),
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(delivery.body),
    'user-agent': 'nestwave',
  },
})

const answerTo = (url: URL, options: RequestOptions, body: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http)(url, options, resolve)
    request.on('error', reject)
    request.end(body)
  })

/** Lets a receiver finish what it says, within reason. The status has said all: how the body ends changes nothing. */
const drain = async (response: IncomingMessage): Promise<void> => {
  let bytes = 0
  try {
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length
      if (bytes > MOST_BYTES) break
    }
  } catch {
    // cut off by the receiver or by the time limit
  }
}

const failureOf = (error: NodeJS.ErrnoException, limit: AbortSignal, signal: AbortSignal): WebhookFailure => {
  if (error instanceof WebhookFailure) return error
  if (!signal.aborted) return new WebhookFailure('connection', error.code ?? error.message)
  return signal.reason === limit.reason
    ? new WebhookFailure('timeout', 'no answer in time')
    : new WebhookFailure('cancelled', 'stopped by the sender')
}

/** Redirects too are failures: following one would leave the address that was checked. */
const refuseStatus = ({ statusCode: status = 0, headers }: IncomingMessage): void => {
  if (status >= 200 && status < 300) return
  const asked = THROTTLED.includes(status) ? secondsAsked(headers['retry-after'], Date.now()) : 0
  throw new WebhookFailure(status === 410 ? 'gone' : 'status', `answered ${status}`, { status, asked })
}

/**
 * One attempt to deliver a message: POST, signed, to an address that was checked. Follows no redirect, and reads no more than
 * 64 KiB of an answer that it throws away.
 * @throws WebhookFailure unless the answer is 2xx; InvalidInput for an id or secret that cannot sign
 * @source Standard Webhooks 1.0.0, "Delivery success and failure", "Server side request forgery"
 * @verifiedBy test/runtime/webhook.test.ts
 */
export const deliver = async (delivery: Delivery): Promise<Delivered> => {
  const url = checkedUrl(delivery.url, delivery.allowPrivate ?? false)
  const limit = AbortSignal.timeout(delivery.timeoutMs ?? TIMEOUT_MS)
  const signal = delivery.signal ? AbortSignal.any([limit, delivery.signal]) : limit
  const options = optionsOf(delivery, signal)
  const started = performance.now()
  const response = await answerTo(url, options, delivery.body).catch((error) => {
    throw failureOf(error, limit, signal)
  })
  await drain(response)
  refuseStatus(response)
  return { status: response.statusCode ?? 0, milliseconds: performance.now() - started }
}
