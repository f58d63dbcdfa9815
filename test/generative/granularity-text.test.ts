import { describe, expect, it } from 'vitest'
import { granularitiesOf } from '../../src/generative/gan/granularity-text.ts'

const read = (text: string) => granularitiesOf(text, 3, '--granularity')

describe('granularities as a person writes them', () => {
  it.each([
    ['1', [1, 1, 1]],
    ['1/8', [0.125, 0.125, 0.125]],
    ['1/4·1/2·1', [0.25, 0.5, 1]],
    ['1/4, 1/2,1', [0.25, 0.5, 1]],
  ])('%s', (text, expected) => expect(read(text)).toEqual(expected))

  it.each([
    ['0.5', '1/8, 1/4, 1/2, 1, or one of them per block: 1/4,1/2,1, received 0.5'],
    ['', 'or one of them per block'],
    ['1/2,', 'or one of them per block'],
    ['1/2·1', 'one granularity, or one for each of 3 blocks, received 1/2·1'],
  ])('%s is refused', (text, message) => expect(() => read(text)).toThrow(message))
})
