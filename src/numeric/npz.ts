import { unzipSync, zipSync } from 'fflate'
import { InvalidInput } from './errors.ts'

/** An array as NumPy stores it, C order: the last index runs fastest. */
export interface NpyArray {
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array
}

const TYPES = {
  '<f4': Float32Array,
  '<f8': Float64Array,
  '<i4': Int32Array,
  '<i8': BigInt64Array,
} as const
type Descriptor = keyof typeof TYPES

const descriptorOf = (data: NpyArray['data']): Descriptor => {
  const found = Object.entries(TYPES).find(([, type]) => data instanceof type)
  if (found === undefined) throw new TypeError(`no NumPy type for ${Object.prototype.toString.call(data)}`)
  return found[0] as Descriptor
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1)
const MAGIC = '\x93NUMPY\x01\x00'
const PREFIX = MAGIC.length + 2
const ALIGN = 64

/**
 * One array as an .npy file (format 1.0, little-endian, C order).
 * @throws RangeError when the shape does not fit the data
 * @source NumPy, "NEP 1: a simple file format for NumPy arrays"
 * @verifiedBy test/numeric/npz.test.ts (files NumPy wrote, and NumPy reading ours where it is installed)
 */
export const writeNpy = ({ shape, data }: NpyArray): Uint8Array => {
  if (sizeOf(shape) !== data.length) throw new RangeError(`shape [${shape}] does not hold ${data.length} numbers`)
  const header = npyHeader(descriptorOf(data), shape)
  const bytes = new Uint8Array(header.length + data.byteLength)
  bytes.set(header)
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length)
  return bytes
}

/** What stands before the numbers of an .npy file: for those that are written piece by piece. */
export const npyHeader = (descriptor: Descriptor, shape: readonly number[]): Uint8Array => {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  const dict = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${tuple}, }`
  const length = Math.ceil((PREFIX + dict.length + 1) / ALIGN) * ALIGN - PREFIX
  const bytes = new Uint8Array(PREFIX + length)
  bytes.set(Buffer.from(MAGIC, 'latin1'))
  new DataView(bytes.buffer).setUint16(MAGIC.length, length, true)
  bytes.set(Buffer.from(`${dict.padEnd(length - 1)}\n`, 'latin1'), PREFIX)
  return bytes
}

/**
 * Reads an .npy file of type f4, f8, i4 or i8, little-endian, C order.
 * @param name what to call the file in messages
 * @throws InvalidInput for another file, another type, Fortran order, or a file that is too short
 */
export const readNpy = (bytes: Uint8Array, name: string): NpyArray => {
  const text = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString('latin1')
  if (text(0, 6) !== MAGIC.slice(0, 6)) throw InvalidInput.of(name, 'an .npy array', 'another kind of file')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const wide = bytes[6] > 1
  const start = wide ? 12 : 10
  const body = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true))
  const header = text(start, body)
  const { descriptor, shape } = parseHeader(header, name)
  const type = TYPES[descriptor]
  const end = body + sizeOf(shape) * type.BYTES_PER_ELEMENT
  if (end > bytes.length)
    throw InvalidInput.of(name, `${end} bytes for shape [${shape}]`, `${bytes.length} bytes, truncated`)
  // A copy starts at an aligned address, which the view into a zip need not; a Buffer's own slice would be a view.
  return { shape, data: new type(Uint8Array.prototype.slice.call(bytes, body, end).buffer) }
}

const parseHeader = (header: string, name: string): { descriptor: Descriptor; shape: readonly number[] } => {
  const descriptor = /'descr':\s*'([^']*)'/.exec(header)?.[1]
  const tuple = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1]
  if (descriptor === undefined || !Object.hasOwn(TYPES, descriptor)) {
    throw InvalidInput.of(name, `an array of type ${Object.keys(TYPES).join(', ')}`, descriptor ?? 'another type')
  }
  if (tuple === undefined) throw InvalidInput.of(name, 'a shape in the header', header.trim())
  const shape = tuple
    .split(',')
    .filter((n) => n.trim() !== '')
    .map(Number)
  if (/'fortran_order':\s*True/.test(header) && shape.length > 1) {
    throw InvalidInput.of(name, 'C order (numpy.ascontiguousarray)', 'Fortran order')
  }
  return { descriptor: descriptor as Descriptor, shape }
}

/** Zip entries carry a fixed local date, so that equal arrays give equal bytes. */
const EPOCH = new Date(1980, 0, 1)
/** A zip without its 64-bit extension ends here. */
const LIMIT = 2 ** 32 - 1

/**
 * Named arrays as an .npz file, stored without compression: what `numpy.load` and `numpy.savez` use.
 * @throws RangeError when the file would exceed 4 GiB
 */
export const writeNpz = (arrays: Readonly<Record<string, NpyArray>>): Uint8Array => {
  const files = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, writeNpy(array)] as const)
  const total = files.reduce((sum, [, bytes]) => sum + bytes.length + 1024, 0)
  if (total > LIMIT) throw new RangeError(`an .npz of ${total} bytes exceeds the 4 GiB of a plain zip file`)
  return zipSync(Object.fromEntries(files), { level: 0, mtime: EPOCH })
}

/**
 * Reads an .npz file, compressed or not, into its arrays by name.
 * @param name what to call the file in messages
 * @throws InvalidInput for a file that is no zip, or an array that {@link readNpy} refuses
 */
export const readNpz = (bytes: Uint8Array, name: string): ReadonlyMap<string, NpyArray> => {
  const files = unzipped(bytes, name)
  return new Map(
    Object.entries(files).map(([file, content]) => [file.replace(/\.npy$/, ''), readNpy(content, `${name}:${file}`)]),
  )
}

const unzipped = (bytes: Uint8Array, name: string): Record<string, Uint8Array> => {
  try {
    return unzipSync(bytes)
  } catch (error) {
    throw InvalidInput.of(name, 'an .npz file (a zip of .npy arrays)', error instanceof Error ? error.message : error)
  }
}
