import { execFile } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { promisify } from 'node:util'

/** The user that PostgreSQL's programs run as; null where that is ours. */
export type Account = { readonly uid: number; readonly gid: number } | null

/** In order of preference; PostgreSQL refuses to run as root. */
const UNPRIVILEGED: readonly string[] = ['postgres', 'nobody']

const accountNamed = (users: string, name: string): Account => {
  const fields = users
    .split('\n')
    .find((line) => line.startsWith(`${name}:`))
    ?.split(':')
  return fields === undefined ? null : { uid: Number(fields[2]), gid: Number(fields[3]) }
}

const unprivileged = async (): Promise<Account> => {
  const users = await readFile('/etc/passwd', 'utf8')
  const account = UNPRIVILEGED.map((name) => accountNamed(users, name)).find((found) => found !== null)
  if (account === undefined)
    throw new Error('PostgreSQL does not run as root, and /etc/passwd knows no postgres or nobody')
  return account
}

const ownerOf = async (folder: string): Promise<Account> => {
  const owner = await stat(folder).catch(() => null)
  return owner === null || owner.uid === 0 ? null : { uid: owner.uid, gid: owner.gid }
}

/** A database that exists is run by its owner: another image may number its users otherwise. */
export const accountFor = async (data: string): Promise<Account> =>
  process.getuid?.() === 0 ? ((await ownerOf(data)) ?? (await unprivileged())) : null

/**
 * A folder's name for a program whose working directory it is. Node changes directory before it changes user, and the
 * kernel's link needs no permission for what lies above: the user may be unable to reach the folder by its path.
 */
export const HERE = process.platform === 'linux' ? '/proc/self/cwd' : null

export interface Surroundings {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly uid?: number
  readonly gid?: number
}

/** Nothing of our environment: PG… variables would change what the programs do, and it may hold secrets. */
export const surroundings = (cwd: string, account: Account): Surroundings => ({
  ...{ cwd, env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } },
  ...account,
})

/** Runs a program to its end. @throws Error with what it wrote when it fails */
export const run = async (
  program: string,
  options: readonly string[],
  where: Surroundings,
  input = '',
): Promise<void> => {
  const running = promisify(execFile)(program, [...options], where)
  // A program that ends before it has read everything says why in its exit status.
  running.child.stdin?.on('error', () => {})
  running.child.stdin?.end(input)
  await running
}
