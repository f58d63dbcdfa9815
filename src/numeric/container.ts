import { createHash } from 'node:crypto'
import { InvalidInput } from './errors.ts'

/**
 * One file for a tree of plain data with typed arrays in it: a magic word, the length of a JSON header, the sha256 of all that
 * follows, the header (the tree, with typed arrays and numbers that JSON lacks replaced by references), then the arrays'
 * bytes, little-endian, 8-byte aligned. Reading checks the hash.
 */
const MAGIC = 'NESTWAV1'
const LENGTH_AT = 8
const HASH_AT = 16
const PREFIX = HASH_AT + 32

const TYPES = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u8: Uint8Array } as const
type Code = keyof typeof TYPES
type Packed = Float32Array | Float64Array | Int32Array | Uint8Array

interface Reference {
  readonly $array: Code
  readonly offset: number
  readonly length: number
}

const codeOf = (array: Packed): Code => (Object.keys(TYPES) as Code[]).find((code) => array instanceof TYPES[code])!
const isPacked = (value: unknown): value is Packed => Object.values(TYPES).some((type) => value instanceof type)
const isReference = (value: unknown): value is Reference =>
  typeof value === 'object' && value !== null && '$array' in value
const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8

/** Structured data of any shape → bytes. Equal data gives equal bytes. */
export const pack = (data: unknown): Uint8Array => {
  const arrays: Packed[] = []
  let offset = 0
  const replace = (value: unknown): unknown => {
    if (isPacked(value)) {
      const reference: Reference = { $array: codeOf(value), offset, length: value.length }
      arrays.push(value)
      offset += aligned(value.byteLength)
      return reference
    }
    if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
    if (Array.isArray(value)) return value.map(replace)
    if (value !== null && typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, replace(v)]))
    return value
  }
  const tree = replace(data)
  const body = new Uint8Array(offset)
  let at = 0
  for (const array of arrays) {
    body.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += aligned(array.byteLength)
  }
  return assemble(tree, body)
}

const assemble = (tree: unknown, body: Uint8Array): Uint8Array => {
  const header = new TextEncoder().encode(JSON.stringify(tree))
  const start = aligned(PREFIX + header.length)
  const file = new Uint8Array(start + body.length)
  file.set(new TextEncoder().encode(MAGIC))
  new DataView(file.buffer).setUint32(LENGTH_AT, header.length, true)
  file.set(header, PREFIX)
  file.set(body, start)
  file.set(digest(file), HASH_AT)
  return file
}

/** sha256 of the header's length and of all that follows the hash. */
const digest = (file: Uint8Array): Uint8Array =>
  createHash('sha256').update(file.subarray(LENGTH_AT, HASH_AT)).update(file.subarray(PREFIX)).digest()

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/**
 * Bytes → the data that {@link pack} took.
 * @throws InvalidInput when the file is not one of ours, cut short, or its bytes do not match their hash
 */
export const unpack = (file: Uint8Array, path: string): unknown => {
  const text = new TextDecoder()
  if (file.length < PREFIX || text.decode(file.subarray(0, LENGTH_AT)) !== MAGIC)
    throw InvalidInput.of(path, `a file that starts with ${MAGIC}`, `${file.length} bytes of something else`)
  const [expected, received] = [hex(file.subarray(HASH_AT, PREFIX)), hex(digest(file))]
  if (expected !== received)
    throw InvalidInput.of(path, `bytes with sha256 ${expected}`, `${file.length} bytes with ${received}`)
  const headerLength = new DataView(file.buffer, file.byteOffset).getUint32(LENGTH_AT, true)
  const tree = JSON.parse(text.decode(file.subarray(PREFIX, PREFIX + headerLength)))
  // A copy (a Buffer's own slice is a view): typed arrays need an aligned buffer, and the caller may transfer them.
  return restore(tree, Uint8Array.prototype.slice.call(file, aligned(PREFIX + headerLength)))
}

const restore = (value: unknown, body: Uint8Array): unknown => {
  if (isReference(value))
    return new TYPES[value.$array](body.buffer as ArrayBuffer, body.byteOffset + value.offset, value.length)
  if (Array.isArray(value)) return value.map((v) => restore(v, body))
  if (value !== null && typeof value === 'object' && '$number' in value) return Number(value.$number)
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, restore(v, body)]))
  return value
}
