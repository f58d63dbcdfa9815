import { describe, expect, it } from 'vitest'
import { fitConditionalLaw } from '../../src/generative/conditional-law.ts'
import type { GanCheckpoint } from '../../src/generative/gan/checkpoint.ts'
import { CRITICS } from '../../src/generative/gan/critic.ts'
import { trainingDraws } from '../../src/generative/gan/draws.ts'
import { type TrainingHooks, type TrainingProgress, trainGan } from '../../src/generative/gan/train.ts'
import { type GanOverrides, ganOptions, rateFactor, TRAINING_MODES } from '../../src/generative/gan/training-options.ts'
import { whiteData } from '../../src/generative/gan/white-data.ts'
import { pack, unpack } from '../../src/numeric/container.ts'
import { createExecutor } from '../../src/tensor/executor.ts'
import { heteroscedastic } from './known-law.ts'

const MODES = 8
const training = heteroscedastic(120, MODES, 1)
const law = fitConditionalLaw(training)
const white = whiteData(law, training, MODES)
const validation = whiteData(law, heteroscedastic(60, MODES, 2), MODES)
const executor = await createExecutor({ kind: 'onnxruntime-cpu' })

const SMALL: GanOverrides = {
  generator: { latent: 8, width: 16, hidden: 16, tokens: 4, heads: 2 },
  ...{ criticHidden: [16, 16], iterations: 9, batch: 32, evaluateEvery: 3, checkpointEvery: 4, seed: 3 },
}
const train = (overrides: GanOverrides, hooks: TrainingHooks = {}): Promise<GanCheckpoint> =>
  trainGan(executor, ganOptions(2, MODES, { ...SMALL, ...overrides }), white, validation, hooks)

const CASES = TRAINING_MODES.flatMap((mode) => CRITICS.map((critic) => ({ mode, critic })))

describe.each(CASES)('training mode $mode, critic $critic', ({ mode, critic }) => {
  it('resumes to the bits of an undisturbed run', async () => {
    const saved: GanCheckpoint[] = []
    const whole = await train({ mode, critic }, { onCheckpoint: (c) => void saved.push(c) })
    expect(saved.map((c) => c.iteration)).toEqual([4, 8])
    const stored = unpack(pack(saved[0]), 'checkpoint') as GanCheckpoint
    expect(await train({ mode, critic }, { resume: stored })).toEqual(whole)
    for (const network of [whole.generator, whole.critic]) expect(network.weights.every(Number.isFinite)).toBe(true)
    expect(whole.history.flatMap((r) => Object.values(r)).every(Number.isFinite)).toBe(true)
    expect(whole.history.map((r) => r.iteration)).toEqual([3, 6, 9])
    expect(whole.generator.weights).not.toEqual(saved[0].generator.weights)
  })
})

describe('training', () => {
  it('resumes with categories, noise, nested heads, a critic that is told and the full penalty too', async () => {
    const overrides: GanOverrides = {
      generator: { ...SMALL.generator, form: 'transformer', categories: 3, nestedHeads: true },
      ...{ instanceNoise: 0.3, penalty: 'trace-and-condition', critic: 'conditioned' },
    }
    const saved: GanCheckpoint[] = []
    const whole = await train(overrides, { onCheckpoint: (c) => void saved.push(c) })
    expect(await train(overrides, { resume: saved[0] })).toEqual(whole)
  })

  it('tells losses, gaps, distance and the time to go of every evaluation', async () => {
    const heard: TrainingProgress[] = []
    const { history } = await train({}, { onProgress: (record) => void heard.push(record) })
    expect(history.map((record) => Object.keys(record).sort())).toEqual(
      history.map(() => ['criticGap', 'criticLoss', 'generatorLoss', 'heldOutGap', 'iteration', 'validationDistance']),
    )
    heard.forEach(({ iterations, seconds, secondsLeft, ...record }, i) => {
      expect(record).toEqual(history[i])
      expect(iterations).toBe(9)
      expect(secondsLeft).toBeCloseTo((seconds * (9 - record.iteration)) / record.iteration, 10)
    })
    expect(new Set(history.map(({ criticLoss }) => criticLoss)).size).toBe(3)
  })

  it('goes on from a checkpoint whose records have no losses yet', async () => {
    const saved: GanCheckpoint[] = []
    const whole = await train({}, { onCheckpoint: (c) => void saved.push(c) })
    const earlier = (c: GanCheckpoint) => c.history.map(({ generatorLoss: _, criticLoss: __, ...record }) => record)
    const old = { ...saved[0], history: earlier(saved[0]) }
    const resumed = await train({}, { resume: old })
    expect(resumed).toEqual({ ...whole, history: [...old.history, ...whole.history.slice(old.history.length)] })
  })

  it('depends on the seed', async () => {
    const [a, b] = [await train({ iterations: 2 }), await train({ iterations: 2, seed: 4 })]
    expect(a.generator.weights).not.toEqual(b.generator.weights)
  })

  it('says so when it diverges', async () => {
    await expect(train({ generatorRate: 1e38 })).rejects.toThrow(
      'non-finite: weights of the generator at iteration 3: its training diverged',
    )
  })

  it('keeps the weights of the best evaluation', async () => {
    const { best, history } = await train({})
    const distances = history.map((r) => r.validationDistance)
    expect(best.distance).toBe(Math.min(...distances))
    expect(best.iteration).toBe(history[distances.indexOf(best.distance)].iteration)
  })

  it('makes checkpoints by time too, without changing a bit', async () => {
    const saved: GanCheckpoint[] = []
    let iterations = 0
    const hooks: TrainingHooks = {
      checkpointSeconds: 1e-6,
      onCheckpoint: (c) => void saved.push(c),
      onIteration: () => {
        iterations++
      },
    }
    const whole = await train({}, hooks)
    expect(saved.map((c) => c.iteration)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(iterations).toBe(9)
    expect(whole).toEqual(await train({}, { checkpointSeconds: 3600 }))
    expect(await train({}, { resume: saved[4] })).toEqual(whole)
  })

  it('stops when cancelled', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const run = train({}, { signal: controller.signal, onProgress: () => controller.abort(reason) })
    await expect(run).rejects.toBe(reason)
  })

  it('refuses a checkpoint of another network', async () => {
    const other = await train({ iterations: 1, generator: { ...SMALL.generator, width: 8 } })
    await expect(train({}, { resume: other })).rejects.toThrow(/checkpoint.generator: expected \d+ weights/)
  })

  it('names every option that is out of range', () => {
    expect(() => ganOptions(2, 8, { batch: 0, averaging: 1, criticRate: -1 })).toThrow(
      /batch[\s\S]*criticRate[\s\S]*averaging/,
    )
  })
})

describe('rateFactor', () => {
  it('warms up, stays, and falls to 2 %', () => {
    expect(rateFactor(0, 10000)).toBe(1 / 200)
    expect(rateFactor(1500, 10000)).toBe(1)
    expect(rateFactor(6500, 10000)).toBeCloseTo(0.51, 10)
    expect(rateFactor(10000, 10000)).toBeCloseTo(0.02, 10)
  })
})

describe('trainingDraws', () => {
  it('makes standard normals, whole numbers in range, equal for equal keys', () => {
    const draws = trainingDraws(1)
    const z = new Float32Array(40001)
    draws.normalsInto(z, 'a', 5)
    const moment = (k: number): number => z.reduce((sum, v) => sum + v ** k, 0) / z.length
    expect(Math.abs(moment(1))).toBeLessThan(4 / 200)
    expect(Math.abs(moment(2) - 1)).toBeLessThan(4 * Math.sqrt(2 / 40000))
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96 / 40000))
    const again = new Float32Array(40001)
    trainingDraws(1).normalsInto(again, 'a', 5)
    expect(again).toEqual(z)
    draws.normalsInto(again, 'a', 6)
    expect(again).not.toEqual(z)
    const indices = new Int32Array(5000)
    draws.indicesInto(indices, 7, 'b', 0)
    expect([Math.min(...indices), Math.max(...indices)]).toEqual([0, 6])
  })
})
