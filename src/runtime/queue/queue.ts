import { PgBoss } from 'pg-boss'
import type { Database, Sql } from '../state/database.ts'

/** What rests in the queue: the chunks of jobs, the recipes that make chunks and reduce them, and webhook deliveries. */
export const QUEUES = ['chunk', 'drive', 'webhook'] as const
export type QueueName = (typeof QUEUES)[number]

const dead = (name: QueueName): string => `${name}-dead`

export interface Message<T> {
  readonly id: string
  readonly data: T
  readonly priority?: number
  /** s from now */
  readonly after?: number
}

/** One attempt at a message. Every settling is fenced by it: a claim that was lost settles nothing. */
export interface Claim<T = unknown> {
  readonly queue: QueueName
  readonly id: string
  readonly retryCount: number
  readonly data: T
}

/** A message that failed for good, with what its last attempt said. */
export interface DeadMessage<T = unknown> {
  readonly data: T
  readonly error: string
  readonly attempts: number
}

export interface Queue {
  /** Within a transaction: the messages are there when it commits, or never. */
  send<T>(sql: Sql, queue: QueueName, messages: readonly Message<T>[]): Promise<void>
  fetch<T>(queue: QueueName): Promise<Claim<T> | null>
  /** @returns whether the claim was still held */
  complete(sql: Sql, claim: Claim): Promise<boolean>
  /** Hands it to the next attempt, or to the dead letters after the last. */
  fail(claim: Claim, message: string): Promise<void>
  /** Puts it back at once, as if it had not been fetched. */
  giveBack(claim: Claim): Promise<void>
  /** @returns the claims that are no longer held */
  touch(claims: readonly Claim[]): Promise<readonly string[]>
  cancel(sql: Sql, queue: QueueName, ids: readonly string[]): Promise<void>
  /** Takes one dead letter and settles it with `action`, in one transaction. */
  bury<T>(queue: QueueName, action: (sql: Sql, message: DeadMessage<T>) => Promise<void>): Promise<boolean>
  /** Messages ready, by queue. */
  depth(): Promise<Readonly<Record<string, number>>>
  stop(): Promise<void>
}

/** pg-boss's smallest: an orphan is noticed this many s after its worker fell silent. */
const HEARTBEAT = 10
const MONITOR = 1
const YEAR = 31_536_000
/** Waiting work must not be thrown away, however long the queue. */
const RETENTION = { retentionSeconds: YEAR, deleteAfterSeconds: 3600 }
const POLICY = {
  chunk: { retryLimit: 3, retryDelay: 1, heartbeatSeconds: HEARTBEAT, expireInSeconds: 3600 },
  drive: { retryLimit: 8, retryDelay: 1, heartbeatSeconds: HEARTBEAT, expireInSeconds: 82_800 },
  webhook: { retryLimit: 0, heartbeatSeconds: HEARTBEAT, expireInSeconds: 120 },
} as const satisfies Record<QueueName, object>

const adapter = (sql: Sql) => ({
  executeSql: async (text: string, values: unknown[] = []) => ({ rows: await sql.query(text, values) }),
})

const affected = (response: unknown): number => (response as { affected: number }).affected
const attempt = ({ id, retryCount }: Claim) => ({ id, retryCount })

const createQueues = async (boss: PgBoss): Promise<void> => {
  for (const name of QUEUES) {
    await boss.createQueue(dead(name), RETENTION)
    await boss.createQueue(name, { ...POLICY[name], ...RETENTION, deadLetter: dead(name), partition: name === 'chunk' })
  }
}

/**
 * The queue on PostgreSQL.
 * @param onError failures of its own maintenance
 * @verifiedBy test/runtime/queue.test.ts
 */
export const openQueue = async (
  database: Database,
  onError: (error: Error) => void,
  options: { readonly supervise: boolean },
): Promise<Queue> => {
  const boss = new PgBoss({
    db: adapter(database),
    schedule: false,
    supervise: options.supervise,
    superviseIntervalSeconds: MONITOR,
    monitorIntervalSeconds: MONITOR,
    registerInstance: false,
  } as ConstructorParameters<typeof PgBoss>[0] & object)
  boss.on('error', onError)
  await boss.start()
  await createQueues(boss)
  return {
    send: async (sql, queue, messages) => {
      if (messages.length === 0) return
      const jobs = messages.map(({ id, data, priority = 0, after = 0 }) => ({
        id,
        data: data as object,
        priority,
        startAfter: after,
      }))
      await boss.insert(queue, jobs, { db: adapter(sql) })
      await sql.query(`select pg_notify('nestwave_work', $1)`, [queue])
    },
    fetch: async <T>(queue: QueueName) => {
      const [job] = await boss.fetch<T>(queue)
      return job === undefined ? null : { queue, id: job.id, retryCount: job.retryCount, data: job.data }
    },
    complete: async (sql, claim) =>
      affected(await boss.complete(claim.queue, attempt(claim), null, { db: adapter(sql) })) > 0,
    fail: async (claim, message) => void (await boss.fail(claim.queue, attempt(claim), { message })),
    giveBack: async (claim) => {
      await database.query(
        `update pgboss.job set state = 'created', started_on = null, heartbeat_on = null
         where name = $1 and id = $2 and retry_count = $3 and state = 'active'`,
        [claim.queue, claim.id, claim.retryCount],
      )
      await database.query(`select pg_notify('nestwave_work', $1)`, [claim.queue])
    },
    touch: async (claims) => {
      const lost: string[] = []
      for (const claim of claims) if (affected(await boss.touch(claim.queue, attempt(claim))) === 0) lost.push(claim.id)
      return lost
    },
    cancel: async (sql, queue, ids) => {
      if (ids.length > 0) await boss.cancel(queue, [...ids], { db: adapter(sql) })
    },
    bury: async <T>(queue: QueueName, action: (sql: Sql, message: DeadMessage<T>) => Promise<void>) => {
      const [job] = await boss.fetch<T>(dead(queue), { includeMetadata: true })
      if (job === undefined) return false
      const output = job.sourceOutput as { message?: string; value?: { message?: string } } | null
      const error = output?.message ?? output?.value?.message ?? JSON.stringify(output)
      await database.transaction(async (sql) => {
        await action(sql, { data: job.data, error, attempts: (job.sourceRetryCount ?? 0) + 1 })
        await boss.complete(dead(queue), { id: job.id, retryCount: job.retryCount }, null, { db: adapter(sql) })
      })
      return true
    },
    depth: async () => {
      const rows = await database.query<{ name: string; n: number }>(
        `select name, count(*) as n from pgboss.job where state < 'active' group by name`,
      )
      // An empty queue is one to be seen, too.
      const none = QUEUES.map((name): [string, number] => [name, 0])
      return Object.fromEntries([...none, ...rows.map(({ name, n }): [string, number] => [name, n])])
    },
    stop: async () => boss.stop({ graceful: false }),
  }
}
