import { createHash } from 'node:crypto'
import { InvalidInput } from '../numeric/errors.ts'
import { type NamedTensor, readSafetensors, writeSafetensors } from '../numeric/safetensors.ts'
import { checkShapes, joinTree, type Shapes, splitTree } from '../numeric/tensor-tree.ts'

/** Rises when a file's content is laid out in another way. */
const FORMAT_VERSION = '1'

/** What a file holds: its name in messages, and how its data and their shapes belong together. */
export interface TensorFormat<T> {
  /** 'nestwave-generator', … */
  readonly format: string
  readonly shapesOf: (data: T) => Shapes
}

/** sha256 of the plain part and of every tensor, in the order of their names: any other order in the file is as good. */
const digestOf = (plain: string, tensors: Readonly<Record<string, NamedTensor>>): string => {
  const hash = createHash('sha256').update(plain)
  for (const name of Object.keys(tensors).sort()) {
    const { shape, data } = tensors[name]
    hash.update(`\n${name} [${shape}]\n`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return hash.digest('hex')
}

/** A tree of plain data as a safetensors file: arrays as tensors, the rest as JSON in the metadata. */
export const tensorFile = <T>({ format, shapesOf }: TensorFormat<T>, data: T): Uint8Array => {
  const { plain, tensors } = splitTree(data, shapesOf(data))
  const text = JSON.stringify(plain)
  const sha256 = digestOf(text, tensors)
  return writeSafetensors({ tensors, metadata: { format, version: FORMAT_VERSION, sha256, plain: text } })
}

const expectText = (path: string, what: string, expected: string, received: string | undefined): void => {
  if (received !== expected) throw InvalidInput.of(path, `${what} ${expected}`, received ?? 'none')
}

/**
 * The data that {@link tensorFile} took, to the last bit.
 * @throws InvalidInput for a file of another format, version, hash or shape
 * @verifiedBy test/study/model-files.test.ts
 */
export const dataOfTensorFile = <T>({ format, shapesOf }: TensorFormat<T>, file: Uint8Array, path: string): T => {
  const { tensors, metadata } = readSafetensors(file, path)
  expectText(path, 'a file of format', format, metadata['format'])
  expectText(path, 'version', FORMAT_VERSION, metadata['version'])
  const text = metadata['plain'] ?? ''
  expectText(path, 'content with sha256', metadata['sha256'] ?? 'in its metadata', digestOf(text, tensors))
  const data = joinTree({ plain: JSON.parse(text), tensors }, path) as T
  checkShapes(tensors, shapesOf(data), path)
  return data
}
