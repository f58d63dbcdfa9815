import { fstatSync, openSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Client, DatabaseError } from 'pg'
import { DATABASE, type Layout, layoutOf, USER } from './cluster.ts'

/**
 * How to reach a database: options for `pg`. `host` is the folder of its socket; a name of this thread alone where the
 * path is too long for a socket, so hand others the database's folder and let them ask {@link connectionOf}.
 */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

export const DEFAULT_PORT = 5432

/** Bytes of sun_path, less its closing zero. */
const SOCKET_PATH_LIMIT = process.platform === 'linux' ? 107 : 103

export const socketIn = (folder: string, port: number): string => join(folder, `.s.PGSQL.${port}`)

const opened = new Map<string, number>()

const sameFolder = (descriptor: number, path: string): boolean => {
  const [a, b] = [fstatSync(descriptor, { bigint: true }), statSync(path, { bigint: true })]
  return a.dev === b.dev && a.ino === b.ino
}

/** Open as long as the process lives: pools keep the name. One whose folder was replaced stays open, lest its number be reused. */
const descriptorOf = (folder: string): number => {
  const known = opened.get(folder)
  if (known !== undefined && sameFolder(known, folder)) return known
  const descriptor = openSync(folder, 'r')
  opened.set(folder, descriptor)
  return descriptor
}

const shortName = (folder: string): string => {
  if (Buffer.byteLength(socketIn(folder, 65535)) <= SOCKET_PATH_LIMIT) return folder
  if (process.platform === 'linux') return `/proc/self/fd/${descriptorOf(folder)}`
  throw new Error(`the path is too long for a socket on this system: ${folder}`)
}

/** PostgreSQL's own note of its running server, line by line: process, folder, start, port, … Empty where there is none. */
export const noteOf = async ({ data }: Layout): Promise<readonly string[]> => {
  try {
    return (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** The connection to the server that runs, or that would be started with this port. */
export const connectionIn = async (layout: Layout, port: number = DEFAULT_PORT): Promise<Connection> => ({
  host: shortName(layout.data),
  port: Number((await noteOf(layout))[3]) || port,
  user: USER,
  password: await readFile(layout.password, 'utf8'),
  database: DATABASE,
})

/** The connection of a database that another process of ours started. @throws Error where none ever was */
export const connectionOf = async (root: string): Promise<Connection> => {
  try {
    return await connectionIn(layoutOf(root))
  } catch (cause) {
    throw new Error(`no database was started in ${root}: ${(cause as Error).message}`, { cause })
  }
}

/** absent: nobody listens. busy: starting, recovering or stopping. silent: someone listens and says nothing of use. */
export type Answer = 'up' | 'busy' | 'silent' | 'absent'

const NOBODY: readonly string[] = ['ENOENT', 'ECONNREFUSED']
const TOO_MANY_CLIENTS = '53300'
const OPERATOR_INTERVENTION = '57'
const LIMIT = 5_000

const answerFrom = (error: Error & { readonly code?: string }): Answer => {
  if (NOBODY.includes(error.code ?? '')) return 'absent'
  if (!(error instanceof DatabaseError)) return 'silent'
  if (error.code === TOO_MANY_CLIENTS) return 'up'
  if (error.code?.startsWith(OPERATOR_INTERVENTION)) return 'busy'
  throw error
}

/** Asks the server itself: process numbers are reused, in containers at once. @throws DatabaseError when it turns us away */
export const ask = async (connection: Connection): Promise<Answer> => {
  const client = new Client({ ...connection, ssl: false, connectionTimeoutMillis: LIMIT })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.end()
    return 'up'
  } catch (error) {
    return answerFrom(error as Error)
  }
}

/** Whether someone accepts connections: far cheaper than {@link ask}, and sees a dead server just as well. */
export const listens = ({ host, port }: Connection): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(socketIn(host, port))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(!NOBODY.includes(error.code ?? '')))
  })
