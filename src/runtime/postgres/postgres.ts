import { setTimeout as sleep } from 'node:timers/promises'
import { ensureCluster, exists, type Layout, layoutOf } from './cluster.ts'
import { ask, type Connection, connectionIn, listens } from './connection.ts'
import { launch, type ServerOptions, shutDown } from './server.ts'

export { type Connection, connectionOf } from './connection.ts'
export type { ServerOptions } from './server.ts'

export interface EmbeddedPostgres {
  readonly connection: Connection
  stop(): Promise<void>
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`

const running = async (layout: Layout, options: ServerOptions): Promise<Connection | null> => {
  if (!exists(layout)) return null
  const connection = await connectionIn(layout, options.port)
  return (await ask(connection)) === 'up' ? connection : null
}

const start = async (layout: Layout, options: ServerOptions): Promise<Connection> => {
  const begin = performance.now()
  const connection = await launch(layout, options)
  options.log?.(`PostgreSQL started in ${seconds(begin)}`)
  return connection
}

/**
 * Starts the database in `root`, which it makes, or finds it running; one server however many processes ask. It outlives
 * this process. Reached by a Unix socket with a password that only `root`'s owner can read.
 * @throws InvalidInput where this platform's PostgreSQL is not installed
 * @throws Error with the log's last lines when it does not start
 * @verifiedBy test/runtime/postgres.test.ts, test/outside/postgres.test.ts
 */
export const startPostgres = async (root: string, options: ServerOptions = {}): Promise<EmbeddedPostgres> => {
  const layout = layoutOf(root)
  const begin = performance.now()
  if (await ensureCluster(layout)) options.log?.(`PostgreSQL's database made in ${seconds(begin)}`)
  const connection = (await running(layout, options)) ?? (await start(layout, options))
  return { connection, stop: () => shutDown(layout) }
}

/** Between two looks, ms. */
const INTERVAL = 1_000

const lives = async (layout: Layout, options: ServerOptions): Promise<boolean> =>
  listens(await connectionIn(layout, options.port))

const revive = async (layout: Layout, options: ServerOptions): Promise<void> => {
  try {
    if (await lives(layout, options)) return
    options.log?.('PostgreSQL has gone; starting it again')
    await start(layout, options)
  } catch (error) {
    options.log?.((error as Error).message)
  }
}

/**
 * Looks every second whether the server listens, and starts it again when it does not. It makes no database: one whose
 * files were removed is a loss to be seen, not an empty one to go on with.
 * @returns a function that ends the watch, after a start that is under way; the server runs on
 * @verifiedBy test/runtime/postgres.test.ts
 */
export const supervisePostgres = (root: string, options: ServerOptions = {}): (() => Promise<void>) => {
  const end = new AbortController()
  const pause = (): Promise<unknown> => sleep(INTERVAL, undefined, { signal: end.signal, ref: false }).catch(() => {})
  const watch = async (): Promise<void> => {
    for (;;) {
      await pause()
      if (end.signal.aborted) return
      await revive(layoutOf(root), options)
    }
  }
  const watching = watch()
  return () => {
    end.abort()
    return watching
  }
}
