import { readFile } from 'node:fs/promises'

/** The JSON of a file that an earlier run wrote, if there is one. */
export const foundResult = async <T>(path: string): Promise<T | undefined> => {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
