import { beforeAll, describe, expect, it } from 'vitest'
import { NumericalFailure } from '../../src/numeric/errors.ts'
import { fullDomainModel } from '../../src/study/full-domain-model.ts'
import { type LoadSample, loadSampler, modulusStream } from '../../src/study/law.ts'
import { readTable } from '../../src/study/quantity-table.ts'
import { estimateLatent, estimateSamples } from '../../src/study/sampling.ts'
import { checkStudy } from '../../src/study/study.ts'
import { submodelModel } from '../../src/study/submodel-model.ts'
import type { VectorModel } from '../../src/study/vector-model.ts'
import { scalarStudy, transformerStudy } from '../end-to-end/tiny-study.ts'
import { memoryFolder } from './memory-folder.ts'
import { type TinyRun, tinierStudy, tinyRun } from './tiny-run.ts'

let run: TinyRun
let full: VectorModel
let submodel: VectorModel
beforeAll(async () => {
  run = await tinyRun(true)
  full = fullDomainModel(run.study, run.mesh)
  submodel = await submodelModel(run.study, run.mesh, run.folder)
}, 120_000)

const vectorOf = ({ amplitude, arrival, position, width }: LoadSample): number[] => [
  ...[amplitude, arrival],
  ...[position, width],
]
const normals = (count: number, value = 0): number[] => new Array<number>(count).fill(value)
const theta = [300e6, 10e-6, 0.2, 50e-6]
const table = (path: string, total: number) => readTable(run.folder, path, total, run.study.quantities.length)
const row = ({ values, quantities }: { values: Float64Array; quantities: number }, n: number): number[] =>
  Array.from(values.subarray(n * quantities, (n + 1) * quantities))

describe('the full domain as a function of vectors', () => {
  it('has θ and the normals of the modulus field as inputs, the quantities as output', () => {
    expect(full.inputSizes).toEqual([4, full.inputSizes[1]])
    expect(full.inputSizes[1]).toBeGreaterThan(1)
    expect(full.outputSizes).toEqual([3])
    expect(full.inputNames).toEqual([
      'load: amplitude (Pa), arrival (s), position (m), width (s)',
      `modulus field: ${full.inputSizes[1]} standard normals`,
    ])
    expect(full.outputNames).toEqual(['peak stress (Pa), peak motion (m), arrival (s)'])
  })

  it('gives the bits of every held-out run', async () => {
    const total = run.study.dataset.test
    const kept = await table('dataset/test', total)
    const load = loadSampler(run.study, 'test')
    const stream = modulusStream(run.study, 'test')
    const xi = new Float64Array(full.inputSizes[1])
    expect(kept.values.every(Number.isFinite)).toBe(true)
    for (let n = 0; n < total; n++) {
      stream.normalsInto(xi, n)
      expect(await full.evaluate([vectorOf(load(n)), [...xi]], {})).toEqual([row(kept, n)])
    }
  })

  it('has no second input where the modulus is known', async () => {
    const study = checkStudy({ ...scalarStudy(), uncertainty: { modulusField: null } })
    const plain = fullDomainModel(study, run.mesh)
    expect(plain.inputSizes).toEqual([4])
    const [quantities] = await plain.evaluate([theta], {})
    expect(quantities.every((q) => q > 0)).toBe(true)
  })

  it('throws when the run is unstable', async () => {
    // Every cell outside the zone is some exp(±0.2 · 40) stiffer or softer: no step of the study bears that.
    const extreme = [theta, [40, ...normals(full.inputSizes[1] - 1)]]
    await expect(full.evaluate(extreme, {})).rejects.toThrow(NumericalFailure)
    await expect(full.evaluate(extreme, {})).rejects.toThrow(/^unstable: the modulus field of this input is stiffer/)
  })

  it('is as good as new after a run that failed', async () => {
    const input = [theta, normals(full.inputSizes[1])]
    const before = await full.evaluate(input, {})
    await expect(full.evaluate([theta, normals(full.inputSizes[1], 40)], {})).rejects.toThrow()
    expect(await full.evaluate(input, {})).toEqual(before)
  })

  it.each([1e300, -1e300])('refuses normals beyond any modulus: %d', async (value) => {
    await expect(full.evaluate([theta, normals(full.inputSizes[1], value)], {})).rejects.toThrow(
      /^input\[1\]: expected standard normals whose moduli are finite and > 0/,
    )
  })

  it('has no options', async () => {
    const input = [theta, normals(full.inputSizes[1])]
    await expect(full.evaluate(input, { model: 'gan' })).rejects.toThrow(
      'config.model: expected no such key (a full-domain run has no options), received "gan"',
    )
    await expect(full.evaluate(input, JSON.parse('{"__proto__": 1}'))).rejects.toThrow('config.__proto__: expected no')
  })
})

describe('the submodel at a θ that training did not cover', () => {
  const input = (position: number): number[][] => [[300e6, 10e-6, position, 50e-6], normals(submodel.inputSizes[1])]
  const modelFor = (outsideRange: string, warn: (text: string) => void): Promise<VectorModel> => {
    const json = tinierStudy()
    const position = { law: 'normal', mean: 0.2, standardDeviation: 0.01 }
    const study = { ...json, load: { ...json.load, position }, estimate: { ...json.estimate, outsideRange } }
    return submodelModel(checkStudy(study), run.mesh, run.folder, warn)
  }

  it('is refused by default', async () => {
    const model = await modelFor('refuse', () => {})
    await expect(model.evaluate(input(0.24), {})).rejects.toThrow(
      /input\[0\]\[2\]: expected load\.position from 0\.16.* to 0\.23.*, the range that training covers, received 0\.24/,
    )
    expect((await model.evaluate(input(0.21), {}))[0].every(Number.isFinite)).toBe(true)
    await model.release()
  })

  it('is answered for the nearest end with a warning, if the study says so', async () => {
    const warnings: string[] = []
    const model = await modelFor('warn', (text) => warnings.push(text))
    const [values] = await model.evaluate(input(0.24), {})
    expect(values.every(Number.isFinite)).toBe(true)
    expect(warnings).toEqual([expect.stringMatching(/^input\[0\]\[2\]: 0\.24 is not within load\.position/)])
    await model.release()
  })
})

describe('the submodel as a function of vectors', () => {
  const FOLDERS = {
    'estimate/gan': {},
    'estimate/gan@1-4': { model: 'gan', granularity: 0.25 },
    'estimate/gan@1-2_1-8': { granularity: [0.5, 0.125] },
    'estimate/pca-gauss': { model: 'pca-gauss' },
    'estimate/scale-gauss': { model: 'scale-gauss' },
    'estimate/residual-bootstrap': { model: 'residual-bootstrap' },
    'estimate/local-bootstrap': { model: 'local-bootstrap' },
    'estimate/trace-replay': { model: 'trace-replay' },
    'estimate/gaussian-mixture': { model: 'gaussian-mixture' },
  }

  /** Both ends and the middle of the first chunk, and the short second one. */
  const SAMPLES = [0, 1, 11, 31, 62, 63, 64, 69]

  it.each(Object.entries(FOLDERS))('gives the bits of %s', async (path, config) => {
    const total = run.study.estimate.comparisonSamples
    const kept = await table(path, total)
    expect(kept.values.every(Number.isFinite)).toBe(true)
    for (const n of SAMPLES) {
      const range = { start: n, count: 1 }
      const latent = estimateLatent(run.study, submodel.inputSizes[1] - 1, range)
      const input = [vectorOf(estimateSamples(run.study, range)[0]), [...latent]]
      expect(await submodel.evaluate(input, config)).toEqual([row(kept, n)])
    }
  })

  it('answers calls that overlap as if they came one by one', async () => {
    const configs = [...Object.values(FOLDERS), { granularity: 0.5 }, { granularity: 0.125 }]
    const input = [theta, normals(submodel.inputSizes[1], 0.5)]
    const alone: number[][][] = []
    for (const config of configs) alone.push(await submodel.evaluate(input, config))
    expect(await Promise.all(configs.map((config) => submodel.evaluate(input, config)))).toEqual(alone)
    expect(new Set(alone.map(String)).size).toBe(configs.length)
  })

  it.each(Object.values(FOLDERS))('bears latents far out with %o', async (config) => {
    for (const value of [9, -9, 40, -40]) {
      const [quantities] = await submodel.evaluate([theta, normals(submodel.inputSizes[1], value)], config)
      expect(quantities.every(Number.isFinite)).toBe(true)
    }
  })

  it('throws when the run overflows', async () => {
    const input = [theta, normals(submodel.inputSizes[1], 1e300)]
    await expect(submodel.evaluate(input, { model: 'scale-gauss' })).rejects.toThrow(
      'non-finite: the run with this input overflowed',
    )
  })

  it.each([
    [{ model: 'GAN' }, /^config\.model: expected one of "pca-gauss", .*"gan", received "GAN"$/],
    [{ models: 'gan' }, /^config\.models: expected no such key \(unknown\)/],
    [JSON.parse('{"__proto__": {"model": "gan"}}'), /^config\.__proto__: expected no such key/],
    [JSON.parse('{"constructor": 1}'), /^config\.constructor: expected no such key/],
    [{ granularity: 0.3 }, /^config\.granularity: expected /],
    [{ granularity: '1' }, /^config\.granularity: expected /],
    [{ granularity: [1, 0.3] }, /^config\.granularity\[1\]: expected /],
    [{ granularity: [1] }, /^config\.granularity: expected one for each of 2 blocks, received 1 of them$/],
    [{ granularity: [] }, /^config\.granularity: expected one for each of 2 blocks, received 0 of them$/],
    [{ granularity: null }, /^config\.granularity: expected /],
    [
      { model: 'pca-gauss', granularity: 1 },
      /^config\.granularity: expected no such key \(only the model 'gan' has it\)/,
    ],
  ])('refuses the options %o', async (config, message) => {
    const input = [theta, normals(submodel.inputSizes[1])]
    await expect(submodel.evaluate(input, config)).rejects.toThrow(message)
  })

  it('needs trained models', async () => {
    await expect(submodelModel(run.study, run.mesh, memoryFolder())).rejects.toThrow(/run train first/)
  })

  it("refuses another study's models", async () => {
    const other = checkStudy({ ...tinierStudy(), time: { duration: 150e-6, keepEvery: 3 } })
    await expect(submodelModel(other, run.mesh, run.folder)).rejects.toThrow(/one of another study/)
  })

  it('ends when it is released, and not before', async () => {
    const other = await submodelModel(run.study, run.mesh, run.folder)
    const input = [theta, normals(other.inputSizes[1])]
    const pending = other.evaluate(input, {})
    await other.release()
    expect(await pending).toEqual(await submodel.evaluate(input, {}))
  })
})

describe.each(['full domain', 'submodel'])('the input of the %s', (name) => {
  const model = (): VectorModel => (name === 'submodel' ? submodel : full)
  const rest = (): number[] => normals(model().inputSizes[1])
  // biome-ignore lint/suspicious/noExplicitAny: what a client sends may be anything
  const evaluate = (...input: any[]): Promise<unknown> => model().evaluate(input, {})

  it.each([
    [[199e6, 0, 0.2, 50e-6], 'input[0][0]: expected a number from 200000000 to 400000000 (load.amplitude)'],
    [[300e6, -1e-9, 0.2, 50e-6], 'input[0][1]: expected a number from 0 to 0.00002 (load.arrival)'],
    [[300e6, 0, 0.3, 50e-6], 'input[0][2]: expected a number from 0.15 to 0.25 (load.position), received 0.3'],
    [[300e6, 0, 0.2, 0], 'input[0][3]: expected a number from 0.00004 to 0.00007 (load.width)'],
    [[300e6, 0, Number.NaN, 50e-6], 'input[0][2]: expected a finite number, received NaN'],
    [[300e6, 0, '0.2', 50e-6], 'input[0][2]: expected a finite number, received "0.2"'],
    [[300e6, 0, 0.2], 'input[0]: expected a list of 4 finite numbers, received 3 of them'],
    ['theta', 'input[0]: expected a list of 4 finite numbers, received "theta"'],
  ])('refuses θ = %o', async (wrong, message) => {
    await expect(evaluate(wrong, rest())).rejects.toThrow(message)
  })

  it('refuses normals of the wrong length, and those that are not finite', async () => {
    await expect(evaluate(theta, [...rest(), 0])).rejects.toThrow(/^input\[1\]: expected a list of \d+ finite numbers/)
    await expect(evaluate(theta, [...rest().slice(1), Number.POSITIVE_INFINITY])).rejects.toThrow(
      `input[1][${rest().length - 1}]: expected a finite number, received Infinity`,
    )
  })

  it('refuses another number of vectors', async () => {
    await expect(evaluate(theta)).rejects.toThrow('input: expected a list of 2 vectors, received 1 of them')
    await expect(evaluate()).rejects.toThrow('input: expected a list of 2 vectors, received 0 of them')
  })

  it('takes the ends of the laws', async () => {
    for (const end of [
      [200e6, 0, 0.15, 40e-6],
      [400e6, 20e-6, 0.25, 70e-6],
    ])
      await expect(evaluate(end, rest())).resolves.toHaveLength(1)
  })
})

describe('the support of a law', () => {
  const laws = {
    amplitude: { law: 'normal', mean: 300e6, standardDeviation: 10e6 },
    arrival: { law: 'constant', value: 0 },
    position: { law: 'truncated-normal', mean: 0.2, standardDeviation: 0.1, low: 0.15, high: 0.25 },
    width: { law: 'log-normal', mean: 50e-6, standardDeviation: 5e-6 },
  }
  const json = tinierStudy()
  const study = checkStudy({ ...json, load: { ...json.load, ...laws } })

  it.each([
    [[-300e6, 0, 0.2, 50e-6], null],
    [[300e6, 1e-9, 0.2, 50e-6], /^input\[0\]\[1\]: expected 0, a constant of the study \(load\.arrival\)/],
    [[300e6, 0, 0.26, 50e-6], /^input\[0\]\[2\]: expected a number from 0\.15 to 0\.25/],
    [[300e6, 0, 0.2, 0], /^input\[0\]\[3\]: expected a number > 0 \(load\.width\), received 0$/],
    [[300e6, 0, 0.2, 90e-6], null],
  ])('judges %o', async (vector, message) => {
    const model = fullDomainModel(study, run.mesh)
    const answer = model.evaluate([vector, normals(model.inputSizes[1])], {})
    if (message === null) await expect(answer).resolves.toHaveLength(1)
    else await expect(answer).rejects.toThrow(message)
  })
})

describe('another physics and another generator', () => {
  it('give the bits of their recipes too', async () => {
    const { dataset, estimate } = tinierStudy()
    const { generator } = transformerStudy()
    const json = { ...scalarStudy(), dataset, generator: { ...generator, iterations: 5 } }
    const other = await tinyRun(true, { ...json, estimate: { ...estimate, exceedance: {} } })
    const { study, folder } = other
    const model = await submodelModel(study, other.mesh, folder)
    const kept = await readTable(folder, 'estimate/gan', study.estimate.comparisonSamples, study.quantities.length)
    for (const n of [0, 13, 63, 69]) {
      const range = { start: n, count: 1 }
      const latent = [...estimateLatent(study, model.inputSizes[1] - 1, range)]
      expect(await model.evaluate([vectorOf(estimateSamples(study, range)[0]), latent], {})).toEqual([row(kept, n)])
    }
  })
})
