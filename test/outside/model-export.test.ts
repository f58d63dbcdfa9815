import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ganModel } from '../../src/generative/gan/gan-model.ts'
import { calibrateGan, type GanState } from '../../src/generative/gan/gan-state.ts'
import type { Granularities } from '../../src/generative/gan/granularity.ts'
import { writeNpz } from '../../src/numeric/npz.ts'
import { readSafetensors } from '../../src/numeric/safetensors.ts'
import { diskFolder } from '../../src/runtime/disk-folder.ts'
import { conditionsOf } from '../../src/study/law.ts'
import { loadGenerator, loadReduction } from '../../src/study/model-files.ts'
import { estimateLatent, estimateSamples } from '../../src/study/sampling.ts'
import { checkStudy } from '../../src/study/study.ts'
import { createExecutor } from '../../src/tensor/executor.ts'
import { decodeInto } from '../../src/trace/codec.ts'
import { command, told } from '../cli/command-line.ts'
import { transformerStudy, type Workplace, workplace } from '../end-to-end/tiny-study.ts'
import { skipped } from './skip.ts'

const N = 48
const HERE = import.meta.dirname

/** The first Python that has the modules. */
const pythonWith = (modules: string): string | undefined =>
  ['/usr/bin/python3', 'python3'].find((python) => spawnSync(python, ['-c', `import ${modules}`]).status === 0)
const asked = (python: string, script: string, ...argv: string[]) =>
  JSON.parse(execFileSync(python, [resolve(HERE, script), ...argv], { maxBuffer: 2 ** 28, encoding: 'utf8' }))

let place: Workplace
let state: GanState
/** What the training told of itself, as JSON lines. */
let heard: readonly {
  readonly event: string
  readonly name?: string
  readonly detail?: string
  readonly done?: number
}[]
beforeAll(async () => {
  place = workplace(transformerStudy())
  expect(await command('dataset', place.study, '--out', place.out, '--quiet')).toMatchObject({ code: 0 })
  const { code, err } = await command('train', place.study, '--out', place.out, '--json')
  expect(code).toBe(0)
  heard = err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  state = await loadGenerator(diskFolder(place.out))
}, 300_000)
afterAll(() => place.remove())

/** Samples of the model itself, and what goes into the file for them. */
const expected = async (granularities: Granularities) => {
  const executor = await createExecutor({ kind: 'onnxruntime-cpu' })
  const study = checkStudy(JSON.parse(readFileSync(join(place.out, 'study.json'), 'utf8')))
  const samples = estimateSamples(study, { start: 0, count: N })
  const theta = Float32Array.from(samples.flatMap(({ position, width }) => [position, width]))
  const rounded = samples.map((s, i) => ({ ...s, position: theta[2 * i], width: theta[2 * i + 1] }))
  const z = Float32Array.from(estimateLatent(study, state.law.modes, { start: 0, count: N }))
  const model = await ganModel(await calibrateGan(state, executor, [granularities]), executor, granularities)
  const coefficients = await model.sample(conditionsOf(study, rounded), Float64Array.from(z), N)
  await model.release()
  const { reduction } = await loadReduction(diskFolder(place.out))
  const traces = new Float64Array(N * reduction.mean.length)
  decodeInto(traces, reduction, coefficients, N)
  return { theta, z, coefficients, traces }
}

/** Largest error relative to the root mean square of all. */
const relative = (actual: readonly number[], wanted: Float64Array): number => {
  const scale = Math.sqrt(wanted.reduce((sum, v) => sum + v * v, 0) / wanted.length)
  return Math.max(...wanted.map((v, at) => Math.abs(actual[at] - v))) / scale
}

describe.each(['numpy', 'onnxruntime'])('the exported ONNX file in Python, by %s', (engine) => {
  it.for<[string, Granularities]>([
    ['1', [1, 1]],
    ['1/4,1/2', [0.25, 0.5]],
  ])('gives the coefficients and traces of granularity %s', async ([granularity, blocks], { skip }) => {
    const python = pythonWith(engine === 'numpy' ? 'numpy, onnx' : 'numpy, onnxruntime')
    const file = join(place.root, 'model.onnx')
    const { code, out } = await command(
      'model',
      'export',
      place.out,
      '--granularity',
      granularity,
      '--traces',
      '-o',
      file,
    )
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining(file) })
    if (python === undefined) {
      skipped(`ONNX in Python (${engine})`)
      return skip()
    }
    const { theta, z, coefficients, traces } = await expected(blocks)
    const inputs = join(place.root, 'inputs.npz')
    writeFileSync(inputs, writeNpz({ z: { shape: [N, z.length / N], data: z }, theta: { shape: [N, 2], data: theta } }))
    const got = asked(python, 'onnx-numpy.py', file, inputs, engine)
    expect(got.coefficients.shape).toEqual([N, state.law.modes])
    const errors = [relative(got.coefficients.values, coefficients), relative(got.traces.values, traces)]
    console.log(
      `${engine}, ${granularity}: coefficients ${errors[0].toExponential(1)}, traces ${errors[1].toExponential(1)}`,
    )
    expect(Math.max(...errors)).toBeLessThan(1e-5)
  })
})

describe.each(['numpy', 'safetensors'])('the safetensors files in Python, by %s', (reader) => {
  it.for(['weights', 'reduction'])('hold the %s', (name, { skip }) => {
    const python = pythonWith(reader === 'numpy' ? 'numpy' : 'numpy, safetensors')
    if (python === undefined) {
      skipped(`safetensors in Python (${reader})`)
      return skip()
    }
    const path = join(place.out, `model/${name}.safetensors`)
    const got = asked(python, 'read-safetensors.py', path, reader)
    const { tensors, metadata } = readSafetensors(readFileSync(path), path)
    expect(got.metadata).toEqual(metadata)
    expect(Object.keys(got.tensors).sort()).toEqual(Object.keys(tensors).sort())
    for (const [key, { shape, data }] of Object.entries(tensors))
      expect(got.tensors[key], key).toEqual({
        kind: data instanceof Float32Array ? 'float32' : 'float64',
        ...{ shape, values: Array.from(data) },
      })
  })
})

describe('nestwave train', () => {
  it('tells the distance and both gaps, iteration by iteration', () => {
    const end = heard.find(({ event, name }) => event === 'stage-end' && name === 'training of the generator')
    expect(end).toMatchObject({ done: 60, total: 60 })
    expect(end?.detail).toMatch(
      /^validation distance \d+\.\d{4}, critic's gap -?\d+\.\d{3} on training and -?\d+\.\d{3} on validation runs, loss -?\d+\.\d{3} of the generator and -?\d+\.\d{3} of the critic$/,
    )
  })
})

describe('nestwave model', () => {
  it('shows the card as text and as JSON', async () => {
    const text = await command('model', 'card', place.out)
    expect(text).toMatchObject({ code: 0, err: '' })
    expect(text.out).toBe(readFileSync(join(place.out, 'model/card.md'), 'utf8'))
    const { out } = await command('model', 'card', place.out, '--json')
    expect(JSON.parse(out)).toEqual({
      ...JSON.parse(readFileSync(join(place.out, 'model/card.json'), 'utf8')),
      judgement: null,
    })
  })

  it('writes a folder, and says what is wrong with what it is asked', async () => {
    const out = join(place.root, 'half')
    const { code } = await command(
      'model',
      'export',
      place.out,
      '--granularity',
      '1/2',
      '--format',
      'safetensors',
      '-o',
      out,
    )
    expect(code).toBe(0)
    expect(readFileSync(join(out, 'card.md'), 'utf8')).toContain('This is granularity 1/2 of it')
    const asking = async (...argv: string[]) => {
      const { code, err } = await command('model', ...argv)
      expect(code).toBe(2)
      return err
    }
    const dir = 'the result folder of a trained study'
    expect(await asking()).toBe(told(['model', `\`export DIR\` or \`card DIR\`, DIR ${dir}`, 'nothing']))
    expect(await asking('card', place.root)).toContain('expected a folder that a study was run in')
    expect(await asking('export', place.out)).toBe(told(['--out', 'the ONNX file to write', 'nothing']))
    expect(await asking('export', place.out, '-o', out, '--granularity', '1/3')).toContain('--granularity')
    expect(await asking('export', place.out, '-o', out, '--format', 'pickle')).toBe(
      told(['--format', 'one of onnx, safetensors', 'pickle']),
    )
    expect(await asking('export', place.out, '-o', out, '--format', 'safetensors', '--traces')).toContain('--traces')
  })
})
