import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { StudyFolder } from '../study/folder.ts'

const missing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

const syncFolder = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Write beside, flush, rename, flush the folder: after a crash the file is whole, old or absent. */
const writeWhole = async (path: string, bytes: Uint8Array | string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}.part`
  try {
    const handle = await open(temporary, 'w')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(dirname(path))
}

/** A study folder on disk. */
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
      return (await readdir(join(root, path))).filter((name) => !name.endsWith('.part')).sort()
    } catch (error) {
      if (missing(error)) return []
      throw error
    }
  },
  remove: (path) => rm(join(root, path), { force: true }),
})
