import { describe, expect, it } from 'vitest'
import { pack, unpack } from '../../src/numeric/container.ts'

const data = {
  name: 'x',
  list: [1, { a: new Float64Array([1, Number.NaN, 3]) }],
  i: new Int32Array([7]),
  f: new Float32Array(0),
  none: null,
  far: [Number.POSITIVE_INFINITY, Number.NaN],
}

describe('container', () => {
  it('gives back what it took', () => {
    expect(unpack(pack(data), 'f')).toEqual(data)
  })
  it('gives equal bytes for equal data', () => {
    expect(pack(data)).toEqual(pack(structuredClone(data)))
  })
  it('refuses a cut file, a changed byte and another file', () => {
    const bytes = pack(data)
    expect(() => unpack(bytes.subarray(0, bytes.length - 9), 'f.bin')).toThrow(/f\.bin: expected/)
    for (const at of [8, 20, 60, bytes.length - 8]) {
      const changed = bytes.slice()
      changed[at] ^= 1
      expect(() => unpack(changed, 'f.bin')).toThrow(/sha256/)
    }
    expect(() => unpack(new Uint8Array(100), 'f.bin')).toThrow(/NESTWAV1/)
    expect(() => unpack(bytes.subarray(0, 20), 'f.bin')).toThrow(/something else/)
  })
})
