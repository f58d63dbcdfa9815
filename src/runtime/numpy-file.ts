import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { npyHeader } from '../numeric/npz.ts'
import { fillWhole } from './disk-folder.ts'

/** A matrix [n, columns] whose rows come in blocks: it never is in memory as a whole. */
export interface StreamedMatrix {
  readonly shape: readonly [rows: number, columns: number]
  blocks(): AsyncIterable<Float64Array>
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array | Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)

async function* npyBytes({ shape, blocks }: StreamedMatrix): AsyncGenerator<Buffer> {
  yield bytesOf(npyHeader('<f8', shape))
  let numbers = 0
  for await (const block of blocks()) {
    numbers += block.length
    yield bytesOf(block)
  }
  if (numbers !== shape[0] * shape[1]) throw new RangeError(`shape [${shape}] does not hold ${numbers} numbers`)
}

/** An .npy file, written block by block; whole or not there at all. @verifiedBy test/runtime/numpy-file.test.ts */
export const writeNpyFile = (path: string, matrix: StreamedMatrix): Promise<void> =>
  fillWhole(path, async (handle) => {
    for await (const bytes of npyBytes(matrix)) await handle.writeFile(bytes)
  })

/** Zip entries carry a fixed local date, so that equal arrays give equal bytes. */
const EPOCH = new Date(1980, 0, 1)

const sizeOf = ({ shape }: StreamedMatrix): number => npyHeader('<f8', shape).length + 8 * shape[0] * shape[1]

/** An .npz file of named matrices, stored without compression, of any size; one is written after the other. */
export const writeNpzFile = (path: string, matrices: Readonly<Record<string, StreamedMatrix>>): Promise<void> =>
  fillWhole(path, async (handle) => {
    const zip = new ZipFile()
    const failed = new Promise<never>((_, reject) => zip.on('error', reject))
    for (const [name, matrix] of Object.entries(matrices)) {
      const stream = Readable.from(npyBytes(matrix), { objectMode: false })
      stream.on('error', (error) => zip.emit('error', error))
      zip.addReadStream(stream, `${name}.npy`, { compress: false, size: sizeOf(matrix), mtime: EPOCH })
    }
    zip.end()
    const written = pipeline(zip.outputStream as Readable, async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) await handle.writeFile(chunk)
    })
    await Promise.race([written, failed])
  })
