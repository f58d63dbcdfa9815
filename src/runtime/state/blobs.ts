import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { sha256 } from '../../study/canonical.ts'
import { syncFolder, writeWhole } from '../disk-folder.ts'

export interface Blob {
  readonly sha256: string
  readonly size: number
}

/** Bytes addressed by their sha256. The disk's is here; an object store can implement the same. */
export interface BlobStore {
  /** Whole and flushed before it returns; the same content again costs nothing. */
  put(bytes: Uint8Array): Promise<Blob>
  /** @throws TooLarge past `limit` bytes */
  putStream(source: Readable, limit: number): Promise<Blob>
  /** @throws Damaged when there is no such content, or the disk changed it; what is changed is removed, so that it can be put again */
  read(sha256: string): Promise<Uint8Array>
  /** Bytes [start, end] of it. */
  stream(sha256: string, range?: { readonly start: number; readonly end: number }): Readable
  remove(sha256: string): Promise<void>
  list(): AsyncIterable<{ readonly sha256: string; readonly touched: Date; readonly size: number }>
}

export class Damaged extends Error {
  override readonly name = 'Damaged'
}

export class TooLarge extends Error {
  override readonly name = 'TooLarge'
}

const NAME = /^[0-9a-f]{64}$/

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const measured = (limit: number) => {
  const hash = createHash('sha256')
  let size = 0
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      hash.update(chunk)
      done(size > limit ? new TooLarge(`more than ${limit} bytes`) : null, chunk)
    },
  })
  return { through, result: (): Blob => ({ sha256: hash.digest('hex'), size }) }
}

/**
 * A folder of files named by their content: written beside, flushed, renamed. A file that is there already is touched, so
 * that the sweep of unused ones (see {@link sweepBlobs}) spares what is about to be used.
 * @verifiedBy test/runtime/blobs.test.ts
 */
export const diskBlobs = (root: string): BlobStore => {
  const pathOf = (name: string): string => {
    if (!NAME.test(name)) throw new Error(`not a sha256: ${name}`)
    return join(root, name.slice(0, 2), name)
  }
  const settle = async (temporary: string, name: string): Promise<void> => {
    const path = pathOf(name)
    await mkdir(join(root, name.slice(0, 2)), { recursive: true })
    await rename(temporary, path)
    await syncFolder(join(root, name.slice(0, 2)))
  }
  const aside = async (): Promise<string> => {
    await mkdir(join(root, 'incoming'), { recursive: true })
    return join(root, 'incoming', randomUUID())
  }
  const touch = async (name: string): Promise<boolean> => {
    if (!(await exists(pathOf(name)))) return false
    const now = new Date()
    return utimes(pathOf(name), now, now).then(
      () => true,
      () => false,
    )
  }
  return {
    put: async (bytes) => {
      const name = sha256(bytes)
      if (await touch(name)) return { sha256: name, size: bytes.length }
      await writeWhole(pathOf(name), bytes)
      return { sha256: name, size: bytes.length }
    },
    putStream: async (source, limit) => {
      const temporary = await aside()
      const { through, result } = measured(limit)
      try {
        await pipeline(source, through, createWriteStream(temporary, { flags: 'wx', flush: true }))
        const blob = result()
        await settle(temporary, blob.sha256)
        return blob
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },
    read: async (name) => {
      const path = pathOf(name)
      const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
        throw error.code === 'ENOENT' ? new Damaged(`${path} is gone`) : error
      })
      if (sha256(bytes) === name) return bytes
      await rm(path, { force: true })
      throw new Damaged(`${path} is damaged: its content is no longer ${name}`)
    },
    stream: (name, range) => createReadStream(pathOf(name), range ?? {}),
    remove: (name) => rm(pathOf(name), { force: true }),
    list: async function* () {
      for (const folder of await readdir(root).catch(() => [])) {
        if (folder.length !== 2 && folder !== 'incoming') continue
        for (const name of await readdir(join(root, folder))) {
          const found = await stat(join(root, folder, name)).catch(() => null)
          if (found && NAME.test(name)) yield { sha256: name, touched: found.mtime, size: found.size }
          // What a killed process was writing.
          else if (found && Date.now() - found.mtimeMs > 86_400_000) await rm(join(root, folder, name), { force: true })
        }
      }
    },
  }
}
