import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, Request, Response } from 'express'
import type { ProblemDetails } from '../client/api.ts'
import { InvalidInput, type Problem } from '../numeric/errors.ts'
import { isOutage } from '../runtime/state/database.ts'
import { DeskBusy, DeskTimeout } from '../runtime/worker/desk.ts'
import { detailsOf, Refusal } from './problem.ts'
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

const clipped = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text)

const bearable = (details: ProblemDetails): ProblemDetails => {
  const { errors, detail } = details
  const count = errors?.length ?? 0
  return {
    ...details,
    ...(count > MAX_ERRORS ? { detail: `${count} problems; these are the first ${MAX_ERRORS}` } : {}),
    ...(detail !== undefined && count <= MAX_ERRORS ? { detail: detail.slice(0, 2000) } : {}),
    ...(errors === undefined
      ? {}
      : {
          errors: errors.slice(0, MAX_ERRORS).map(({ pointer, path, expected, received }) => ({
            pointer,
            path: clipped(path),
            expected: clipped(expected),
            received: clipped(received),
          })),
        }),
  }
}

/** RFC 9110 wants a 401 to say how to come in. */
const challenge = ({ status }: Refusal): Readonly<Record<string, string>> =>
  status === 401 ? { 'WWW-Authenticate': 'Bearer' } : {}

/** The body that problems point into, once it is read. */
export const documentOf = (response: Response): unknown => response.locals.document
export const setDocument = (response: Response, document: unknown): void => {
  response.locals.document = document
}

export const sendRefusal = (response: Response, refusal: Refusal): void => {
  const details = detailsOf(refusal, documentOf(response), `/requests/${requestIdOf(response)}`)
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
