import * as ort from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { ganModel } from '../../src/generative/gan/gan-model.ts'
import { calibrateGan, type GanState } from '../../src/generative/gan/gan-state.ts'
import type { Granularities } from '../../src/generative/gan/granularity.ts'
import { standAloneModel } from '../../src/generative/gan/stand-alone-model.ts'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { conditionsOf, type LoadSample } from '../../src/study/law.ts'
import { exportFolder, exportOnnx, judgedCard, loadExport } from '../../src/study/model-export.ts'
import { loadGenerator, loadReduction } from '../../src/study/model-files.ts'
import { estimateLatent, estimateSamples } from '../../src/study/sampling.ts'
import type { TensorExecutor } from '../../src/tensor/executor.ts'
import { createExecutor } from '../../src/tensor/executor.ts'
import { decodeInto } from '../../src/trace/codec.ts'
import { memoryFolder } from './memory-folder.ts'
import { type TinyRun, tinyRun } from './tiny-run.ts'

const N = 70
let run: TinyRun
let executor: TensorExecutor
let state: GanState
let samples: readonly LoadSample[]
beforeAll(async () => {
  run = await tinyRun(true)
  executor = await createExecutor({ kind: 'onnxruntime-cpu' })
  state = await loadGenerator(run.folder)
  samples = estimateSamples(run.study, { start: 0, count: N })
}, 240_000)

/** The model's own samples at the study's θ and latents, both as 32 bits hold them. */
const expected = async (granularities: Granularities) => {
  const theta = Float32Array.from(samples.flatMap(({ position, width }) => [position, width]))
  const rounded = samples.map((s, i) => ({ ...s, position: theta[2 * i], width: theta[2 * i + 1] }))
  const z = Float32Array.from(estimateLatent(run.study, state.law.modes, { start: 0, count: N }))
  const calibrated = await calibrateGan(state, executor, [granularities])
  const model = await ganModel(calibrated, executor, granularities)
  const coefficients = await model.sample(conditionsOf(run.study, rounded), Float64Array.from(z), N)
  await model.release()
  return { theta, z, coefficients, conditions: conditionsOf(run.study, rounded) }
}

/** Largest error relative to the root mean square of all. */
const relative = (actual: ArrayLike<number>, wanted: Float64Array): number => {
  const scale = Math.sqrt(wanted.reduce((sum, v) => sum + v * v, 0) / wanted.length)
  return Math.max(...wanted.map((v, at) => Math.abs(actual[at] - v))) / scale
}

describe('the ONNX file of a trained study', () => {
  it.each<[string, Granularities]>([
    ['1', [1, 1]],
    ['1/2·1/8', [0.5, 0.125]],
    ['1/8,1/4', [0.125, 0.25]],
  ])('of granularity %s takes θ in metres and seconds and gives coefficients and traces', async (granularity, blocks) => {
    const bytes = await exportOnnx(run.folder, { granularity, traces: true })
    const { theta, z, coefficients } = await expected(blocks)
    const session = await ort.InferenceSession.create(bytes)
    const got = await session.run({
      z: new ort.Tensor('float32', z, [N, z.length / N]),
      theta: new ort.Tensor('float32', theta, [N, 2]),
    })
    await session.release()
    expect(relative(got.coefficients.data as Float32Array, coefficients)).toBeLessThan(1e-5)
    const { reduction } = await loadReduction(run.folder)
    const { frames, points, components } = reduction.grid
    expect(got.traces.dims).toEqual([N, frames, points.length / 2, components])
    const traces = new Float64Array(N * reduction.mean.length)
    decodeInto(traces, reduction, coefficients, N)
    expect(relative(got.traces.data as Float32Array, traces)).toBeLessThan(1e-5)
  })

  it('says in its metadata what goes in and comes out', async () => {
    const text = Buffer.from(await exportOnnx(run.folder, { granularity: '1/2', traces: false })).toString('latin1')
    for (const part of ['Tiny plate', '"name":"position","unit":"m","low":0.15,"high":0.25', '"order":["n","frames"'])
      expect(text).toContain(part)
    expect(text).not.toContain('traces0')
  })

  it('refuses granularities that the generator does not have, and a folder without one', async () => {
    const ask = (granularity: string) => exportOnnx(run.folder, { granularity, traces: false })
    await expect(ask('1/3')).rejects.toThrow(InvalidInput)
    await expect(ask('1,1,1')).rejects.toThrow('one for each of 2 blocks')
    await expect(exportOnnx(memoryFolder(), { granularity: '1', traces: false })).rejects.toThrow('run train first')
  })
})

describe('the exported folder', () => {
  const exported = async (granularity: string) => {
    const folder = memoryFolder()
    for (const [name, bytes] of Object.entries(await exportFolder(run.folder, { granularity, traces: false })))
      await folder.write(name, bytes)
    return folder
  }

  it('holds a stand-alone model with the bits of the combination', async () => {
    const folder = await exported('1/8·1/2')
    expect([...folder.files.keys()].sort()).toEqual([
      'card.json',
      'card.md',
      'network.safetensors',
      'reduction.safetensors',
    ])
    const { model, reduction, card } = await loadExport(folder)
    expect(reduction).toEqual((await loadReduction(run.folder)).reduction)
    expect(card.granularity).toBe('1/8·1/2')
    const { z, coefficients, conditions } = await expected([0.125, 0.5])
    const alone = await standAloneModel(model, executor)
    expect(await alone.sample(conditions, Float64Array.from(z), N)).toEqual(coefficients)
    expect(alone.parameters).toBeLessThan(state.weights.length)
    await alone.release()
  })

  it('has the judgement of the report in its card, which the working folder does not', async () => {
    const folder = await exported('1')
    const { card } = await loadExport(folder)
    expect(Object.keys(card.judgement!.validationScores)).toContain('gan')
    expect(card.judgement!.panel.length).toBeGreaterThan(5)
    const text = new TextDecoder().decode(folder.files.get('card.md'))
    expect(text).toContain(`Recommended trace model: **${card.judgement!.recommended}**`)
    expect(text).toContain('| energy distance of all (w, θ) |')
    const { judgement } = await judgedCard(run.folder)
    expect(judgement).toEqual(card.judgement)
    // A report of another training says nothing of this one.
    const other = memoryFolder()
    for (const name of ['model/card.json', 'report.json']) await other.write(name, (await run.folder.read(name))!)
    const report = JSON.parse(new TextDecoder().decode((await run.folder.read('report.json'))!))
    report.provenance.modelHash = 'x'
    await other.write('report.json', JSON.stringify(report))
    expect((await judgedCard(other)).judgement).toBeNull()
  })

  it('is refused with one byte changed, or a file gone', async () => {
    for (const name of ['network.safetensors', 'reduction.safetensors']) {
      const folder = await exported('1/2')
      const bytes = folder.files.get(name)!
      await folder.write(name, bytes.with(bytes.length - 3, bytes.at(-3)! ^ 8))
      await expect(loadExport(folder)).rejects.toThrow(`${name}: expected bytes with sha256`)
      await folder.remove(name)
      await expect(loadExport(folder)).rejects.toThrow(`${name}: expected a file of an exported model`)
    }
  })
})
