import { randomUUID } from 'node:crypto'
import type { WebhookResource } from '../client/api.ts'
import type { Claim, Queue } from '../runtime/queue/queue.ts'
import { deliver } from '../runtime/webhook/deliver.ts'
import { retryAfter, WebhookFailure } from '../runtime/webhook/retry.ts'
import { newSecret } from '../runtime/webhook/signature.ts'
import { checkWebhookUrl } from '../runtime/webhook/target.ts'
import type { Context } from './context.ts'

interface Row {
  readonly id: string
  readonly url: string
  readonly events: WebhookResource['events']
  readonly secret: string
  readonly last_status: string | null
  readonly created_at: Date
}

/** What the queue `webhook` carries: one event for one receiver. */
export interface WebhookMessage {
  readonly webhook: string
  /** The same at every attempt. */
  readonly message: string
  readonly body: string
  readonly attempt: number
}

const resource = (row: Row, secret?: string): WebhookResource => ({
  id: row.id,
  url: row.url,
  events: row.events,
  createdAt: row.created_at.toISOString(),
  lastStatus: row.last_status,
  ...(secret === undefined ? {} : { secret }),
})

export const createWebhook = async (
  { database, config }: Context,
  owner: string,
  url: string,
  events: readonly string[],
) => {
  checkWebhookUrl(url, config.webhooksToPrivate)
  const [row] = await database.query<Row>(
    'insert into nestwave.webhook (id, owner, url, events, secret) values ($1, $2, $3, $4, $5) returning *',
    [randomUUID(), owner, url, [...events], newSecret()],
  )
  return resource(row, row.secret)
}

export const listWebhooks = async ({ database }: Context, owner: string): Promise<WebhookResource[]> =>
  (await database.query<Row>('select * from nestwave.webhook where owner = $1 order by created_at', [owner])).map(
    (row) => resource(row),
  )

export const removeWebhook = async ({ database }: Context, owner: string, id: string): Promise<boolean> =>
  (await database.query('delete from nestwave.webhook where owner = $1 and id = $2 returning id', [owner, id])).length >
  0

const attempt = async (context: Context, { message, body }: WebhookMessage, row: Row): Promise<string> => {
  const { status } = await deliver({
    ...{ url: row.url, id: message, body, secrets: [row.secret] },
    allowPrivate: context.config.webhooksToPrivate,
  })
  return `delivered: ${status}`
}

/** One attempt; the next is queued in the same transaction that ends this one. */
const deliverOne = async (context: Context, claim: Claim<WebhookMessage>): Promise<void> => {
  const { database, queue } = context
  const { data } = claim
  const [row] = await database.query<Row>('select * from nestwave.webhook where id = $1', [data.webhook])
  const failure =
    row === undefined
      ? null
      : await attempt(context, data, row).then((status) => ({ status, again: null }), failed(data))
  await database.transaction(async (sql) => {
    if (!(await queue.complete(sql, claim)) || failure === null) return
    await sql.query('update nestwave.webhook set last_status = $2 where id = $1', [data.webhook, failure.status])
    if (failure.again !== null)
      await queue.send<WebhookMessage>(sql, 'webhook', [
        { id: randomUUID(), data: { ...data, attempt: data.attempt + 1 }, after: Math.ceil(failure.again) },
      ])
  })
}

const failed =
  (data: WebhookMessage) =>
  (error: unknown): { status: string; again: number | null } => {
    if (!(error instanceof WebhookFailure)) throw error
    const again = error.retryable ? retryAfter(data.attempt + 1, error.asked, Math.random()) : null
    const next = again === null ? 'given up' : `again in ${Math.ceil(again)} s`
    return { status: `attempt ${data.attempt + 1} failed (${error.message}); ${next}`, again }
  }

/** Delivers what is due, one after the other. */
export const deliverWebhooks = async (context: Context, queue: Queue): Promise<void> => {
  for (;;) {
    const claim = await queue.fetch<WebhookMessage>('webhook')
    if (claim === null) return
    await deliverOne(context, claim)
  }
}
