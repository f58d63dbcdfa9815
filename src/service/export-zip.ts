import type { PassThrough, Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import type { Context } from './context.ts'
import { filesOf } from './results.ts'

/** One date for all entries: the same files give the same bytes. */
const DATE = new Date('2000-01-01T00:00:00Z')

/** The study folder of a job as a zip, made while it is read. Entries are stored, not squeezed: what is in them is numbers. */
export const exportZip = async (context: Context, job: string): Promise<Readable> => {
  const zip = new ZipFile()
  const out = zip.outputStream as PassThrough
  // A file that is gone or cut short. Nobody else listens to these errors, which would end the process.
  const breakOff = (error: unknown): void => void out.destroy(error as Error)
  let reading: Readable | null = null
  for (const { path, sha256, size } of await filesOf(context, job))
    zip.addReadStreamLazy(path, { mtime: DATE, compress: false, size }, (done) => {
      reading = context.blobs.stream(sha256).on('error', breakOff)
      done(null, reading)
    })
  zip.on('error', breakOff)
  // Whoever reads may leave in the middle of a file.
  out.on('close', () => reading?.destroy())
  zip.end()
  return out
}
