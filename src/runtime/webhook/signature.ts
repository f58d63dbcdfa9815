import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { InvalidInput } from '../../numeric/errors.ts'

/** The body as sent: a receiver passes the bytes it got, not JSON that it parsed and wrote again. */
export type WebhookBody = string | Uint8Array

export interface WebhookMessage {
  /** The same for every attempt: a receiver drops what it has seen. */
  readonly id: string
  /** s since 1970, of this attempt. */
  readonly timestamp: number
  readonly body: WebhookBody
  /** `whsec_…`; several while one replaces another. */
  readonly secrets: readonly string[]
}

export type WebhookHeaders = Readonly<Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>>

/** Headers as node:http gives them: names in lower case. */
export type ReceivedHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

const PREFIX = 'whsec_'
const NEW_BYTES = 32
const FEWEST_BYTES = 24
const MOST_BYTES = 64
/** s; what the specification's own libraries allow. */
const TOLERANCE = 300
/** No full stop: it separates what is signed, and an id with one could move bytes from the body into the id. */
const ID = /^[A-Za-z0-9_-]{1,100}$/
const TIMESTAMP = /^\d{1,12}$/

/** A fresh signing secret, `whsec_` and 32 random bytes in base64. */
export const newSecret = (): string => PREFIX + randomBytes(NEW_BYTES).toString('base64')

/** The message names the form only: a secret belongs in no log. */
const keyOf = (secret: string): Buffer => {
  const text = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : ''
  const key = Buffer.from(text, 'base64')
  if (key.toString('base64') === text && key.length >= FEWEST_BYTES && key.length <= MOST_BYTES) return key
  throw InvalidInput.of('secret', `${PREFIX} and ${FEWEST_BYTES} to ${MOST_BYTES} bytes in base64`, 'another text')
}

const signature = (id: string, timestamp: string, body: WebhookBody, secret: string): string =>
  `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest('base64')}`

/**
 * The headers of one attempt: v1,base64(HMAC-SHA256(secret, id.timestamp.body)) for each secret.
 * @throws InvalidInput for an id with other characters than letters, digits, _ and -, a timestamp that is no whole second,
 *   no secret or a malformed one
 * @source Standard Webhooks 1.0.0, "Signature scheme", https://www.standardwebhooks.com
 * @verifiedBy test/runtime/webhook.test.ts (the vector of the specification's reference libraries)
 */
export const signed = ({ id, timestamp, body, secrets }: WebhookMessage): WebhookHeaders => {
  if (!ID.test(id)) throw InvalidInput.of('id', 'letters, digits, _ and -; at most 100', id)
  if (!TIMESTAMP.test(String(timestamp))) throw InvalidInput.of('timestamp', 'whole seconds since 1970', timestamp)
  if (secrets.length === 0) throw InvalidInput.of('secrets', 'at least one', 'none')
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': secrets.map((secret) => signature(id, String(timestamp), body, secret)).join(' '),
  }
}

/** Takes the same time wherever two texts of one length first differ, so that nobody finds a signature byte by byte. */
const equal = (a: string, b: string): boolean => {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/**
 * Whether a request was signed with one of the secrets, and lately: an old one may be a replay. A receiver also remembers
 * `webhook-id` for as long as the tolerance.
 * @param now s since 1970
 * @param tolerance s, either way: clocks differ
 * @throws InvalidInput for a malformed secret of the receiver's own; whatever the sender wrote only answers false
 * @source Standard Webhooks 1.0.0, "Verifying signatures"
 * @verifiedBy test/runtime/webhook.test.ts
 */
export const verified = (
  headers: ReceivedHeaders,
  body: WebhookBody,
  secrets: readonly string[],
  now: number,
  tolerance = TOLERANCE,
): boolean => {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures } = headers
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return false
  if (!ID.test(id) || !TIMESTAMP.test(timestamp)) return false
  if (!(Math.abs(now - Number(timestamp)) <= tolerance)) return false
  const received = signatures.split(' ')
  return secrets
    .map((secret) => signature(id, timestamp, body, secret))
    .some((expected) => received.some((one) => equal(one, expected)))
}
