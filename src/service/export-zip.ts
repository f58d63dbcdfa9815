import type { Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import type { Context } from './context.ts'
import { filesOf } from './results.ts'

/** One date for all entries: the same files give the same bytes. */
const DATE = new Date('2000-01-01T00:00:00Z')

/** The study folder of a job as a zip, made while it is read. Entries are stored, not squeezed: what is in them is numbers. */
export const exportZip = async (context: Context, job: string): Promise<Readable> => {
  const zip = new ZipFile()
  for (const { path, sha256, size } of await filesOf(context, job))
    zip.addReadStreamLazy(path, { mtime: DATE, compress: false, size }, (done) =>
      done(null, context.blobs.stream(sha256)),
    )
  zip.end()
  return zip.outputStream as unknown as Readable
}
