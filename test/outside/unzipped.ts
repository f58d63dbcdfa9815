import { createWriteStream, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { openPromise } from 'yauzl'

/** Unpacks a zip into a folder. */
export const unzipped = async (path: string, folder: string): Promise<void> => {
  const zip = await openPromise(path)
  try {
    for await (const entry of zip.eachEntry()) {
      mkdirSync(dirname(join(folder, entry.fileName)), { recursive: true })
      await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(join(folder, entry.fileName)))
    }
  } finally {
    zip.close()
  }
}
