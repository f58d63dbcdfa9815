import { describe, expect, it } from 'vitest'
import { readSafetensors, type SafeTensors, writeSafetensors } from '../../src/numeric/safetensors.ts'
import { checkShapes, joinTree, splitTree } from '../../src/numeric/tensor-tree.ts'

const CONTENT: SafeTensors = {
  tensors: {
    bytes: { shape: [3], data: Uint8Array.of(1, 2, 255) },
    weights: { shape: [2, 2], data: Float32Array.of(1.5, -2, Number.NaN, 0.1) },
    'a.b': { shape: [], data: Float64Array.of(Math.PI) },
    none: { shape: [0], data: new Float64Array(0) },
    steps: { shape: [1, 2], data: Int32Array.of(-7, 7) },
  },
  metadata: { format: 'test', note: 'θ' },
}
const file = writeSafetensors(CONTENT)
const headerLength = Number(new DataView(file.buffer).getBigUint64(0, true))
const headerText = new TextDecoder().decode(file.subarray(8, 8 + headerLength))

/** The same bytes under another header. */
const withHeader = (text: string): Uint8Array => {
  const header = new TextEncoder().encode(text)
  const out = new Uint8Array(8 + header.length + file.length - 8 - headerLength)
  new DataView(out.buffer).setBigUint64(0, BigInt(header.length), true)
  out.set(header, 8)
  out.set(file.subarray(8 + headerLength), 8 + header.length)
  return out
}

describe('a safetensors file', () => {
  it('gives back what was written, wherever it lies in memory', () => {
    expect(readSafetensors(file, 'x')).toEqual(CONTENT)
    const moved = new Uint8Array(file.length + 3)
    moved.set(file, 3)
    expect(readSafetensors(moved.subarray(3), 'x')).toEqual(CONTENT)
  })

  it('is laid out as the format says: an aligned header, wide elements first, no holes', () => {
    expect((8 + headerLength) % 8).toBe(0)
    const { __metadata__: metadata, ...entries } = JSON.parse(headerText)
    expect(metadata).toEqual(CONTENT.metadata)
    expect(entries).toEqual({
      'a.b': { dtype: 'F64', shape: [], data_offsets: [0, 8] },
      none: { dtype: 'F64', shape: [0], data_offsets: [8, 8] },
      weights: { dtype: 'F32', shape: [2, 2], data_offsets: [8, 24] },
      steps: { dtype: 'I32', shape: [1, 2], data_offsets: [24, 32] },
      bytes: { dtype: 'U8', shape: [3], data_offsets: [32, 35] },
    })
    expect(file.length).toBe(8 + headerLength + 35)
    expect(new DataView(file.buffer).getFloat64(8 + headerLength, true)).toBe(Math.PI)
  })

  it('is the same bytes for the same content', () => expect(writeSafetensors(CONTENT)).toEqual(file))

  it('refuses an array that does not fit its shape', () => {
    const data = new Float32Array(5)
    expect(() => writeSafetensors({ tensors: { w: { shape: [2, 3], data } }, metadata: {} })).toThrow(
      'w: expected 6 values, received 5',
    )
  })

  it.each<[string, Uint8Array, string]>([
    ['empty', new Uint8Array(3), 'expected a safetensors file, received 3 bytes'],
    ['something else', new TextEncoder().encode('NESTWAV1 and so on'), 'cut short or something else'],
    ['cut within the header', file.subarray(0, 40), 'cut short or something else'],
    ['cut within the bytes', file.subarray(0, file.length - 1), 'bytes: expected 3 bytes of the file for U8 [3]'],
    ['longer than its tensors', new Uint8Array([...file, 0]), 'expected 35 bytes after the header, received 36'],
    ['of another shape', withHeader(headerText.replace('[2,2]', '[2,3]')), 'weights: expected 24 bytes of the file'],
    ['of an element type we do not use', withHeader(headerText.replace('"U8"', '"F8"')), 'bytes: expected dtype (F64'],
    ['with a header that is not JSON', withHeader('{"a": '), 'a header that is not JSON'],
    ['with a header that is no object', withHeader('null'), 'a header that is not JSON'],
  ])('%s is refused', (_, bytes, message) => {
    expect(() => readSafetensors(bytes, 'w.safetensors')).toThrow(`w.safetensors`)
    expect(() => readSafetensors(bytes, 'w.safetensors')).toThrow(message)
  })
})

describe('a tree with arrays in it', () => {
  const tree = {
    kind: 'x',
    nothing: null,
    limit: Number.POSITIVE_INFINITY,
    law: { mean: Float64Array.of(1, 2, 3, 4), deep: [{ w: Float32Array.of(5) }] },
  }

  it('comes apart into tensors by path and JSON, and together again', () => {
    const { plain, tensors } = splitTree(tree, { 'law.mean': [2, 2] })
    expect(Object.keys(tensors)).toEqual(['law.mean', 'law.deep.0.w'])
    expect(tensors['law.mean'].shape).toEqual([2, 2])
    expect(tensors['law.deep.0.w'].shape).toEqual([1])
    expect(joinTree({ plain: JSON.parse(JSON.stringify(plain)), tensors }, 'x')).toEqual(tree)
  })

  it('names what is missing and what has another shape', () => {
    const { plain, tensors } = splitTree(tree, { 'law.mean': [2, 2] })
    expect(() => joinTree({ plain, tensors: {} }, 'f')).toThrow('f: expected a tensor law.mean, received none')
    expect(() => checkShapes(tensors, { 'law.mean': [4], gone: [1] }, 'f')).toThrow(
      'f: law.mean: expected shape [4], received [2,2]\nf: gone: expected shape [1], received none of that name',
    )
    expect(() => checkShapes(tensors, { 'law.mean': [2, 2] }, 'f')).not.toThrow()
  })
})
