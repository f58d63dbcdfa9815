import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidInput } from '../numeric/errors.ts'

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const take = async (path: string): Promise<boolean> => {
  try {
    const handle = await open(path, 'wx')
    await handle.writeFile(String(process.pid))
    await handle.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * One process per study folder: two writers would redo each other's chunks. A lock whose process is gone (kill -9) is taken over.
 * @returns a function that releases it
 * @throws InvalidInput when another live process holds it
 */
export const lockFolder = async (root: string): Promise<() => Promise<void>> => {
  await mkdir(root, { recursive: true })
  const path = join(root, '.lock')
  if (!(await take(path))) {
    const owner = Number(await readFile(path, 'utf8'))
    if (owner !== process.pid && owner > 0 && alive(owner))
      throw InvalidInput.of('--out', 'a folder that no other run is using', `${root}, in use by process ${owner}`)
    await rm(path, { force: true })
    if (!(await take(path))) throw InvalidInput.of('--out', 'a folder that no other run is using', root)
  }
  return () => rm(path, { force: true })
}
