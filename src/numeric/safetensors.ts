import { InvalidInput } from './errors.ts'

/** Element types that we write; the format knows more. */
const TYPES = { F64: Float64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const
type Code = keyof typeof TYPES
export type TensorArray = Float64Array | Float32Array | Int32Array | Uint8Array

/** An array with its shape, row-major. */
export interface NamedTensor {
  readonly shape: readonly number[]
  readonly data: TensorArray
}

export interface SafeTensors {
  readonly tensors: Readonly<Record<string, NamedTensor>>
  /** Texts that travel with the tensors. */
  readonly metadata: Readonly<Record<string, string>>
}

interface Entry {
  readonly dtype: Code
  readonly shape: readonly number[]
  readonly data_offsets: readonly [begin: number, end: number]
}

const PREFIX = 8
const METADATA = '__metadata__'

export const isTensorArray = (value: unknown): value is TensorArray =>
  Object.values(TYPES).some((type) => value instanceof type)
const codeOf = (array: TensorArray): Code => (Object.keys(TYPES) as Code[]).find((c) => array instanceof TYPES[c])!
const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1)
const bytesOf = (array: TensorArray): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/**
 * Tensors → one file: 8 bytes little-endian length of a JSON header, the header (padded by spaces), the bytes. Wide elements come first, so that
 * every array is aligned without holes, which the format forbids. Equal content gives equal bytes.
 * @throws InvalidInput for an array whose length is not that of its shape
 * @source Hugging Face, "Safetensors: format" (huggingface.co/docs/safetensors)
 * @verifiedBy test/numeric/safetensors.test.ts, test/outside/model-export.test.ts (a reader in Python)
 */
export const writeSafetensors = ({ tensors, metadata }: SafeTensors): Uint8Array => {
  const width = ([, { data }]: readonly [string, NamedTensor]): number => data.BYTES_PER_ELEMENT
  const ordered = Object.entries(tensors).sort((a, b) => width(b) - width(a))
  const header: Record<string, unknown> = { [METADATA]: metadata }
  let end = 0
  for (const [name, { shape, data }] of ordered) {
    if (data.length !== sizeOf(shape)) throw InvalidInput.of(name, `${sizeOf(shape)} values`, data.length)
    header[name] = { dtype: codeOf(data), shape, data_offsets: [end, end + data.byteLength] } satisfies Entry
    end += data.byteLength
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const start = PREFIX + Math.ceil(text.length / 8) * 8
  const file = new Uint8Array(start + end).fill(0x20, PREFIX, start)
  new DataView(file.buffer).setBigUint64(0, BigInt(start - PREFIX), true)
  file.set(text, PREFIX)
  for (const [name, { data }] of ordered) file.set(bytesOf(data), start + (header[name] as Entry).data_offsets[0])
  return file
}

const isEntry = (value: unknown): value is Entry => {
  const { dtype, shape, data_offsets } = (value ?? {}) as Partial<Entry>
  const whole = (list: unknown): boolean => Array.isArray(list) && list.every((n) => Number.isInteger(n) && n >= 0)
  return typeof dtype === 'string' && Object.hasOwn(TYPES, dtype) && whole(shape) && whole(data_offsets)
}

const headerOf = (file: Uint8Array, path: string): { header: Record<string, unknown>; start: number } => {
  const refused = (received: string): InvalidInput => InvalidInput.of(path, 'a safetensors file', received)
  if (file.length < PREFIX) throw refused(`${file.length} bytes`)
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
  if (length > file.length - PREFIX) throw refused(`${file.length} bytes, cut short or something else`)
  try {
    const header = JSON.parse(new TextDecoder().decode(file.subarray(PREFIX, PREFIX + length)))
    if (typeof header !== 'object' || header === null) throw new Error('no object')
    return { header, start: PREFIX + length }
  } catch (error) {
    throw refused(`a header that is not JSON (${(error as Error).message})`)
  }
}

/**
 * One file → its tensors, copied out.
 * @param path how messages call the file
 * @throws InvalidInput for something else, a file that is cut short, an element type that we do not use, bytes that do not fit the shapes
 */
export const readSafetensors = (file: Uint8Array, path: string): SafeTensors => {
  const { header, start } = headerOf(file, path)
  const { [METADATA]: metadata = {}, ...entries } = header
  const tensors: Record<string, NamedTensor> = {}
  let covered = 0
  for (const [name, entry] of Object.entries(entries)) {
    if (!isEntry(entry))
      throw InvalidInput.of(
        `${path}: ${name}`,
        `dtype (${Object.keys(TYPES).join(', ')}), shape, data_offsets`,
        shown(entry),
      )
    const { dtype, shape, data_offsets } = entry
    const [begin, end] = data_offsets
    const type = TYPES[dtype]
    const needed = sizeOf(shape) * type.BYTES_PER_ELEMENT
    if (end - begin !== needed || start + end > file.length)
      throw InvalidInput.of(
        `${path}: ${name}`,
        `${needed} bytes of the file for ${dtype} [${shape}]`,
        `${begin} to ${end}`,
      )
    covered += needed
    // A copy: the place in the file need not be aligned.
    const { buffer } = Uint8Array.prototype.slice.call(file, start + begin, start + end)
    tensors[name] = { shape, data: new type(buffer as ArrayBuffer) }
  }
  if (covered !== file.length - start)
    throw InvalidInput.of(path, `${covered} bytes after the header`, file.length - start)
  return { tensors, metadata: metadata as Record<string, string> }
}

const shown = (value: unknown): string => JSON.stringify(value)?.slice(0, 100) ?? 'nothing'
