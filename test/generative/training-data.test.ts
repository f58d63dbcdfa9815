import { describe, expect, it } from 'vitest'
import { fitConditionalLaw } from '../../src/generative/conditional-law.ts'
import { ganModel } from '../../src/generative/gan/gan-model.ts'
import { fitGan } from '../../src/generative/gan/gan-state.ts'
import type { GanOverrides } from '../../src/generative/gan/training-options.ts'
import { fitLocalBootstrap } from '../../src/generative/local-bootstrap.ts'
import { fitPcaGauss } from '../../src/generative/pca-gauss.ts'
import { fitResidualBootstrap } from '../../src/generative/residual-bootstrap.ts'
import { fitScaleGauss } from '../../src/generative/scale-gauss.ts'
import { fitTraceReplay } from '../../src/generative/trace-replay.ts'
import type { TrainingData } from '../../src/generative/training-data.ts'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { createExecutor } from '../../src/tensor/executor.ts'
import { heteroscedastic, latentOf, pairsOf, scaleOf } from './known-law.ts'

const MODES = 4
const sound = heteroscedastic(60, MODES, 1)
const executor = await createExecutor({ kind: 'onnxruntime-cpu' })
const TINY: GanOverrides = {
  generator: { latent: 4, width: 8, hidden: 8, blocks: 1 },
  ...{ criticHidden: [8], iterations: 4, batch: 16, evaluateEvery: 2 },
}

/** One value changed: the k-th of every row where `row` is not given. */
const changed = (name: 'conditions' | 'coefficients', k: number, value: number, row?: number): TrainingData => {
  const width = name === 'conditions' ? sound.conditionCount : MODES
  const values = sound[name].map((v, at) =>
    at % width === k && (row === undefined || Math.floor(at / width) === row) ? value : v,
  )
  return { ...sound, [name]: values }
}

/** Everything that is fitted to pairs. */
const FITS: readonly (readonly [string, (data: TrainingData) => unknown])[] = [
  ['conditional law', fitConditionalLaw],
  ['pca-gauss', fitPcaGauss],
  ['scale-gauss', fitScaleGauss],
  ['residual-bootstrap', fitResidualBootstrap],
  ['local-bootstrap', fitLocalBootstrap],
  ['trace-replay', fitTraceReplay],
  ['gan', (data) => fitGan(data, sound, executor, TINY)],
]

const problemsOf = async (fitted: (data: TrainingData) => unknown, data: TrainingData) => {
  const error = await (async () => fitted(data))().then(
    () => null,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(InvalidInput)
  return (error as InvalidInput).problems
}

const WRONG: readonly (readonly [string, TrainingData, string, string, string])[] = [
  [
    'NaN in a coefficient',
    changed('coefficients', 2, Number.NaN, 7),
    ...(['data.coefficients[30]', 'a finite number (pair 7, mode 2)', 'NaN'] as const),
  ],
  [
    'an infinite condition',
    changed('conditions', 1, Number.NEGATIVE_INFINITY, 0),
    ...(['data.conditions[1]', 'a finite number (pair 0, condition 1)', '-Infinity'] as const),
  ],
  [
    'a mode that is always the same',
    changed('coefficients', 3, 5),
    ...(['data.coefficients, mode 3', 'a mode that varies (standard deviation > ', '0'] as const),
  ],
  [
    'a condition that is always the same',
    changed('conditions', 0, 0.25),
    ...(['data.conditions, condition 0', 'one that varies (leave a constant out)', '0.25 in all pairs'] as const),
  ],
  [
    'one training run',
    { ...sound, count: 1, conditions: sound.conditions.slice(0, 2), coefficients: sound.coefficients.slice(0, MODES) },
    ...(['data.count', '≥ 20 pairs (runs that succeeded)', '1'] as const),
  ],
  [
    'fewer coefficients than runs',
    { ...sound, coefficients: sound.coefficients.slice(1) },
    ...(['data.coefficients', '240 values', '239'] as const),
  ],
]

describe.each(FITS)('%s refuses', (_, fitted) => {
  it.each(WRONG)('%s', async (_what, data, path, expected, received) => {
    const [problem, ...more] = await problemsOf(fitted, data)
    expect(more).toEqual([])
    expect(problem).toEqual({ path, expected: expect.stringContaining(expected), received })
  })
})

describe('the generator refuses, as validation data,', () => {
  const problems = async (validation: TrainingData) =>
    (await problemsOf((data) => fitGan(data, validation, executor, TINY), sound)).map((p) => `${p.path}: ${p.received}`)

  it('NaN', async () =>
    expect(await problems(changed('coefficients', 0, Number.NaN, 3))).toEqual(['validation.coefficients[12]: NaN']))
  it('other modes and conditions', async () =>
    expect(await problems(pairsOf(30, 1, 3, 2, (out, _, z) => out.set(z.subarray(0, 3))))).toEqual([
      'validation.modes: 3',
      'validation.conditionCount: 1',
    ]))
  it('one run', async () => {
    const one = {
      ...sound,
      count: 1,
      conditions: sound.conditions.slice(0, 2),
      coefficients: sound.coefficients.slice(0, 4),
    }
    expect(await problems(one)).toEqual(['validation.count: 1'])
  })
})

describe('without conditions (θ is constant)', () => {
  const plain = (seed: number) =>
    pairsOf(80, 0, MODES, seed, (out, _, z) => {
      for (let k = 0; k < MODES; k++) out[k] = 3 + scaleOf(k) * z[k]
    })

  it('every model is fitted and samples', async () => {
    const { state, checkpoint } = await fitGan(plain(1), plain(2), executor, TINY)
    const gan = await ganModel(state, executor)
    const latent = latentOf(400, MODES, 3)
    for (const model of [gan, ...FITS.slice(1, 6).map(([, fitted]) => fitted(plain(1)) as typeof gan)]) {
      const samples = await model.sample(new Float64Array(0), latent, 400)
      const mean = samples.reduce((sum, v) => sum + v, 0) / samples.length
      expect(Math.abs(mean - 3), model.name).toBeLessThan(1)
    }
    expect(checkpoint.history.every((r) => Number.isFinite(r.validationDistance))).toBe(true)
    await gan.release()
  })
})

it('a mode that θ determines exactly is no error: it is its mean', () => {
  const law = fitConditionalLaw(
    pairsOf(60, 1, 3, 1, (out, theta, z) => {
      for (let k = 0; k < 3; k++) out[k] = k === 2 ? theta[0] : theta[0] + z[k]
    }),
  )
  expect([...law.colouring, ...law.logVarianceWeights, ...law.directions].every(Number.isFinite)).toBe(true)
})
