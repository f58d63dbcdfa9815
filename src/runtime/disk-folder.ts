import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StudyFolder } from '../study/folder.ts'

export const UNFINISHED = '.part'

const missing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')

/** Flushes a folder's list of names. */
export const syncFolder = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const REFUSALS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the disk is read-only',
  EACCES: 'no permission',
  EIO: 'the disk reports an error',
}

/** The error of a refused write, told with the file it was for. */
const told = (error: unknown, path: string): unknown => {
  const reason = REFUSALS[(error as NodeJS.ErrnoException).code ?? '']
  return reason === undefined ? error : new Error(`${reason}; could not write ${path}`, { cause: error })
}

export const writeWhole = (path: string, bytes: Uint8Array | string): Promise<void> =>
  fillWhole(path, (handle) => handle.writeFile(bytes))

/** Write beside, flush, rename, flush the folder: after a crash the file is whole, old or absent. */
export const fillWhole = async (path: string, fill: (handle: FileHandle) => Promise<void>): Promise<void> => {
  const temporary = `${path}.${randomUUID()}${UNFINISHED}`
  try {
    await mkdir(dirname(path), { recursive: true })
    const handle = await open(temporary, 'w')
    try {
      await fill(handle)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw told(error, path)
  }
  await syncFolder(dirname(path))
}

/** Removes what killed processes were writing. Only for the holder of the folder's lock. */
export const sweepFolder = async (root: string): Promise<void> => {
  const names = await readdir(root, { recursive: true })
  await Promise.all(
    names.filter((name) => name.endsWith(UNFINISHED)).map((name) => rm(join(root, name), { force: true })),
  )
}

/** A study folder on disk. @verifiedBy test/runtime/disk-folder.test.ts */
export const diskFolder = (root: string): StudyFolder => ({
  read: async (path) => {
    try {
      return await readFile(join(root, path))
    } catch (error) {
      if (missing(error)) return null
      throw error
    }
  },
  write: (path, bytes) => writeWhole(join(root, path), bytes),
  list: async (path) => {
    try {
      return (await readdir(join(root, path))).filter((name) => !name.endsWith(UNFINISHED)).sort()
    } catch (error) {
      if (missing(error)) return []
      throw error
    }
  },
  remove: (path) => rm(join(root, path), { force: true }),
})
