import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chown, link, mkdir, mkdtemp, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { binariesFor } from './binaries.ts'
import { type Account, accountFor, HERE, run, surroundings } from './program.ts'

export const USER = 'nestwave'
export const DATABASE = 'nestwave'

/** What lies in a database's folder. The socket is in `data`: its owner can be sure to reach nothing else. */
export interface Layout {
  readonly root: string
  readonly data: string
  readonly password: string
  readonly log: string
}

export const layoutOf = (root: string): Layout => {
  const folder = resolve(root)
  return { root: folder, data: join(folder, 'data'), password: join(folder, 'password'), log: join(folder, 'log') }
}

export const exists = ({ data }: Layout): boolean => existsSync(join(data, 'PG_VERSION'))

const UNFINISHED = 'new-'

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const writeSynced = async (path: string, text: string): Promise<void> => {
  const handle = await open(path, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const ignoring =
  (...codes: readonly string[]) =>
  (error: NodeJS.ErrnoException): void => {
    if (!codes.includes(error.code ?? '')) throw error
  }

/** The password, made by the first that asks: a link appears with its content or not at all. */
const passwordIn = async ({ root, password }: Layout): Promise<string> => {
  const own = join(root, `${UNFINISHED}${randomBytes(6).toString('hex')}`)
  await writeSynced(own, randomBytes(32).toString('base64url'))
  // ENOENT: another process has finished the database and swept; then there is a password.
  await link(own, password).catch(ignoring('EEXIST', 'ENOENT'))
  await rm(own, { force: true })
  await sync(root)
  return readFile(password, 'utf8')
}

const INITDB: readonly string[] = [
  ...['-U', USER, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-instructions'],
]
/** Errors end the program, and its log shows no statement since one holds the password. */
const SINGLE: readonly string[] = ['-c', 'exit_on_error=on', '-c', 'log_min_error_statement=panic']

/** Whoever comes by the socket or, where it was asked to listen, from the network shows the password. */
const ACCESS = 'local all all scram-sha-256\nhost all all all scram-sha-256\n'

/**
 * Fills an empty folder. initdb trusts everyone so that it need not be given the password; nobody can connect until
 * the server starts, which is after ACCESS is in place.
 */
const fill = async (data: string, account: Account, password: string): Promise<void> => {
  const native = await binariesFor(account)
  const where = surroundings(data, account)
  const program = (name: string): string => join(native, 'bin', name)
  await run(program('initdb'), ['-D', HERE ?? data, ...INITDB], where)
  const statements = `ALTER ROLE ${USER} PASSWORD '${password}'\nCREATE DATABASE ${DATABASE}\n`
  await run(program('postgres'), ['--single', '-D', HERE ?? data, ...SINGLE, 'template1'], where, statements)
  await writeSynced(join(data, 'pg_hba.conf'), ACCESS)
}

const fillAndPlace = async (layout: Layout, password: string): Promise<void> => {
  const account = await accountFor(layout.data)
  const fresh = await mkdtemp(join(layout.root, UNFINISHED))
  try {
    if (account !== null) await chown(fresh, account.uid, account.gid)
    await fill(fresh, account, password)
    await rename(fresh, layout.data)
    await sync(layout.root)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true }).catch(() => {})
    // Another process was faster, and may have swept this one's folder away.
    if (!exists(layout)) throw error
  }
}

/** What others were making when this database was finished, or killed processes left. */
const sweep = async ({ root }: Layout): Promise<void> => {
  const names = (await readdir(root)).filter((name) => name.startsWith(UNFINISHED))
  await Promise.allSettled(names.map((name) => rm(join(root, name), { recursive: true, force: true })))
}

/**
 * Makes the database where there is none: beside, then renamed, so that a crash leaves none or a whole one.
 * @returns whether it was made now
 * @verifiedBy test/runtime/postgres.test.ts
 */
export const ensureCluster = async (layout: Layout): Promise<boolean> => {
  if (exists(layout)) return false
  await mkdir(layout.root, { recursive: true, mode: 0o700 })
  await fillAndPlace(layout, await passwordIn(layout))
  await sweep(layout)
  return true
}
