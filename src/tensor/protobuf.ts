/**
 * The little of Protocol Buffers that writing ONNX needs: a message is the concatenation of its fields.
 * @source Protocol Buffers documentation, "Encoding"
 */
export type Bytes = Uint8Array

const VARINT = 0
const LENGTH_DELIMITED = 2
const FIXED32 = 5

const varint = (value: number): number[] => {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return [...bytes, rest]
}
const tag = (field: number, wireType: number): number[] => varint(field * 8 + wireType)

export const message = (...fields: readonly Bytes[]): Bytes => Buffer.concat(fields)

/** @param value non-negative, below 2^53 */
export const integerField = (field: number, value: number): Bytes =>
  Uint8Array.from([...tag(field, VARINT), ...varint(value)])
export const floatField = (field: number, value: number): Bytes =>
  message(Uint8Array.from(tag(field, FIXED32)), bytesOf(Float32Array.of(value)))
export const bytesField = (field: number, bytes: Bytes): Bytes =>
  message(Uint8Array.from([...tag(field, LENGTH_DELIMITED), ...varint(bytes.length)]), bytes)
export const textField = (field: number, text: string): Bytes => bytesField(field, Buffer.from(text, 'utf8'))

/** Little-endian memory of a typed array, not copied (every platform Node supports here is little-endian). */
export const bytesOf = (array: Float32Array | BigInt64Array): Bytes =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
