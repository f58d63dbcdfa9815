/** Why a delivery failed: our own check of the URL or address, the name server, the connection, the clock, us, or the answer. */
export type WebhookFailureReason =
  | 'url'
  | 'address'
  | 'name'
  | 'connection'
  | 'timeout'
  | 'cancelled'
  | 'status'
  | 'gone'

/** No use trying these again: what is wrong is the webhook, or its receiver wants no more (410 Gone). */
const FINAL: readonly WebhookFailureReason[] = ['url', 'address', 'gone']

/** An attempt that no 2xx answered. */
export class WebhookFailure extends Error {
  override readonly name = 'WebhookFailure'
  readonly reason: WebhookFailureReason
  /** False: give the message up; after `gone`, the webhook with it. */
  readonly retryable: boolean
  readonly status: number | null
  /** s that the receiver asked to be left alone, for {@link retryAfter}. */
  readonly asked: number

  constructor(reason: WebhookFailureReason, detail: string, answer: { status?: number; asked?: number } = {}) {
    super(`${reason}: ${detail}`)
    this.reason = reason
    this.retryable = !FINAL.includes(reason)
    this.status = answer.status ?? null
    this.asked = answer.asked ?? 0
  }
}

/** s before each attempt, the first included: three days in all. */
const DELAYS: readonly number[] = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
/** s; a receiver cannot put a delivery off for ever. */
const LONGEST_ASKED = 86_400
/** Relative; spreads what failed together. */
const SPREAD = 0.1

/**
 * How long to wait before the next attempt.
 * @param attempt attempts made so far
 * @param asked s, the receiver's Retry-After; only lengthens the wait, to a day at most
 * @param jitter in [0, 1), a random number of the caller's: up to 10 % longer
 * @returns s, or null when there have been enough
 * @source Standard Webhooks 1.0.0, "Deliverability and reliability" (its example schedule)
 * @verifiedBy test/runtime/webhook.test.ts
 */
export const retryAfter = (attempt: number, asked = 0, jitter = 0): number | null => {
  const delay = DELAYS[attempt]
  return delay === undefined ? null : Math.max(delay, Math.min(asked, LONGEST_ASKED)) * (1 + SPREAD * jitter)
}

/**
 * A Retry-After header in seconds; 0 for none, one in the past or one that cannot be read.
 * @param now ms since 1970
 * @source RFC 9110, section 10.2.3
 */
export const secondsAsked = (header: string | undefined, now: number): number => {
  if (header === undefined) return 0
  if (/^\d+$/.test(header)) return Number(header)
  const seconds = Math.ceil((Date.parse(header) - now) / 1000)
  return seconds > 0 ? seconds : 0
}
