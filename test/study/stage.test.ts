import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { datasetInputs, modelInputs, openStage } from '../../src/study/stage.ts'
import { checkStudy } from '../../src/study/study.ts'
import { type Json, tinyStudy } from '../end-to-end/tiny-study.ts'
import { memoryFolder } from './memory-folder.ts'

const HASH = 'a'.repeat(64)
const inputsOf = (change: (study: Json) => void = () => {}, mesh = HASH) => {
  const study = tinyStudy()
  change(study)
  return datasetInputs(checkStudy(study), mesh)
}
const refusal = async (promise: Promise<unknown>): Promise<InvalidInput> => {
  const error = await promise.then(
    () => null,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(InvalidInput)
  return error as InvalidInput
}

/** A folder whose dataset stage was opened, and has a result if asked for. */
const opened = async (withResult: boolean) => {
  const folder = memoryFolder()
  const hash = await openStage(folder, 'dataset', inputsOf())
  if (withResult) await folder.write('dataset/train/chunks/000000-64.bin', 'x')
  return { folder, hash }
}

describe('a stage', () => {
  it('has the same address for the same inputs, however often it is opened, in any order of keys', async () => {
    const { folder, hash } = await opened(true)
    expect(await openStage(folder, 'dataset', inputsOf())).toBe(hash)
    const backwards = Object.fromEntries(Object.entries(inputsOf()).reverse())
    expect(await openStage(folder, 'dataset', backwards)).toBe(hash)
    expect(folder.written.filter((path) => path.endsWith('manifest.json'))).toEqual(['dataset/manifest.json'])
  })

  it('does not depend on sample counts, so that it can be extended', async () => {
    const { folder, hash } = await opened(true)
    const more = inputsOf((s) => Object.assign(s.dataset, { train: 500, test: 700 }))
    expect(await openStage(folder, 'dataset', more)).toBe(hash)
  })

  it('does not depend on when checkpoints are made by the clock', () => {
    const inputs = (checkpointSeconds: number, iterations = 60) => {
      const study = tinyStudy()
      const generator = { ...study.generator, checkpointSeconds, iterations }
      return modelInputs(checkStudy({ ...study, generator }), inputsOf(), 'onnxruntime-cpu')
    }
    expect(inputs(5)).toEqual(inputs(600))
    expect(inputs(5, 70)).not.toEqual(inputs(5))
  })

  it('is refused to other inputs once it has results, naming every difference', async () => {
    const { folder } = await opened(true)
    const other = inputsOf((s) => {
      s.seed = 8
      s.load.footprint = 0.2
      s.materials.default.density = 2700
      s.fixed = []
    }, 'b'.repeat(64))
    const made = "with which this folder's dataset was made (run with another --out)"
    expect((await refusal(openStage(folder, 'dataset', other))).problems).toEqual([
      { path: 'domain.mesh (sha256)', expected: `"${HASH}", ${made}`, received: `"${'b'.repeat(64)}"` },
      { path: 'seed', expected: `7, ${made}`, received: '8' },
      { path: 'materials.default.density', expected: `7850, ${made}`, received: '2700' },
      { path: 'fixed', expected: `[{"components":["x","y"],"group":"right"}], ${made}`, received: '[]' },
      { path: 'load.footprint', expected: `0.15, ${made}`, received: '0.2' },
    ])
    expect(await openStage(folder, 'dataset', inputsOf())).toBeTruthy()
  })

  it('without results binds to nothing: a refused run can be repaired', async () => {
    const { folder, hash } = await opened(false)
    const other = await openStage(
      folder,
      'dataset',
      inputsOf((s) => Object.assign(s, { seed: 8 })),
    )
    expect(other).not.toBe(hash)
    await folder.write('dataset/train/chunks/000000-64.bin', 'x')
    expect((await refusal(openStage(folder, 'dataset', inputsOf()))).problems.map((p) => p.path)).toEqual(['seed'])
  })

  it('of a manifest that somebody changed names the file', async () => {
    const folder = memoryFolder()
    await folder.write('dataset/manifest.json', '{"hash": ')
    expect((await refusal(openStage(folder, 'dataset', inputsOf()))).problems).toMatchObject([
      { path: 'dataset/manifest.json', expected: 'JSON, as it was written' },
    ])
  })

  it('of a model says how to train anew', async () => {
    const folder = memoryFolder()
    const study = checkStudy(tinyStudy())
    await openStage(folder, 'model', modelInputs(study, inputsOf(), 'onnxruntime-cpu'))
    await folder.write('model/gan.bin', 'x')
    const more = { ...study, dataset: { ...study.dataset, train: 200 } }
    expect((await refusal(openStage(folder, 'model', modelInputs(more, inputsOf(), 'tfjs-cpu')))).problems).toEqual([
      {
        path: 'dataset.train',
        expected:
          "100, with which this folder's model was made (run with another --out or without its folders model and estimate)",
        received: '200',
      },
      {
        path: '--executor',
        expected:
          '"onnxruntime-cpu", with which this folder\'s model was made (run with another --out or without its folders model and estimate)',
        received: '"tfjs-cpu"',
      },
    ])
  })
})
