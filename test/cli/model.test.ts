import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Workplace, workplace } from '../end-to-end/tiny-study.ts'
import { inProcess, told } from './command-line.ts'

let place: Workplace
beforeAll(async () => {
  place = workplace()
  // A folder with a study in it, and nothing trained.
  const { code } = await inProcess('simulate', place.study, '--out', place.out, '--quiet')
  expect(code).toBe(0)
})
afterAll(() => place.remove())

/** What a trained folder answers is in test/study/model-export.test.ts and test/outside/model-export.test.ts. */
describe('nestwave model refuses', () => {
  const usage = '`export DIR` or `card DIR`, DIR the result folder of a trained study'
  const untrained = ['model/card.json', 'the result of `nestwave train`', 'no such file (run train first)'] as const

  it.each<[string, (out: string) => string[], readonly [string, string, string]]>([
    ['nothing', () => [], ['model', usage, 'nothing']],
    ['an action that it does not have', (out) => ['import', out], ['model', usage, 'import OUT']],
    ['a card of no folder', () => ['card'], ['model', usage, 'card']],
    [
      'a folder without a study',
      () => ['card', '/nowhere'],
      ['model', 'a folder that a study was run in (it holds study.json)', '/nowhere'],
    ],
    ['the card of what is not trained', (out) => ['card', out], untrained],
    ['the export of what is not trained', (out) => ['export', out, '-o', 'x.onnx'], untrained],
    ['an export without a place', (out) => ['export', out], ['--out', 'the ONNX file to write', 'nothing']],
    [
      'an export of a folder without a place',
      (out) => ['export', out, '--format', 'safetensors'],
      ['--out', 'the folder to write the model to', 'nothing'],
    ],
    [
      'another format',
      (out) => ['export', out, '--format', 'pickle'],
      ['--format', 'one of onnx, safetensors', 'pickle'],
    ],
  ])('%s', async (_, argv, [path, expected, received]) => {
    const { code, out, err } = await inProcess('model', ...argv(place.out))
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toBe(told([path, expected, received.replace('OUT', place.out)]))
  })
})
