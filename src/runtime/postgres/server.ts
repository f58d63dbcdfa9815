import { spawn } from 'node:child_process'
import { closeSync, openSync, statSync, truncateSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { binariesFor } from './binaries.ts'
import type { Layout } from './cluster.ts'
import { ask, type Connection, connectionIn, DEFAULT_PORT, noteOf } from './connection.ts'
import { type Account, accountFor, HERE, surroundings } from './program.ts'
import { discardStaleNotes, endOrphans, isServer, markOf } from './server-process.ts'

export interface ServerOptions {
  readonly log?: (line: string) => void
  /** Of the socket's name, and of TCP where `listen` asks for it. */
  readonly port?: number
  /** Addresses to listen on by TCP; none when left out. */
  readonly listen?: string
}

/** All in ms. */
const START_LIMIT = 60_000
const STOP_LIMIT = 60_000
const POLL = 10
const PAUSE = 250

const settings = async (layout: Layout, { port = DEFAULT_PORT, listen = '' }: ServerOptions): Promise<string[]> =>
  [
    `cluster_name=${await markOf(layout)}`,
    `port=${port}`,
    `listen_addresses=${listen}`,
    // Relative to the data folder: the absolute path may be too long for a socket.
    'unix_socket_directories=.',
    'unix_socket_permissions=0700',
    'max_connections=100',
    'shared_buffers=64MB',
    'fsync=on',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_min_messages=warning',
    // Containers often have a tiny /dev/shm.
    'dynamic_shared_memory_type=mmap',
    'jit=off',
  ].flatMap((setting) => ['-c', setting])

const LOG_LIMIT = 10 * 2 ** 20
const LINES = 15

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const openLog = ({ log }: Layout): number => {
  if (sizeOf(log) > LOG_LIMIT) truncateSync(log)
  return openSync(log, 'a', 0o600)
}

const logFrom = async ({ log }: Layout, start: number): Promise<string> => {
  const handle = await open(log, 'r')
  try {
    const rest = Buffer.alloc(Math.max(0, (await handle.stat()).size - start))
    await handle.read(rest, 0, rest.length, start)
    return rest.toString()
  } finally {
    await handle.close()
  }
}

const TAIL = 4096
const tailOf = (layout: Layout): Promise<string> =>
  logFrom(layout, Math.max(0, sizeOf(layout.log) - TAIL)).catch(String)

const failed = ({ log }: Layout, why: string, told: string): Error =>
  new Error(`PostgreSQL ${why}; ${log} ends with:\n${told.trimEnd().split('\n').slice(-LINES).join('\n')}`)

/** A server being started; PostgreSQL sees to it that one at most runs on a folder. */
interface Attempt {
  /** Why it ended; null while it runs. */
  failure(): Promise<string | null>
  giveUp(): void
}

/** Detached, with files of its own: it outlives us, and the next start finds it. */
const attempt = async (layout: Layout, options: ServerOptions, native: string, account: Account): Promise<Attempt> => {
  await discardStaleNotes(layout, options.port ?? DEFAULT_PORT)
  const given = ['-D', HERE ?? layout.data, ...(await settings(layout, options))]
  const log = openLog(layout)
  const begin = sizeOf(layout.log)
  const where = surroundings(layout.data, account)
  const child = spawn(join(native, 'bin', 'postgres'), given, { ...where, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  let refusal: string | null = null
  child.once('error', (error) => {
    refusal = error.message
  })
  child.unref()
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    failure: async () => refusal ?? (ended() ? await logFrom(layout, begin) : null),
    giveUp: () => child.kill('SIGINT'),
  }
}

/** A killed server's helpers are still there, or another process starts it too: goes away. */
const PASSING = /pre-existing shared memory block|lock file .* already exists/
/** How often to see it pass by itself, about three seconds, before helping. */
const PASSING_TRIES = 10
const TRIES = 5

/** Counts the failures of one start and says what to do about each. */
const failures = (layout: Layout): ((told: string) => Promise<void>) => {
  let passing = 0
  let lasting = 0
  return async (told) => {
    if (!PASSING.test(told)) lasting++
    else if (++passing % PASSING_TRIES === 0) await endOrphans(layout)
    if (lasting === TRIES) throw failed(layout, 'did not start', told)
    await sleep(PAUSE)
  }
}

/**
 * Starts the server, or waits for one that another process is starting.
 * @throws Error with the log's last lines when it does not answer within a minute (of its last sign of recovery)
 */
export const launch = async (layout: Layout, options: ServerOptions): Promise<Connection> => {
  const account = await accountFor(layout.data)
  const native = await binariesFor(account)
  const onFailure = failures(layout)
  let deadline = Date.now() + START_LIMIT
  for (let current: Attempt | null = null; ; await sleep(POLL)) {
    const connection = await connectionIn(layout, options.port)
    const answer = await ask(connection)
    if (answer === 'up') return connection
    if (answer === 'busy') deadline = Date.now() + START_LIMIT
    if (Date.now() > deadline) {
      current?.giveUp()
      throw failed(layout, `does not answer (${answer})`, await tailOf(layout))
    }
    const failure: string | null = (await current?.failure()) ?? null
    if (failure !== null) {
      current = null
      await onFailure(failure)
    } else if (answer === 'absent') current ??= await attempt(layout, options, native, account)
  }
}

const gone = async (pid: number, layout: Layout): Promise<boolean> => {
  const deadline = Date.now() + STOP_LIMIT
  while (await isServer(pid, layout)) {
    if (Date.now() > deadline) return false
    await sleep(POLL)
  }
  return true
}

/**
 * Ends sessions, writes everything down, and waits until the server has gone.
 * @throws Error when it does not go, or answers from where its process cannot be seen
 */
export const shutDown = async (layout: Layout): Promise<void> => {
  const pid = Number((await noteOf(layout))[0])
  if (pid > 0 && (await isServer(pid, layout))) {
    process.kill(pid, 'SIGINT')
    if (await gone(pid, layout)) return
    throw failed(layout, `did not stop within ${STOP_LIMIT / 1000} s`, await tailOf(layout))
  }
  if ((await ask(await connectionIn(layout))) !== 'absent')
    throw new Error(`the PostgreSQL of ${layout.data} runs where this process cannot see it (another container?)`)
}
