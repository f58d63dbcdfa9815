import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { ipKeyGenerator, rateLimit } from 'express-rate-limit'
import { type Config, isLoopback, needsKeys } from './config.ts'
import type { Context } from './context.ts'
import { sendRefusal } from './error-answer.ts'
import { callerOfKey, findKey, type KeyRow, LOCAL } from './keys.ts'
import { Refusal } from './problem.ts'
import type { Caller } from './route.ts'

/** A revoked key is known as such after this long at the latest, ms. */
const FRESH = 5_000
const KEPT = 10_000
const WITH_KEYS = 6_000

const keyOf = (request: Request): string | null =>
  /^Bearer +([\x21-\x7e]{1,200})$/i.exec(request.get('Authorization') ?? '')?.[1] ?? null

/** Keys looked up lately, by their hash: a key itself stays nowhere in memory longer than its request. */
const rememberedKeys = (context: Context) => {
  const known = new Map<string, { readonly row: KeyRow | null; readonly until: number }>()
  return async (key: string): Promise<KeyRow | null> => {
    const name = createHash('sha256').update(key).digest('base64')
    const found = known.get(name)
    if (found && found.until > Date.now()) return found.row
    const row = await findKey(context.database, key)
    if (known.size >= KEPT) known.clear()
    known.set(name, { row, until: Date.now() + FRESH })
    return row
  }
}

const unauthorized = (detail: string): Refusal => new Refusal(401, 'unauthorized', 'Unauthorized', detail)

export interface Gate {
  readonly callerOf: (request: Request) => Promise<Caller>
  readonly limiter: RequestHandler
  readonly guard: RequestHandler
}

const hostName = (text: string): string => {
  try {
    return new URL(`http://${text}`).hostname.replace(/^\[(.*)\]$/, '$1')
  } catch {
    return ''
  }
}

const sameHost = (origin: string, host: string): boolean => {
  try {
    return new URL(origin).host === host
  } catch {
    return false
  }
}

/**
 * Without keys, any page in a browser on this machine could speak to the service: a name that resolves to loopback (DNS
 * rebinding) and requests from other pages are refused.
 */
const localOnly =
  (config: Config): RequestHandler =>
  (request: Request, response: Response, next: NextFunction) => {
    const host = request.get('Host') ?? ''
    const origin = request.get('Origin')
    const name = hostName(host)
    if (!isLoopback(name) && name !== config.host)
      return sendRefusal(
        response,
        new Refusal(
          403,
          'forbidden',
          'Forbidden',
          `the service is on ${config.host}; this request names ${name || 'no host'}`,
        ),
      )
    if (origin !== undefined && !sameHost(origin, host))
      return sendRefusal(
        response,
        new Refusal(403, 'forbidden', 'Forbidden', `requests of pages of ${origin} are refused`),
      )
    next()
  }

const open: RequestHandler = (_request, _response, next) => next()

/** Who asks, how often they may, and whether they may at all. */
export const openGate = (context: Context): Gate => {
  const { config } = context
  const keys = needsKeys(config)
  const lookUp = rememberedKeys(context)
  const rowOf = async (request: Request): Promise<KeyRow | null> => {
    const key = keyOf(request)
    return key === null ? null : lookUp(key)
  }
  const callerOf = async (request: Request): Promise<Caller> => {
    if (!keys) return LOCAL
    if (keyOf(request) === null) throw unauthorized('send the header `Authorization: Bearer KEY`')
    const row = await rowOf(request)
    if (row === null) throw unauthorized('the key is unknown, revoked or expired')
    return callerOfKey(row)
  }
  const perMinute = config.requestsPerMinute ?? (keys ? WITH_KEYS : null)
  const limiter =
    perMinute === null
      ? open
      : rateLimit({
          windowMs: 60_000,
          limit: async (request) => (keys ? ((await rowOf(request))?.requests_per_minute ?? perMinute) : perMinute),
          keyGenerator: async (request) => {
            const row = keys ? await rowOf(request) : null
            const address = request.ip ?? ''
            return row?.id ?? (isIPv6(address) ? ipKeyGenerator(address) : address)
          },
          standardHeaders: 'draft-8',
          legacyHeaders: false,
          handler: (_request, response, _next, { limit }) =>
            sendRefusal(
              response,
              new Refusal(429, 'too-many-requests', 'Too many requests', `at most ${String(limit)} a minute`),
            ),
        })
  return { callerOf, limiter, guard: keys ? open : localOnly(config) }
}
