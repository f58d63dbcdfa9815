import { InvalidInput } from '../numeric/errors.ts'
import { type ProblemDetails, problemSchema } from './api.ts'

/** The service answered, and refused: with problem details, or with what could be made of its answer. */
export class ServiceFailure extends Error {
  override readonly name = 'ServiceFailure'
  readonly status: number
  readonly details: ProblemDetails
  /** s, where the service says when to ask again */
  readonly retryAfter: number | null

  constructor(details: ProblemDetails, retryAfter: number | null = null) {
    super(details.detail ? `${details.title}: ${details.detail}` : details.title)
    this.status = details.status
    this.details = details
    this.retryAfter = retryAfter
  }
}

const codeOf = (error: unknown): string => {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown }
  if (typeof code === 'string') return code
  return cause === undefined ? '' : codeOf(cause)
}

const NOBODY_THERE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'no such host',
}

const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error
  return cause instanceof Error && cause.message !== '' ? cause.message : message
}

/** There was no answer, or it broke off. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  readonly url: string
  /** Nothing listens there: the request cannot have been acted on. */
  readonly refused: boolean

  constructor(url: string, cause: unknown) {
    const nobody = NOBODY_THERE[codeOf(cause)]
    super(
      nobody === undefined
        ? `lost the connection to ${url} (${reasonOf(cause)})`
        : `no Nestwave service answers at ${url} (${nobody}); \`npm start\` starts one on this machine`,
      { cause },
    )
    this.url = url
    this.refused = nobody !== undefined
  }
}

/** An answer that is none of this contract's: another program, another version, or a proxy in between. */
export class OffContract extends Error {
  override readonly name = 'OffContract'

  constructor(request: string, what: string) {
    super(`${request} was answered with ${what}; is a Nestwave service of this version there?`)
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const detailsOf = (response: Response, text: string): ProblemDetails => {
  const problem = problemSchema.safeParse(parsed(text))
  if (problem.success) return problem.data
  const detail = text.replaceAll(/\s+/g, ' ').trim().slice(0, 200)
  const title = `HTTP ${response.status} ${response.statusText}`.trim()
  return { type: 'about:blank', title, status: response.status, ...(detail ? { detail } : {}) }
}

/** s; the header holds seconds or a date. */
const retryAfterOf = (response: Response): number | null => {
  const text = response.headers.get('retry-after')
  if (text === null) return null
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null
}

/** What to throw for an answer that is no success: with problems listed it is bad input, as if it had been found here. */
export const failureOf = (response: Response, text: string): InvalidInput | ServiceFailure => {
  const details = detailsOf(response, text)
  if (response.status < 500 && details.errors !== undefined && details.errors.length > 0)
    return new InvalidInput(
      details.errors.map(({ path, pointer, expected, received }) => ({
        path: path || pointer || 'request',
        expected,
        received,
      })),
    )
  return new ServiceFailure(details, retryAfterOf(response))
}
