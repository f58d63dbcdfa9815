import { InvalidInput } from '../numeric/errors.ts'

/** Where a study's files rest. Paths are relative, with `/`. The file system's is in runtime/. */
export interface StudyFolder {
  /** The file's bytes, or null when there is none. */
  read(path: string): Promise<Uint8Array | null>
  /** Whole or not at all: written beside, flushed to disk, renamed. */
  write(path: string, bytes: Uint8Array | string): Promise<void>
  /** File names in a folder, ascending; none when there is no such folder. */
  list(path: string): Promise<readonly string[]>
  remove(path: string): Promise<void>
}

const text = new TextDecoder()

/** @throws InvalidInput for a file that is no JSON: writes are whole, so somebody changed it */
export const readJson = async (folder: StudyFolder, path: string): Promise<unknown> => {
  const bytes = await folder.read(path)
  if (bytes === null) return null
  try {
    return JSON.parse(text.decode(bytes))
  } catch (error) {
    throw InvalidInput.of(path, 'JSON, as it was written', (error as Error).message)
  }
}

export const writeJson = (folder: StudyFolder, path: string, value: unknown): Promise<void> =>
  folder.write(path, `${JSON.stringify(value, null, 2)}\n`)
