import type { Context } from './context.ts'
import { requestIdOf } from './request-id.ts'
import type { Ask } from './route.ts'

/** Who changed what, when, and from where: kept in the database, shown to administrators. */
export const audit = (
  { database }: Context,
  ask: Ask<unknown, unknown>,
  action: string,
  subject: string,
  status: number,
): Promise<unknown> =>
  database.query(
    `insert into nestwave.audit (owner, key_id, address, request_id, action, subject, status) values ($1, $2, $3, $4, $5, $6, $7)`,
    [
      ask.caller.owner,
      ask.caller.keyId,
      ask.request.ip ?? null,
      ask.request.res ? requestIdOf(ask.request.res) : null,
      action,
      subject,
      status,
    ],
  )
