import { beforeAll, describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { readSafetensors, writeSafetensors } from '../../src/numeric/safetensors.ts'
import type { StudyFolder } from '../../src/study/folder.ts'
import {
  findGenerator,
  GENERATOR_FORMAT,
  loadCard,
  loadGenerator,
  loadModelState,
  loadReduction,
} from '../../src/study/model-files.ts'
import { NUMERICS_VERSION } from '../../src/study/stage.ts'
import { dataOfTensorFile, tensorFile } from '../../src/study/tensor-file.ts'
import { memoryFolder } from './memory-folder.ts'
import { type TinyRun, tinyRun } from './tiny-run.ts'

let run: TinyRun
let bytesOf: (name: string) => Promise<Uint8Array>
beforeAll(async () => {
  run = await tinyRun()
  bytesOf = async (name) => (await run.folder.read(`model/${name}`))!
}, 120_000)

/** The model folder with one file changed or gone. */
const changed = async (
  name: string,
  change: (bytes: Uint8Array) => Uint8Array | string | null,
): Promise<StudyFolder> => {
  const folder = memoryFolder()
  for (const file of await run.folder.list('model')) {
    const bytes = await run.folder.read(`model/${file}`)
    const now = file === name && bytes !== null ? change(bytes) : bytes
    if (now !== null) await folder.write(`model/${file}`, now)
  }
  return folder
}
const edited = (from: string, to: string) => (bytes: Uint8Array) => {
  const text = new TextDecoder().decode(bytes)
  expect(text).toContain(from)
  return text.replace(from, to)
}
const problem = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(InvalidInput)
  return (error as Error).message
}

describe('the files of a trained generator', () => {
  it('hold the weights by name and shape, normaliser, tail and calibrations', async () => {
    const { tensors, metadata } = readSafetensors(await bytesOf('weights.safetensors'), 'w')
    const state = await loadGenerator(run.folder)
    const r = state.law.modes
    expect(metadata).toMatchObject({ format: 'nestwave-generator', version: '1' })
    const shapes = Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]))
    expect(shapes).toMatchObject({
      ...{ 'weights.embed.w': [10, 16], 'weights.block0.up.w': [16, 16], 'weights.head.b': [8] },
      ...{ 'law.meanWeights': [r, 10], 'law.logVarianceRange': [r, 2], 'law.directions': [r, r] },
      ...{ 'calibrations.1/8.matrix': [8, 8], 'calibrations.1.shift': [8], conditions: [64, 2] },
    })
    if (state.tail) expect(shapes['tail.deviations']).toEqual([r - 8])
    const total = Object.entries(tensors)
      .filter(([name]) => name.startsWith('weights.'))
      .reduce((sum, [, { data }]) => sum + data.length, 0)
    expect(state.weights.length).toBe(total)
  })

  it('give the state again to the last bit, and the same bytes when written again', async () => {
    const bytes = await bytesOf('weights.safetensors')
    const named = dataOfTensorFile(GENERATOR_FORMAT, bytes, 'w')
    expect(tensorFile(GENERATOR_FORMAT, named)).toEqual(bytes)
    expect(await loadModelState(run.folder, 'gan')).toEqual(await findGenerator(run.folder))
    const reduction = await loadReduction(run.folder)
    expect(reduction.reduction.modes.length).toBe(reduction.reduction.modeCount * reduction.reduction.mean.length)
  })

  it('are described by a card, for programs and for people', async () => {
    const card = await loadCard(run.folder)
    expect(card).toMatchObject({
      ...{ title: 'Tiny plate', executor: 'onnxruntime-cpu', latent: card.modes + 1 },
      trainedOn: { meshHash: 'tiny', training: 64, validation: 20, seed: 7 },
      conditions: [
        { name: 'position', unit: 'm', low: 0.15, high: 0.25 },
        { name: 'width', unit: 's', low: 40e-6, high: 70e-6 },
      ],
      exact: { amplitude: { unit: 'Pa', reference: 300e6 } },
      calibrated: ['1', '1/2', '1/4', '1/8'],
    })
    expect(card.generator).not.toHaveProperty('checkpointSeconds')
    const text = new TextDecoder().decode(await bytesOf('card.md'))
    for (const part of [
      '# Model card: Tiny plate',
      '| position | m | 0.15 | 0.25 |',
      card.files['weights.safetensors'].sha256,
    ])
      expect(text).toContain(part)
    expect(text).toContain('Not judged yet')
  })

  it('are not there before training', async () => {
    expect(await findGenerator(memoryFolder())).toBeNull()
    expect(await problem(loadGenerator(memoryFolder()))).toBe(
      'model/card.json: expected the result of `nestwave train`, received no such file (run train first)',
    )
  })
})

describe('loading refuses', () => {
  it('other bytes than the card says, of weights and reduction', async () => {
    for (const [name, load] of [
      ['weights.safetensors', loadGenerator],
      ['reduction.safetensors', loadReduction],
    ] as const) {
      const folder = await changed(name, (bytes) => bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1))
      expect(await problem(load(folder))).toMatch(
        new RegExp(`^model/${name}: expected bytes with sha256 [0-9a-f]{64} \\(card.json\\), received [0-9a-f]{64}$`),
      )
    }
  })

  it('weights that are gone', async () => {
    const folder = await changed('weights.safetensors', () => null)
    expect(await problem(loadGenerator(folder))).toBe(
      'model/weights.safetensors: expected the file that card.json names (without model/card.json it is trained again), received no such file',
    )
  })

  it.each<[string, string, string, string]>([
    ['of another format', '"nestwave-model"', '"another"', 'model/card.json: format: expected "nestwave-model"'],
    ['of another version', '"version": 1', '"version": 2', 'model/card.json: version: expected 1, received 2'],
    ['with a key that is not known', '"modes"', '"moods"', 'model/card.json: moods'],
    [
      'of other numerics',
      `"numerics": ${NUMERICS_VERSION}`,
      '"numerics": 0',
      `versions.numerics: expected ${NUMERICS_VERSION}, this version's, received 0`,
    ],
    ['that is no JSON', '{', '', 'model/card.json: expected a model card (JSON)'],
  ])('a card %s', async (_, from, to, message) => {
    expect(await problem(loadGenerator(await changed('card.json', edited(from, to))))).toContain(message)
  })

  it('a tensor file of another format, version, content or shape, whatever a card says', async () => {
    const file = await bytesOf('weights.safetensors')
    const { tensors, metadata } = readSafetensors(file, 'w')
    const load = (content: { tensors?: typeof tensors; metadata?: Record<string, string> }) => () =>
      dataOfTensorFile(GENERATOR_FORMAT, writeSafetensors({ tensors, metadata, ...content }), 'w')
    expect(load({})).not.toThrow()
    expect(load({ metadata: { ...metadata, format: 'x' } })).toThrow('w: expected a file of format nestwave-generator')
    expect(load({ metadata: { ...metadata, version: '2' } })).toThrow('w: expected version 1, received 2')
    expect(load({ metadata: {} })).toThrow('w: expected a file of format nestwave-generator, received none')
    const bias = tensors['weights.head.b']
    const other = { ...bias, data: new Float32Array(bias.data.length) }
    expect(load({ tensors: { ...tensors, 'weights.head.b': other } })).toThrow(
      /expected content with sha256 \w+, received/,
    )
    expect(load({ tensors: { ...tensors, 'weights.head.b': { ...bias, shape: [2, 4] } } })).toThrow(
      'content with sha256',
    )
    // Sound hash, wrong shape: a generator of another width under these weights.
    const named = dataOfTensorFile(GENERATOR_FORMAT, file, 'w')
    const wrong = tensorFile(
      { ...GENERATOR_FORMAT, shapesOf: () => ({}) },
      { ...named, config: { ...named.config, width: 8 } },
    )
    expect(() => dataOfTensorFile(GENERATOR_FORMAT, wrong, 'w')).toThrow('w: weights.embed.w: expected shape [10,8]')
  })
})
