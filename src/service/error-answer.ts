import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, Request, Response } from 'express'
import type { ProblemDetails, ProblemItem } from '../client/api.ts'
import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { isOutage } from '../runtime/state/database.ts'
import { DeskBusy, DeskTimeout } from '../runtime/worker/desk.ts'
import { detailsOf, problemItem, Refusal } from './problem.ts'
import { requestIdOf } from './request-id.ts'

/** Told of what nobody foresaw, with the id that the client was given instead of the detail. */
export type OnError = (error: unknown, request: Request, requestId: string) => void

export const invalidInput = (errors: readonly Problem[]): Refusal =>
  new Refusal(422, 'invalid-input', 'Invalid input', '', { errors })

const away = (detail: string): Refusal =>
  new Refusal(503, 'unavailable', 'Service unavailable', detail, { headers: { 'Retry-After': '2' } })

const internal = (): Refusal =>
  new Refusal(500, 'internal', 'Internal error', 'the log has it under the id of this request')

/** Express, its router and its helpers mark what a client may see. */
const isForClient = (error: unknown): error is Error & { readonly status?: number } =>
  error instanceof Error && (error instanceof URIError || ('expose' in error && error.expose === true))

const slug = (text: string): string => text.toLowerCase().replaceAll(/[^a-z]+/g, '-')

const ofExpress = ({ status = 400, message }: Error & { readonly status?: number }): Refusal => {
  const title = STATUS_CODES[status]
  const known = title !== undefined && status >= 400 && status < 500
  return new Refusal(known ? status : 400, known ? slug(title) : 'bad-request', known ? title : 'Bad Request', message)
}

/** What a client is told of anything thrown; null for what is nobody's fault but ours. */
export const refusalOf = (error: unknown): Refusal | null => {
  if (error instanceof Refusal) return error
  if (error instanceof InvalidInput) return invalidInput(error.problems)
  if (isOutage(error)) return away('the database cannot be reached at the moment')
  if (error instanceof DeskBusy || error instanceof DeskTimeout) return away(error.message)
  return isForClient(error) ? ofExpress(error) : null
}

/** A million mistakes make one answer of bearable size. */
const MAX_ERRORS = 100
const MAX_TEXT = 400
const MAX_POINTER = 2000

const clipped = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text)

/** Cut before places are looked up: each costs a walk through the document. */
const firstOf = (refusal: Refusal): Refusal => {
  const { status, type, title, errors, headers } = refusal
  if (errors.length <= MAX_ERRORS) return refusal
  const detail = `${errors.length} problems; these are the first ${MAX_ERRORS}`
  return new Refusal(status, type, title, detail, { errors: errors.slice(0, MAX_ERRORS), headers })
}

const bearableItem = ({ pointer, path, expected, received }: ProblemItem): ProblemItem => ({
  // Half a pointer would point elsewhere.
  pointer: pointer.length > MAX_POINTER ? '' : pointer,
  path: clipped(path),
  expected: clipped(expected),
  received: clipped(received),
})

/** Problems as their sender is told of them: not more, and not longer, than anybody reads. */
export const problemItems = (document: unknown, problems: readonly Problem[]): ProblemItem[] =>
  problems.slice(0, MAX_ERRORS).map((p) => bearableItem(problemItem(document, p)))

const bearable = ({ detail, errors, ...details }: ProblemDetails): ProblemDetails => ({
  ...details,
  ...(detail === undefined ? {} : { detail: detail.slice(0, 2000) }),
  ...(errors === undefined ? {} : { errors: errors.map(bearableItem) }),
})

/** RFC 9110 wants a 401 to say how to come in. */
const challenge = ({ status }: Refusal): Readonly<Record<string, string>> =>
  status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}

/** The body that problems point into, once it is read. */
export const documentOf = (response: Response): unknown => response.locals.document
export const setDocument = (response: Response, document: unknown): void => {
  response.locals.document = document
}

export const sendRefusal = (response: Response, refusal: Refusal): void => {
  const details = detailsOf(firstOf(refusal), documentOf(response), `/requests/${requestIdOf(response)}`)
  response
    .status(refusal.status)
    .set({ ...challenge(refusal), ...refusal.headers, 'Cache-Control': 'no-store' })
    .set('Content-Type', 'application/problem+json')
    .send(JSON.stringify(bearable(details)))
}

/**
 * Everything thrown as RFC 9457 problem details. An answer that has begun is cut off: its client must not take it for whole.
 * @verifiedBy test/service/mount.test.ts
 */
export const errorAnswers =
  (onError: OnError): ErrorRequestHandler =>
  (error, request, response, _next) => {
    const refusal = refusalOf(error)
    if (refusal === null || response.headersSent) onError(error, request, requestIdOf(response))
    if (response.headersSent) response.destroy()
    else sendRefusal(response, refusal ?? internal())
  }
