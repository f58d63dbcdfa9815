import { randomUUID } from 'node:crypto'
import type { Response } from 'express'

export const REQUEST_ID = 'X-Request-Id'

/** The id by which log and answer name a request: ours, made on first use; what a client sends of the kind is not believed. */
export const requestIdOf = (response: Response): string => {
  const known: unknown = response.locals.requestId
  if (typeof known === 'string') return known
  const id = randomUUID()
  response.locals.requestId = id
  if (!response.headersSent) response.set(REQUEST_ID, id)
  return id
}
