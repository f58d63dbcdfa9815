import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { InvalidInput } from '../numeric/errors.ts'
import type { StudyFolder } from '../study/folder.ts'

/** A study folder that holds on to a file. */
export interface ZipFolder extends StudyFolder {
  close(): void
}

/** byte; far above any file that is read whole, far below what fills the memory */
const LARGEST = 2 ** 30

const STUDY = /^(.*\/)?study\.json$/

const damaged = (path: string, error: unknown): InvalidInput =>
  InvalidInput.of('inspect', 'a zip file as it was exported', `${path} (${(error as Error).message})`)

const entriesOf = async (zip: ZipFile): Promise<Map<string, Entry>> => {
  const entries = new Map<string, Entry>()
  for await (const entry of zip.eachEntry()) if (!entry.fileName.endsWith('/')) entries.set(entry.fileName, entry)
  return entries
}

/** Programs that unpack and pack again put everything below one folder: the study lies where study.json is, nearest the top. */
const rootOf = (names: readonly string[]): string => {
  const roots = names.flatMap((name) => STUDY.exec(name)?.slice(1) ?? []).map((root) => root ?? '')
  return roots.reduce((a, b) => (b.length < a.length ? b : a), roots[0] ?? '')
}

/** Names of the files in a folder, not of those further down. */
const namesIn = (names: readonly string[], folder: string): string[] =>
  names
    .filter((name) => name.startsWith(folder))
    .map((name) => name.slice(folder.length))
    .map((rest) => rest.split('/')[0])

/** The reader checks sizes, and leaves the checksum to us. */
const unpacked = async (zip: ZipFile, entry: Entry): Promise<Uint8Array> => {
  const bytes = await buffer(await zip.openReadStreamPromise(entry))
  if (crc32(bytes) !== entry.crc32) throw new Error(`${entry.fileName} has another checksum`)
  return bytes
}

const readEntry = async (zip: ZipFile, entry: Entry, path: string): Promise<Uint8Array> => {
  if (entry.uncompressedSize > LARGEST)
    throw damaged(path, new Error(`${entry.fileName} holds ${entry.uncompressedSize} bytes`))
  try {
    return await unpacked(zip, entry)
  } catch (error) {
    throw damaged(path, error)
  }
}

const readOnly = (path: string) => async (): Promise<never> => {
  throw new Error(`${path} is a zip file, which is only read`)
}

/**
 * An exported job as a study folder that cannot be written.
 * @throws InvalidInput for a file that is no zip, or a damaged one
 * @verifiedBy test/runtime/zip-folder.test.ts
 */
export const openZipFolder = async (path: string): Promise<ZipFolder> => {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false }).catch((error) => {
    throw damaged(path, error)
  })
  const entries = await entriesOf(zip).catch((error) => {
    zip.close()
    throw damaged(path, error)
  })
  const names = [...entries.keys()]
  const root = rootOf(names)
  return {
    read: async (file) => {
      const entry = entries.get(root + file)
      return entry === undefined ? null : readEntry(zip, entry, path)
    },
    list: async (folder) => [...new Set(namesIn(names, `${root}${folder}/`))].sort(),
    write: readOnly(path),
    remove: readOnly(path),
    close: () => zip.close(),
  }
}
