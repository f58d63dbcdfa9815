import { mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Express } from 'express'
import type { Logger } from 'pino'
import { InvalidInput } from '../numeric/errors.ts'
import { startPostgres, supervisePostgres } from '../runtime/postgres/postgres.ts'
import { openQueue } from '../runtime/queue/queue.ts'
import { findJob } from '../runtime/state/job-row.ts'
import { migrate } from '../runtime/state/migrations.ts'
import { openPlace, postgresFolder, type State } from '../runtime/state/place.ts'
import { sweep } from '../runtime/state/sweep.ts'
import { openDesk } from '../runtime/worker/desk.ts'
import { upkeep } from '../runtime/worker/upkeep.ts'
import { makeApps } from './app.ts'
import { answerClientErrors } from './client-errors.ts'
import { type Config, needsKeys } from './config.ts'
import type { Context } from './context.ts'
import { storeBundledMeshes } from './meshes.ts'
import { repeatedly } from './repeatedly.ts'
import { deliverWebhooks } from './webhooks.ts'
import { keepWorker } from './worker-process.ts'

export interface Service {
  readonly port: number
  readonly umbridgePort: number | null
  /** Ends it cleanly: requests under way are answered, chunks finished or handed back, the database shut down. */
  stop(): Promise<void>
}

const UPKEEP = 1_000
const SWEEP = 3_600_000

const listen = (app: Express, port: number, host: string): Promise<Server> =>
  new Promise((done, failed) => {
    // Node would refuse what lacks a Host, and an Expect it does not know, with nothing in the answer: the app does it in our form.
    const server = createServer({ keepAliveTimeout: 65_000, requireHostHeader: false }, app)
    server.on('checkExpectation', app)
    answerClientErrors(server)
    server.once('error', (error: NodeJS.ErrnoException) =>
      failed(
        error.code === 'EADDRINUSE'
          ? InvalidInput.of('PORT', 'a free port', `${port}, which another program uses`)
          : error,
      ),
    )
    server.listen(port, host, () => done(server))
  })

const close = (server: Server): Promise<void> =>
  new Promise((done) => {
    server.close(() => done())
    server.closeIdleConnections()
    // Streams of events have no end of their own; their clients come back with Last-Event-ID.
    setTimeout(() => server.closeAllConnections(), 1_000).unref()
  })

/** Who listens for news of a job, in this process. */
const listeners = () => {
  const byJob = new Map<string, Set<() => void>>()
  const add = (job: string, heard: () => void): (() => void) => {
    const set = byJob.get(job) ?? new Set()
    byJob.set(job, set)
    set.add(heard)
    return () => {
      set.delete(heard)
      if (set.size === 0 && byJob.get(job) === set) byJob.delete(job)
    }
  }
  const ring = (job: string): void => {
    const wanted = job === '' ? [...byJob.values()].flatMap((set) => [...set]) : [...(byJob.get(job) ?? [])]
    for (const heard of wanted) heard()
  }
  return { add, ring }
}

const openDatabaseOf = async (config: Config, log: Logger): Promise<() => Promise<void>> => {
  if (config.databaseUrl !== null) return async () => {}
  const options = { log: (line: string) => log.info(line) }
  const postgres = await startPostgres(postgresFolder(config.data), options)
  const unwatch = supervisePostgres(postgresFolder(config.data), options)
  return async () => {
    await unwatch()
    await postgres.stop()
  }
}

const CONNECTIONS = 10
const NOBODY = '00000000-0000-0000-0000-000000000000'

/** All connections, each with what it must know of the tables: the first requests find them ready. */
const connectAll = ({ database }: State): Promise<unknown> =>
  Promise.all(Array.from({ length: CONNECTIONS }, () => findJob(database, NOBODY)))

/** What was opened, to be closed again in the reverse order. */
type Opened = (() => unknown)[]

const closeAll = async (opened: Opened): Promise<void> => {
  for (const close of opened.toReversed()) await close()
}

const open = async (config: Config, log: Logger, opened: Opened): Promise<Omit<Service, 'stop'>> => {
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  opened.push(await openDatabaseOf(config, log))
  const place = { data: config.data, databaseUrl: config.databaseUrl }
  const state = await openPlace(place, CONNECTIONS)
  opened.push(state.database.close)
  await migrate(state.database)
  await connectAll(state)
  const queue = await openQueue(state.database, (error) => log.warn({ error }, 'the queue complains'), {
    supervise: true,
  })
  opened.push(queue.stop)
  const { add, ring } = listeners()
  opened.push(await state.database.listen('nestwave_event', ring))
  const desk = openDesk(place, config.desks)
  opened.push(desk.stop)
  const context: Context = { ...state, config, queue, desk, log, onEvent: add }
  await storeBundledMeshes(context)
  const apps = makeApps(context)
  // They end together: what a worker needs to finish its chunks is time in which the rest is idle.
  const ends: (() => Promise<unknown>)[] = []
  opened.push(() => Promise.all(ends.map((end) => end())))
  const listening = async (app: Express, port: number): Promise<number> => {
    const server = await listen(app, port, config.host)
    ends.push(() => close(server))
    return (server.address() as AddressInfo).port
  }
  const port = await listening(apps.api, config.port)
  const umbridgePort = config.umbridgePort === null ? null : await listening(apps.umbridge, config.umbridgePort)
  const complain = (error: Error): void => log.warn({ error: error.message }, 'upkeep failed; it is tried again')
  ends.push(
    repeatedly(UPKEEP, () => upkeep(state, queue), complain),
    repeatedly(UPKEEP, () => deliverWebhooks(context, queue), complain),
    repeatedly(SWEEP, async () => log.info(await sweep(state, config.retentionDays), 'swept'), complain),
  )
  const environment = { ...process.env, NESTWAVE_DATA: config.data, NESTWAVE_SLOTS: String(config.slots) }
  if (config.slots > 0) ends.push(keepWorker(environment, log).stop)
  log.info({ host: config.host, port, keys: needsKeys(config), data: config.data }, 'serving')
  return { port, umbridgePort }
}

/** The service: database, API, worker. One that cannot start leaves nothing behind that would keep its process from ending. */
export const serve = async (config: Config, log: Logger): Promise<Service> => {
  const opened: Opened = []
  try {
    return { ...(await open(config, log, opened)), stop: () => closeAll(opened) }
  } catch (error) {
    await closeAll(opened).catch((failure: Error) => log.warn({ error: failure.message }, 'not everything was closed'))
    throw error
  }
}
