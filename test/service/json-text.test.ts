import { describe, expect, it } from 'vitest'
import { excessIn, jsonOf, MAX_VALUES, unwelcomeParts } from '../../src/service/json-text.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const list = (values: number): string => `[${'0,'.repeat(values - 1)}0]`

describe('the size of a document', () => {
  it('is counted in values: so many, and not one more', () => {
    expect(jsonOf(bytes(list(MAX_VALUES)))).toHaveLength(MAX_VALUES)
    expect(() => jsonOf(bytes(list(MAX_VALUES + 1)))).toThrow(`1:100001: more than ${MAX_VALUES} values`)
  })

  it('is the sum over all its parts', () => {
    const half = list(MAX_VALUES / 2 + 1)
    expect(excessIn(`{"a":${half}}`)).toBeNull()
    expect(excessIn(`{"a":${half},"b":${half}}`)).toMatchObject({ what: 'values' })
  })

  it('does not count what stands in a text', () => {
    expect(excessIn(`["${','.repeat(2 * MAX_VALUES)}\\"${'['.repeat(100)}"]`)).toBeNull()
  })
})

describe('what no document may hold', () => {
  it.each([
    [{ a: 'x\0' }, 'a'],
    [{ a: ['', 'x\ud800'] }, 'a[1]'],
    [{ a: { 'b\udfff': 0 } }, 'a.b\udfff'],
    [{ a: { 'b\0': 0 } }, 'a.b\0'],
    [{ a: { constructor: { prototype: {} } } }, 'a.constructor.prototype'],
    [JSON.parse('[{"__proto__":0}]'), '[0].__proto__'],
    [{ 'a.__proto__.b': 0 }, 'a.__proto__.b'],
  ])('%j', (document, path) => {
    expect(unwelcomeParts(document).map((p) => p.path)).toEqual([path])
  })

  it.each([
    [{ a: '👩‍👩‍👧 é \u202e \u0001' }],
    [{ constructor: 'x', prototype: 1 }],
    ['x'],
    [null],
    [[[1, [true]]]],
  ] as unknown[][])('is not %j', (document) => {
    expect(unwelcomeParts(document)).toEqual([])
  })
})
