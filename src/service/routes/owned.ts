import { z } from 'zod'
import { findJob, type JobRow } from '../../runtime/state/job-row.ts'
import type { Context } from '../context.ts'
import { notFound } from '../problem.ts'
import type { Caller } from '../route.ts'

const uuid = z.uuid()

/** An id in a path: whatever is no id names nothing. */
export const idOf = (text: string, what: string): string => {
  if (!uuid.safeParse(text).success) throw notFound(what)
  return text.toLowerCase()
}

/** A job of the caller's. Another user's is as if it were not there. */
export const ownJob = async ({ database }: Context, caller: Caller, id: string): Promise<JobRow> => {
  const row = await findJob(database, idOf(id, 'job'))
  if (row === null || row.owner !== caller.owner) throw notFound('job')
  return row
}
