import { describe, expect, it } from 'vitest'
import { jsonStumble } from '../../src/study/json-place.ts'

describe('the place where a text stops being JSON', () => {
  it.each([
    ['', 0],
    ['  ', 2],
    ['{"a": NaN}', 6],
    ['{"a": 1,}', 8],
    ['[1, 2,]', 6],
    ['[1 2]', 3],
    ['{"a" 1}', 5],
    ['{a: 1}', 1],
    ['{"a": 1', 7],
    ['{"a": "x', 6],
    ["{'a': 1}", 1],
    ['{"a": 01}', 7],
    ['{"a": .5}', 6],
    ['{"a": +1}', 6],
    ['// x\n1', 0],
    ['1 2', 2],
    ['{"a": 1]', 7],
    ['{"a": "\t"}', 6],
    ['{"a": "\\x"}', 6],
    ['[}', 1],
    ['{"a":}', 5],
    ['{1: 2}', 1],
  ])('%s', (text, place) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
    expect(jsonStumble(text)).toBe(place)
  })

  it.each([
    '1',
    '"a\\u00e9\\n"',
    '[]',
    '{}',
    ' [ {"a":[1,-2.5e+3,true,false,null],"b":{"c":""}} , [] ] ',
    '{"é":"ü𝄞"}',
  ])('is the end of the sound text %s', (text) => {
    expect(() => JSON.parse(text)).not.toThrow()
    expect(jsonStumble(text)).toBe(text.length)
  })
})
