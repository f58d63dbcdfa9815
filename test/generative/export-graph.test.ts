import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { type Decoding, exportGraph, type Range } from '../../src/generative/gan/export-graph.ts'
import { ganModel } from '../../src/generative/gan/gan-model.ts'
import type { GanState } from '../../src/generative/gan/gan-state.ts'
import type { Granularities } from '../../src/generative/gan/granularity.ts'
import { standAlone } from '../../src/generative/gan/stand-alone.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { createExecutor } from '../../src/tensor/executor.ts'
import { toOnnx } from '../../src/tensor/onnx.ts'
import { latentOf, pairsOf, scaleOf } from './known-law.ts'
import { FORMS } from './networks.ts'
import { untrainedGan } from './untrained-gan.ts'

const N = 50
const MODES = 11
const executor = await createExecutor({ kind: 'onnxruntime-cpu' })
const MIXED: Granularities = [0.25, 1, 0.125]
/** Seconds, and metres far from zero: a narrow range is where 32 bits hurt. */
const RANGES: readonly Range[] = [
  { low: 40e-6, high: 70e-6 },
  { low: 1.995, high: 2.005 },
]

/** Mean, deviation and tail depend on θ; two modes are bent by the first. */
const dataOf = (p: number) =>
  pairsOf(150, p, MODES, 1, (out, theta, z) => {
    const t = theta[0] ?? 0.3
    for (let k = 0; k < MODES; k++)
      out[k] = scaleOf(k) * (t - t * (theta[1] ?? 0.5) + (1 + 0.4 * t) * z[k] + (k > 8 ? 0.3 * z[0] * z[0] : 0))
  })

/** θ in [−1.2, 1.2], so that some lie outside the trained range, in 32-bit physical units and as the model takes it. */
const conditionsOf = (p: number) => {
  const u = new Float64Array(N * p)
  randomStream(3, 'test/export').uniformsInto(u, 0)
  const theta = Float32Array.from(u, (x, at) => {
    const { low, high } = RANGES[at % p]
    return low + (high - low) * (1.2 * x - 0.1)
  })
  const scaled = Float64Array.from(theta, (x, at) => {
    const { low, high } = RANGES[at % p]
    return (2 * (x - low)) / (high - low) - 1
  })
  return { theta, scaled }
}

/** Largest error of a column relative to its standard deviation. */
const worst = (actual: ArrayLike<number>, expected: Float64Array, columns: number): number => {
  const rows = expected.length / columns
  const errors = Array.from({ length: columns }, (_, k) => {
    const values = Array.from({ length: rows }, (_, n) => expected[n * columns + k])
    const mean = values.reduce((a, b) => a + b) / rows
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / rows)
    return Math.max(...values.map((v, n) => Math.abs(actual[n * columns + k] - v))) / deviation
  })
  return Math.max(...errors)
}

const stateOf = (form: 0 | 1, p: number, latent: number, categories: number): GanState =>
  untrainedGan(dataOf(p), { ...FORMS[form], conditionCount: p, latent, categories }, ['1', '1/2', '1/4·1·1/8'])

const decoding: Decoding = {
  mean: Float64Array.from({ length: 12 }, (_, d) => Math.sin(d)),
  modes: Float64Array.from({ length: 12 * MODES }, (_, at) => Math.cos(at * at)),
  shape: [3, 2, 2],
}
const traceOf = (coefficients: Float64Array): Float64Array =>
  new Float64Array(N * 12).map((_, at) => {
    const [n, d] = [Math.floor(at / 12), at % 12]
    let sum = decoding.mean[d]
    for (let k = 0; k < MODES; k++) sum += coefficients[n * MODES + k] * decoding.modes[k * 12 + d]
    return sum
  })

describe.each<[string, GanState, number, Granularities]>([
  ['the residual form with a tail', stateOf(0, 2, 8, 0), 2, [1, 1, 1]],
  ['a combination of the residual form, with categories', stateOf(0, 1, 8, 3), 1, MIXED],
  ['the transformer at 1/2', stateOf(1, 2, 8, 0), 2, [0.5, 0.5, 0.5]],
  ['a combination of the transformer, with categories alone', stateOf(1, 0, 8, 2), 0, MIXED],
  ['no conditions', stateOf(0, 0, 8, 0), 0, [1, 1, 1]],
  ['no tail', stateOf(0, 2, MODES, 0), 2, [1, 1, 1]],
])('the exported graph: %s', (_, state, p, granularities) => {
  const latent = latentOf(N, MODES, 4)
  const z = Float32Array.from(latent)
  const { theta, scaled } = conditionsOf(p)
  const ranges = RANGES.slice(0, p)
  const expected = async (): Promise<Float64Array> => {
    const model = await ganModel(state, executor, granularities)
    const coefficients = await model.sample(scaled, Float64Array.from(z), N)
    await model.release()
    return coefficients
  }

  it('gives the coefficients and traces of the model in ONNX Runtime, for any number of samples', async () => {
    const batch = 2 ** 31 - 1
    const graph = exportGraph(standAlone(state, granularities), { ranges, batch, decoding })
    const session = await ort.InferenceSession.create(toOnnx(graph, { openAxis: { name: 'n', size: batch } }))
    expect(session.inputMetadata.map((i) => [i.name, i.isTensor && i.shape])).toEqual([
      ['z', ['n', MODES + 1]],
      ...(p > 0 ? [['theta', ['n', p]]] : []),
    ])
    const want = await expected()
    for (const n of [N, 1]) {
      const feeds = {
        z: new ort.Tensor('float32', z.subarray(0, n * (MODES + 1)), [n, MODES + 1]),
        ...(p > 0 && { theta: new ort.Tensor('float32', theta.subarray(0, n * p), [n, p]) }),
      }
      const { coefficients, traces } = await session.run(feeds)
      expect(coefficients.dims).toEqual([n, MODES])
      expect(traces.dims).toEqual([n, 3, 2, 2])
      if (n < N) continue
      expect(worst(coefficients.data as Float32Array, want, MODES)).toBeLessThan(1e-5)
      expect(worst(traces.data as Float32Array, traceOf(want), 12)).toBeLessThan(1e-5)
    }
    await session.release()
  })

  it('gives them in double precision, node by node', async () => {
    const graph = exportGraph(standAlone(state, granularities), { ranges, batch: N })
    const feeds = { z: Float64Array.from(z), ...(p > 0 && { theta: Float64Array.from(theta) }) }
    expect(worst(evaluate(graph, feeds).coefficients, await expected(), MODES)).toBeLessThan(1e-5)
  })
})

describe('an export', () => {
  const state = stateOf(0, 2, 8, 0)

  it('of a combination that is not calibrated is refused', () => {
    expect(() => standAlone(state, [0.125, 0.125, 0.125])).toThrow(
      'a calibrated combination (1, 1/2, 1/4·1·1/8; see calibrateGan), received 1/8',
    )
  })

  it('needs a range per condition', () => {
    const model = standAlone(state, [1, 1, 1])
    expect(() => exportGraph(model, { ranges: RANGES.slice(1), batch: 1 })).toThrow('2, one per condition, received 1')
    const empty = { low: 1, high: 1 }
    expect(() => exportGraph(model, { ranges: [RANGES[0], empty], batch: 1 })).toThrow('ranges[1]: expected low < high')
  })
})
