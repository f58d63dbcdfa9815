import { spawn } from 'node:child_process'
import { closeSync, openSync, statSync, truncateSync } from 'node:fs'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { binariesFor } from './binaries.ts'
import type { Layout } from './cluster.ts'
import { type Answer, ask, type Connection, connectionIn, DEFAULT_PORT, noteOf } from './connection.ts'
import { accountFor, HERE, surroundings } from './program.ts'

export interface ServerOptions {
  readonly log?: (line: string) => void
  /** Of the socket's name, and of TCP where `listen` asks for it. */
  readonly port?: number
  /** Addresses to listen on by TCP; none when left out. */
  readonly listen?: string
}

/** In ms. A restart after kill -9 waits until the killed server's helpers have gone, a few seconds. */
const START_LIMIT = 60_000
const STOP_LIMIT = 60_000
const POLL = 10
const PAUSE = 250
const LOG_LIMIT = 10 * 2 ** 20

/** In the command line of the server, which every user may read: tells it from a process that got its number later. */
const markOf = async ({ data }: Layout): Promise<string> =>
  `cluster_name=nestwave-${(await stat(data, { bigint: true })).ino}`

const settings = async (layout: Layout, { port = DEFAULT_PORT, listen = '' }: ServerOptions): Promise<string[]> =>
  [
    await markOf(layout),
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

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

const openLog = ({ log }: Layout): number => {
  if (sizeOf(log) > LOG_LIMIT) truncateSync(log)
  return openSync(log, 'a', 0o600)
}

const readFrom = async (path: string, start: number): Promise<string> => {
  const handle = await open(path, 'r')
  try {
    return (await handle.readFile()).subarray(start).toString()
  } finally {
    await handle.close()
  }
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const isServer = async (pid: number, layout: Layout): Promise<boolean> => {
  if (!alive(pid)) return false
  if (process.platform !== 'linux') return true
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return commandLine.split('\0').includes(await markOf(layout))
}

/**
 * PostgreSQL takes any live process of its user for its predecessor, so a note whose number someone else has now would
 * keep it from starting for ever.
 */
const discardStaleNotes = async (layout: Layout, { port = DEFAULT_PORT }: ServerOptions): Promise<void> => {
  for (const name of ['postmaster.pid', `.s.PGSQL.${port}.lock`]) {
    const note = join(layout.data, name)
    const pid = Number.parseInt(await readFile(note, 'utf8').catch(() => ''), 10)
    if (!(pid > 0) || !alive(pid) || (await isServer(pid, layout))) continue
    await rename(note, `${note}.stale`)
    await rm(`${note}.stale`)
  }
}

/** A try to start it; PostgreSQL sees to it that one server at most runs on a folder. */
interface Try {
  /** Why it ended; null while it runs. */
  failure(): Promise<string | null>
  giveUp(): void
}

/** Detached, with files of its own: it outlives us, and the next start finds it. */
const tryOnce = async (layout: Layout, options: ServerOptions): Promise<Try> => {
  await discardStaleNotes(layout, options)
  const account = await accountFor(layout.data)
  const program = join(await binariesFor(account), 'bin', 'postgres')
  const given = ['-D', HERE ?? layout.data, ...(await settings(layout, options))]
  const log = openLog(layout)
  const begin = sizeOf(layout.log)
  const where = surroundings(layout.data, account)
  const child = spawn(program, given, { ...where, detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  let refusal: string | null = null
  child.once('error', (error) => {
    refusal = error.message
  })
  child.unref()
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null
  return {
    failure: async () => refusal ?? (ended() ? await readFrom(layout.log, begin) : null),
    giveUp: () => child.kill('SIGINT'),
  }
}

/** A predecessor's helpers still run, or another process starts it too: goes away by itself. */
const PASSING = /pre-existing shared memory block|lock file .* already exists/
const TRIES = 5
const LINES = 15

const failed = async ({ log }: Layout, why: string): Promise<Error> => {
  const lines = (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-LINES)
  return new Error(`PostgreSQL ${why}; ${log} ends with:\n${lines.join('\n')}`)
}

/**
 * Starts the server, or waits for one that another process is starting.
 * @throws Error with the log's last lines when it does not answer within a minute (of its last sign of recovery)
 */
export const launch = async (layout: Layout, options: ServerOptions): Promise<Connection> => {
  let deadline = Date.now() + START_LIMIT
  let tries = 0
  let current: Try | null = null
  for (;;) {
    const connection = await connectionIn(layout, options.port)
    const answer: Answer = await ask(connection)
    if (answer === 'up') return connection
    if (answer === 'busy') deadline = Date.now() + START_LIMIT
    if (Date.now() > deadline) {
      current?.giveUp()
      throw await failed(layout, `does not answer (${answer})`)
    }
    const failure: string | null = (await current?.failure()) ?? null
    if (failure !== null) {
      if (!PASSING.test(failure) && ++tries >= TRIES) throw await failed(layout, `did not start`)
      current = null
      await sleep(PAUSE)
    }
    if (answer === 'absent') current ??= await tryOnce(layout, options)
    await sleep(POLL)
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

/** Ends sessions, writes everything down, and waits until the server has gone. */
export const shutDown = async (layout: Layout): Promise<void> => {
  const pid = Number((await noteOf(layout))[0])
  if (pid > 0 && (await isServer(pid, layout))) {
    process.kill(pid, 'SIGINT')
    if (await gone(pid, layout)) return
    throw await failed(layout, `did not stop within ${STOP_LIMIT / 1000} s`)
  }
  if ((await ask(await connectionIn(layout))) !== 'absent')
    throw new Error(`the PostgreSQL of ${layout.data} runs where this process cannot see it (another container?)`)
}
