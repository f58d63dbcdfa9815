import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type ClientConfig, Pool, type PoolClient, type QueryResult, types } from 'pg'

/** Runs SQL: the database itself, or one transaction of it. */
export interface Sql {
  query<Row extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>
}

export interface Database extends Sql {
  /** One transaction: committed when the function ends, rolled back when it throws. */
  transaction<T>(action: (sql: Sql) => Promise<T>): Promise<T>
  /** Calls back for each notification; reconnects by itself, and then calls back once with '' since some may have been missed. */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** Counts are int8 in SQL and fit a double; PostgreSQL's driver hands them out as texts. */
const INT8 = 20
const parsers: ClientConfig['types'] = {
  getTypeParser: ((oid: number, format: 'text') => (oid === INT8 ? Number : types.getTypeParser(oid, format))) as never,
}

/** A query that takes longer is broken off, ms: a cut network must not hang a worker for TCP's quarter of an hour. */
const TIME_LIMIT = 20_000
const CONNECT_LIMIT = 5_000
const RECONNECT = 500

/** Several statements in one text have several results. */
const rowsOf = (result: QueryResult | readonly QueryResult[]): unknown[] =>
  Array.isArray(result) ? result.flatMap(({ rows }) => rows) : (result as QueryResult).rows

const asSql = (client: Pool | PoolClient): Sql => ({
  query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
    rowsOf(await client.query(text, [...values])) as Row[],
})

/**
 * One that was cut off inside a transaction must not keep rows locked until the server's TCP notices, hours later. Set with `begin`
 * and not when connecting: poolers refuse what they do not know.
 */
const BEGIN = `begin; set local idle_in_transaction_session_timeout = ${TIME_LIMIT}`

/** Hands the connection back; one that failed in the middle is thrown away, since nobody knows its state. */
const transaction = async <T>(pool: Pool, action: (sql: Sql) => Promise<T>): Promise<T> => {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query(BEGIN)
    const result = await action(asSql(client))
    await client.query('commit')
    return result
  } catch (error) {
    // On a connection that does not answer, undoing would wait as long again.
    if (isOutage(error)) broken = error as Error
    else
      await client.query('rollback').catch((failure: Error) => {
        broken = failure
      })
    throw error
  } finally {
    client.release(broken)
  }
}

/** Keeps a connection of its own that listens; a lost one is made again until closed. */
const listener = (config: ClientConfig, channel: string, heard: (payload: string) => void): (() => Promise<void>) => {
  const end = new AbortController()
  let current: Client | null = null
  /** One connection, until it ends. */
  const session = async (first: boolean): Promise<void> => {
    const client = new Client(config)
    current = client
    client.on('error', () => {})
    client.on('notification', ({ payload }) => heard(payload ?? ''))
    const over = new Promise<void>((done) => client.once('end', done))
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      if (!first) heard('')
      await over
    } finally {
      await client.end().catch(() => {})
    }
  }
  const keep = async (): Promise<void> => {
    for (let first = true; !end.signal.aborted; first = false) {
      await session(first).catch(() => {})
      await sleep(RECONNECT, undefined, { signal: end.signal }).catch(() => {})
    }
  }
  const kept = keep()
  return async () => {
    end.abort()
    await current?.end().catch(() => {})
    await kept
  }
}

/**
 * A pool of connections to PostgreSQL.
 * @param config how to reach it: a connection string, or the embedded one's socket
 * @param connections at most so many at a time; each is made when it is first needed, and kept
 * @verifiedBy test/runtime/database.test.ts, test/outside/service-network.test.ts
 */
export const openDatabase = (config: ClientConfig, connections: number): Database => {
  const common: ClientConfig = {
    ...config,
    types: parsers,
    query_timeout: TIME_LIMIT,
    connectionTimeoutMillis: CONNECT_LIMIT,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  }
  // Kept when idle: beside computing processes PostgreSQL takes a fifth of a second to take up a new one.
  const pool = new Pool({ ...common, max: connections, min: connections })
  // An idle connection's loss is no event: the next query makes another.
  pool.on('error', () => {})
  return {
    ...asSql(pool),
    transaction: (action) => transaction(pool, action),
    listen: async (channel, heard) => listener(common, channel, heard),
    close: () => pool.end(),
  }
}

/** SQLSTATE classes and network errors of a database that is away, and will be back. */
const AWAY = /^(08|57P0|53300|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)/
const AWAY_MESSAGE =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error/

/** Whether an error says that the database cannot be reached now, rather than that something is wrong with the question. */
export const isOutage = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const { code = '', syscall } = error as NodeJS.ErrnoException
  if (AWAY_MESSAGE.test(error.message)) return true
  return AWAY.test(code) && (code !== 'ENOENT' || syscall === 'connect')
}
