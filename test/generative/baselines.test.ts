import { describe, expect, it } from 'vitest'
import { fitGaussianMixture } from '../../src/generative/gaussian-mixture.ts'
import { meanColumnKs } from '../../src/generative/kolmogorov-smirnov.ts'
import { fitLocalBootstrap } from '../../src/generative/local-bootstrap.ts'
import { type AnyModelState, loadModel } from '../../src/generative/model-registry.ts'
import { fitPcaGauss } from '../../src/generative/pca-gauss.ts'
import { fitResidualBootstrap } from '../../src/generative/residual-bootstrap.ts'
import { fitScaleGauss } from '../../src/generative/scale-gauss.ts'
import type { TraceModel } from '../../src/generative/trace-model.ts'
import { fitTraceReplay } from '../../src/generative/trace-replay.ts'
import type { TrainingData } from '../../src/generative/training-data.ts'
import { pack, unpack } from '../../src/numeric/container.ts'
import { normalCdf } from '../../src/numeric/normal.ts'
import { bimodal, heteroscedastic, latentOf } from './known-law.ts'

const MODES = 40
const FITS: readonly ((data: TrainingData) => TraceModel & { readonly state: AnyModelState })[] = [
  fitPcaGauss,
  fitScaleGauss,
  fitResidualBootstrap,
  fitLocalBootstrap,
  fitTraceReplay,
  fitGaussianMixture,
]
const training = heteroscedastic(1000, MODES, 1)
const test = heteroscedastic(1500, MODES, 2)
const models = FITS.map((fitModel) => fitModel(training))
const sampleAt = (model: TraceModel, data: TrainingData): Promise<Float64Array> =>
  model.sample(data.conditions, latentOf(data.count, data.modes, 7), data.count)
const named = (name: string): TraceModel => models.find((m) => m.name === name)!

describe.each(models)('$name', (model) => {
  it('samples marginals near the held-out ones', async () => {
    const limit = model.name === 'pca-gauss' ? 0.1 : 0.05
    expect(meanColumnKs(await sampleAt(model, test), test.coefficients, MODES)).toBeLessThan(limit)
  })

  it('gives the same bits after saving and loading, in parts and alone', async () => {
    const n = 40
    const latent = latentOf(n, MODES, 3)
    const conditions = test.conditions.slice(0, 2 * n)
    const all = await model.sample(conditions, latent, n)
    const loaded = await loadModel(unpack(pack(model.state), model.name) as AnyModelState)
    expect(await loaded.sample(conditions, latent, n)).toEqual(all)
    const alone = await loaded.sample(conditions.slice(22, 24), latent.slice(11 * (MODES + 1), 12 * (MODES + 1)), 1)
    expect(alone).toEqual(all.slice(11 * MODES, 12 * MODES))
  })

  it('refuses arrays of the wrong length', async () => {
    await expect(model.sample(new Float64Array(3), new Float64Array(MODES + 1), 1)).rejects.toThrow(
      /conditions: expected 2/,
    )
    await expect(model.sample(new Float64Array(2), new Float64Array(MODES), 1)).rejects.toThrow(/latent: expected 41/)
  })
})

/** Mean and standard deviation of coefficient 0 at one condition. */
const momentsAt = async (model: TraceModel, theta: readonly number[], n: number) => {
  const conditions = Float64Array.from({ length: 2 * n }, (_, at) => theta[at % 2])
  const a = await model.sample(conditions, latentOf(n, MODES, 11), n)
  const first = Array.from({ length: n }, (_, i) => a[i * MODES])
  const mean = first.reduce((s, v) => s + v, 0) / n
  return { mean, deviation: Math.sqrt(first.reduce((s, v) => s + (v - mean) ** 2, 0) / n) }
}

describe('conditional baselines', () => {
  it.each([
    'scale-gauss',
    'residual-bootstrap',
    'local-bootstrap',
    'gaussian-mixture',
  ])('%s follows θ', async (name) => {
    const theta = [0.7, -0.5]
    const { mean, deviation } = await momentsAt(named(name), theta, 2000)
    const exact = { mean: 2 * (0.7 + 0.5 * 0.25), deviation: 2 * Math.exp(0.6 * 0.7 + 0.15) }
    expect(Math.abs(mean - exact.mean)).toBeLessThan(0.3 * exact.deviation)
    expect(Math.abs(deviation / exact.deviation - 1)).toBeLessThan(0.15)
  })

  it('pca-gauss does not', async () => {
    const [a, b] = [
      await momentsAt(named('pca-gauss'), [0.7, -0.5], 50),
      await momentsAt(named('pca-gauss'), [-0.7, 0.5], 50),
    ]
    expect(a).toEqual(b)
  })
})

describe('bootstraps', () => {
  it('trace-replay draws training rows by Φ of the last latent', async () => {
    const latent = latentOf(30, MODES, 5)
    const a = await named('trace-replay').sample(test.conditions.slice(0, 60), latent, 30)
    for (let i = 0; i < 30; i++) {
      const index = Math.floor(normalCdf(latent[i * (MODES + 1) + MODES]) * training.count)
      expect(a.slice(i * MODES, (i + 1) * MODES)).toEqual(
        training.coefficients.slice(index * MODES, (index + 1) * MODES),
      )
    }
  })

  it('residual-bootstrap returns a training row at its own condition', async () => {
    const index = 123
    const latent = new Float64Array(MODES + 1)
    // Φ⁻¹ by bisection of the middle of the index's interval.
    let [low, high] = [-6, 6]
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2
      if (normalCdf(middle) < (index + 0.5) / training.count) low = middle
      else high = middle
    }
    latent[MODES] = low
    const a = await named('residual-bootstrap').sample(training.conditions.slice(2 * index, 2 * index + 2), latent, 1)
    a.forEach((v, k) => {
      expect(v).toBeCloseTo(training.coefficients[index * MODES + k], 10)
    })
  })

  it('local-bootstrap keeps the two branches of a mixture, scale-gauss does not', async () => {
    const mixture = bimodal(1000, 4, 1)
    const held = bimodal(1500, 4, 2)
    const [local, gauss] = [fitLocalBootstrap(mixture), fitScaleGauss(mixture)]
    expect(meanColumnKs(await sampleAt(local, held), held.coefficients, 4, 2)).toBeLessThan(0.05)
    expect(meanColumnKs(await sampleAt(gauss, held), held.coefficients, 4, 2)).toBeGreaterThan(0.12)
  })

  it('local-bootstrap uses neighbours only', async () => {
    const model = fitLocalBootstrap(training, { neighbours: 1 })
    const index = 77
    const theta = training.conditions.slice(2 * index, 2 * index + 2)
    for (const last of [-2, 0, 2]) {
      const latent = new Float64Array(MODES + 1)
      latent[MODES] = last
      expect((await model.sample(theta, latent, 1))[0]).toBeCloseTo(training.coefficients[index * MODES], 10)
    }
  })
})

describe('loadModel', () => {
  it('refuses what it does not know', async () => {
    await expect(loadModel({ kind: 'crystal-ball' } as never)).rejects.toThrow(/state.kind: .*crystal-ball/)
  })
})
