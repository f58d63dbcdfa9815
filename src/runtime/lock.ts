import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InvalidInput } from '../numeric/errors.ts'

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/** Locks of this process: a lock file with our own number that is not among them is from an earlier life (containers reuse numbers). */
const held = new Set<string>()

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/** Makes the lock with its content in one step, so that nobody ever reads an empty one. */
const take = async (path: string): Promise<boolean> => {
  const own = `${path}.${process.pid}`
  try {
    await writeFile(own, String(process.pid))
    await link(own, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    await rm(own, { force: true })
  }
}

const ownerOf = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}

/** Removes the lock of an owner that is gone; puts it back if another process was faster and the lock is a new one. */
const discard = async (path: string, owner: string): Promise<void> => {
  const aside = `${path}.${process.pid}.stale`
  try {
    await rename(path, aside)
    if ((await readFile(aside, 'utf8')) !== owner) await link(aside, path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'EEXIST') throw error
  } finally {
    await rm(aside, { force: true })
  }
}

const inUse = (path: string, owner: string): boolean => {
  const pid = Number(owner)
  return pid === process.pid ? held.has(path) : pid > 0 && alive(pid)
}

const NOT_A_FOLDER: readonly (string | undefined)[] = ['EEXIST', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS', 'ENAMETOOLONG']

const makeFolder = async (root: string): Promise<void> => {
  try {
    await mkdir(root, { recursive: true })
  } catch (error) {
    if (!NOT_A_FOLDER.includes(codeOf(error))) throw error
    throw InvalidInput.of('--out', 'a folder that can be made and written', `${root} (${(error as Error).message})`)
  }
}

const ATTEMPTS = 10

/**
 * One process per study folder: two writers would redo each other's chunks. A lock whose process is gone (kill -9) is taken over.
 * @returns a function that releases it
 * @throws InvalidInput when another live process holds it, or there can be no such folder
 * @verifiedBy test/runtime/lock.test.ts
 */
export const lockFolder = async (root: string): Promise<() => Promise<void>> => {
  await makeFolder(root)
  const path = join(resolve(root), '.lock')
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await take(path)) {
      held.add(path)
      return async () => {
        held.delete(path)
        await rm(path, { force: true })
      }
    }
    const owner = await ownerOf(path)
    if (owner === null) continue
    if (inUse(path, owner))
      throw InvalidInput.of('--out', 'a folder that no other run is using', `${root}, in use by process ${owner}`)
    await discard(path, owner)
  }
  throw InvalidInput.of('--out', 'a folder that no other run is using', `${root}, which others keep taking`)
}
