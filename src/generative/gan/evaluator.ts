import type { TensorExecutor } from '../../tensor/executor.ts'
import { shapeDirections, slicedWasserstein } from '../sliced-wasserstein.ts'
import type { TrainingRecord } from './checkpoint.ts'
import { criticSpecs } from './critic.ts'
import { conditioningInto, type Draws } from './draws.ts'
import { generatorSpecs } from './generator.ts'
import { conditioningSize, fullHiddenSizes } from './generator-config.ts'
import { viewParameters } from './parameters.ts'
import { evaluationGraphs } from './step-graphs.ts'
import { feedsOf, prefixed } from './step-runner.ts'
import { criticConfig } from './training-networks.ts'
import type { GanOptions } from './training-options.ts'
import { jointRows, type WhiteData } from './white-data.ts'

/** Of each random kind. */
const DIRECTIONS = 96
const DIRECTION_SEED = 1
/** Generated samples per validation pair: their noise should be small beside that of the data. */
const REPEATS = 4

/** What is measured of weights, whatever the step. */
export type Judgement = Pick<TrainingRecord, 'criticGap' | 'heldOutGap' | 'validationDistance'>

/** Judges weights on data that they were not trained on. */
export interface Evaluator {
  /** @param generator, critic flat weights */
  evaluate(generator: Float32Array, critic: Float32Array): Promise<Judgement>
  release(): Promise<void>
}

const mean = (values: Float32Array): number => values.reduce((a, b) => a + b, 0) / values.length

const repeatRows = (rows: Float32Array, times: number): Float32Array => {
  const out = new Float32Array(rows.length * times)
  for (let t = 0; t < times; t++) out.set(rows, t * rows.length)
  return out
}

/** Fixed latents for every evaluation, so that the curve shows the weights and not the draws. */
export const evaluator = async (
  executor: TensorExecutor,
  options: GanOptions,
  training: WhiteData,
  validation: WhiteData,
  draws: Draws,
): Promise<Evaluator> => {
  const graphs = evaluationGraphs(options)
  const [samples, scores] = [await executor.compile(graphs.samples), await executor.compile(graphs.scores)]
  const { batch, generator } = options
  const { latent, conditionCount: p } = generator
  const directions = shapeDirections(latent + p, DIRECTIONS, DIRECTION_SEED)
  const generatorLayout = generatorSpecs(generator, fullHiddenSizes(generator))
  const criticLayout = criticSpecs(criticConfig(options))

  /** Rows in padded batches of the compiled size. */
  const inBatches = async (
    count: number,
    outWidth: number,
    run: (start: number, rows: number) => Promise<Float32Array>,
  ): Promise<Float32Array> => {
    const out = new Float32Array(count * outWidth)
    for (let start = 0; start < count; start += batch) {
      const rows = Math.min(batch, count - start)
      out.set((await run(start, rows)).subarray(0, rows * outWidth), start * outWidth)
    }
    return out
  }
  const paddedRows = (from: Float32Array, width: number, start: number, rows: number): Float32Array => {
    const out = new Float32Array(batch * width)
    out.set(from.subarray(start * width, (start + rows) * width))
    return out
  }
  const generate = (theta: Float32Array, count: number, weights: Float32Array): Promise<Float32Array> => {
    const feeds = prefixed('g.', viewParameters(generatorLayout, weights))
    return inBatches(count, latent, async (start, rows) => {
      const z = new Float32Array(batch * latent)
      const uniforms = new Float32Array(batch)
      draws.normalsInto(z, 'evaluation/z', start)
      draws.uniformsInto(uniforms, 'evaluation/category', start)
      const conditioning = new Float32Array(batch * conditioningSize(generator))
      conditioningInto(conditioning, generator, paddedRows(theta, p, start, rows), uniforms, batch)
      const out = await samples.run({ ...feeds, z, ...(conditioning.length > 0 && { conditioning }) })
      return out.samples
    })
  }
  const score = async (x: Float32Array, theta: Float32Array, count: number, weights: Float32Array): Promise<number> => {
    const parameters = prefixed('d.', viewParameters(criticLayout, weights))
    const values = await inBatches(count, 1, async (start, rows) => {
      const conditioning = new Float32Array(batch * conditioningSize(generator))
      conditioningInto(conditioning, generator, paddedRows(theta, p, start, rows), new Float32Array(batch), batch)
      const arrays = { ...parameters, x: paddedRows(x, latent, start, rows), conditioning }
      const out = await scores.run(feedsOf(arrays, graphs.scores))
      return out.scores
    })
    return mean(values)
  }
  const gapOn = async (data: WhiteData, generated: Float32Array, times: number, critic: Float32Array) =>
    (await score(data.x, data.theta, data.count, critic)) -
    (await score(generated, repeatRows(data.theta, times), data.count * times, critic))

  const evaluate: Evaluator['evaluate'] = async (weights, critic) => {
    const heldOut = await generate(repeatRows(validation.theta, REPEATS), validation.count * REPEATS, weights)
    const seen = await generate(training.theta, training.count, weights)
    const validationDistance = slicedWasserstein(
      jointRows(validation.x, validation.theta, validation.count),
      jointRows(heldOut, repeatRows(validation.theta, REPEATS), validation.count * REPEATS),
      latent + p,
      directions,
    )
    const criticGap = await gapOn(training, seen, 1, critic)
    const heldOutGap = await gapOn(validation, heldOut, REPEATS, critic)
    return { criticGap, heldOutGap, validationDistance }
  }
  return {
    evaluate,
    release: async () => {
      await Promise.all([samples.release(), scores.release()])
    },
  }
}
