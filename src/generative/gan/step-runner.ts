import { type AdamMemory, adamMemory } from '../../tensor/adam-kernel.ts'
import { inputSizes } from '../../tensor/compiled-graph.ts'
import type { CompiledGraph, TensorExecutor } from '../../tensor/executor.ts'
import type { NetworkState } from './checkpoint.ts'
import { criticSpecs } from './critic.ts'
import { conditioningInto, type Draws } from './draws.ts'
import { generatorSpecs } from './generator.ts'
import { conditioningSize, fullHiddenSizes } from './generator-config.ts'
import { type ParameterSpec, type Parameters, viewParameters } from './parameters.ts'
import { GRADIENT, LOSS, type Outputs, stepGraphs } from './step-graphs.ts'
import { criticConfig } from './training-networks.ts'
import { type GanOptions, noiseLevel, rateFactor } from './training-options.ts'
import { gatherInto, type WhiteData } from './white-data.ts'

type Arrays = Record<string, Float32Array>

export const prefixed = (prefix: string, parameters: Parameters): Arrays =>
  Object.fromEntries(Object.entries(parameters).map(([name, values]) => [`${prefix}${name}`, values]))

/** The feeds of one training, allocated once; each graph takes those it has inputs for. */
interface Batch {
  readonly indices: Int32Array
  readonly theta: Float32Array
  readonly uniforms: Float32Array
  readonly feeds: Arrays
}

const allocateBatch = (options: GanOptions): Batch => {
  const { batch, generator } = options
  const size = batch * generator.latent
  const noise = options.instanceNoise > 0
  return {
    indices: new Int32Array(batch),
    theta: new Float32Array(batch * generator.conditionCount),
    uniforms: new Float32Array(batch),
    feeds: {
      z: new Float32Array(size),
      ...(options.energyWeight > 0 && { secondZ: new Float32Array(size) }),
      x: new Float32Array(size),
      mix: new Float32Array(batch),
      ...(conditioningSize(generator) > 0 && { conditioning: new Float32Array(batch * conditioningSize(generator)) }),
      ...(noise && { realNoise: new Float32Array(size), fakeNoise: new Float32Array(size) }),
    },
  }
}

/** The arrays that a graph has inputs for. */
export const feedsOf = (arrays: Arrays, outputs: Outputs): Arrays =>
  Object.fromEntries([...inputSizes(outputs).keys()].map((name) => [name, arrays[name]]))

const drawNoise = (
  out: Float32Array,
  options: GanOptions,
  draws: Draws,
  purpose: string,
  iteration: number,
  step: number,
): void => {
  const level = noiseLevel(options, iteration)
  draws.normalsInto(out, purpose, step)
  for (let i = 0; i < out.length; i++) out[i] *= level
}

/** Draws the batch of one step. `purpose` separates critic from generator. */
const drawBatch = (
  batch: Batch,
  options: GanOptions,
  data: WhiteData,
  draws: Draws,
  purpose: 'critic' | 'generator',
  iteration: number,
  step: number,
): void => {
  const { feeds, indices, theta, uniforms } = batch
  const { generator } = options
  draws.indicesInto(indices, data.count, `${purpose}/rows`, step)
  gatherInto(theta, data.theta, indices, generator.conditionCount)
  if (generator.categories > 1) draws.uniformsInto(uniforms, `${purpose}/category`, step)
  if (feeds.conditioning) conditioningInto(feeds.conditioning, generator, theta, uniforms, options.batch)
  draws.normalsInto(feeds.z, `${purpose}/z`, step)
  if (feeds.fakeNoise) drawNoise(feeds.fakeNoise, options, draws, `${purpose}/fake-noise`, iteration, step)
  gatherInto(feeds.x, data.x, indices, generator.latent)
  if (purpose === 'generator') {
    if (feeds.secondZ) draws.normalsInto(feeds.secondZ, 'generator/second-z', step)
    return
  }
  draws.uniformsInto(feeds.mix, 'critic/mix', step)
  if (feeds.realNoise) drawNoise(feeds.realNoise, options, draws, 'critic/real-noise', iteration, step)
}

export interface StepLosses {
  readonly generatorLoss: number
  readonly criticLoss: number
}

/** The two kinds of step on compiled graphs: one run each, then Adam on one flat buffer. */
export interface StepRunner {
  /** Overwritten by the steps. */
  readonly states: { readonly generator: NetworkState; readonly critic: NetworkState }
  /** Of the last step of each kind, on its batch and before its update; NaN where there was none. */
  losses(): StepLosses
  criticStep(iteration: number, step: number): Promise<void>
  generatorStep(iteration: number): Promise<void>
  release(): Promise<void>
}

const ADAM = { beta1: 0, beta2: 0.9, epsilon: 1e-8 }

interface Optimised {
  readonly memory: AdamMemory
  readonly state: NetworkState
  readonly loss: Float32Array
  /** Weights, and what a step writes (loss and gradients), by the names that the graphs have for them: views of the memory. */
  readonly weights: Arrays
  readonly into: Arrays
}

const optimised = (prefix: string, specs: readonly ParameterSpec[], start: NetworkState): Optimised => {
  const { weights, firstMoment, secondMoment } = start
  const memory = adamMemory({ parameters: weights, firstMoment, secondMoment })
  const { parameters, ...moments } = memory.state
  const loss = new Float32Array([Number.NaN])
  return {
    memory,
    state: { weights: parameters, ...moments },
    loss,
    weights: prefixed(prefix, viewParameters(specs, parameters)),
    into: { [LOSS]: loss, ...prefixed(`${GRADIENT}${prefix}`, viewParameters(specs, memory.gradient)) },
  }
}

const update = ({ memory }: Optimised, learningRate: number, step: number): void =>
  memory.step({ ...ADAM, learningRate, step })

/** A compiled step and the arrays it reads. */
interface Step {
  readonly graph: CompiledGraph
  readonly feeds: Arrays
}
const compileSteps = (executor: TensorExecutor, graphs: readonly Outputs[], arrays: Arrays): Promise<Step[]> =>
  Promise.all(
    graphs.map(async (outputs) => ({ graph: await executor.compile(outputs), feeds: feedsOf(arrays, outputs) })),
  )

/** @param start copied; the steps go on from it in `states` */
export const stepRunner = async (
  executor: TensorExecutor,
  options: GanOptions,
  data: WhiteData,
  draws: Draws,
  start: { readonly generator: NetworkState; readonly critic: NetworkState },
): Promise<StepRunner> => {
  const graphs = stepGraphs(options)
  const generator = optimised(
    'g.',
    generatorSpecs(options.generator, fullHiddenSizes(options.generator)),
    start.generator,
  )
  const critic = optimised('d.', criticSpecs(criticConfig(options)), start.critic)
  const batch = allocateBatch(options)
  const arrays = {
    ...generator.weights,
    ...critic.weights,
    ...batch.feeds,
  }
  const critics = await compileSteps(executor, graphs.critics, arrays)
  const generators = await compileSteps(executor, graphs.generators, arrays)
  const drawn = new Int32Array(1)
  const variant = (iteration: number, count: number): number => {
    if (!graphs.random) return iteration % count
    draws.indicesInto(drawn, count, 'granularity', iteration)
    return drawn[0]
  }
  return {
    states: { generator: generator.state, critic: critic.state },
    losses: () => ({ generatorLoss: generator.loss[0], criticLoss: critic.loss[0] }),
    criticStep: async (iteration, step) => {
      const number = iteration * options.criticSteps + step
      drawBatch(batch, options, data, draws, 'critic', iteration, number)
      const { graph, feeds } = critics[variant(iteration, critics.length)]
      await graph.runInto(critic.into, feeds)
      update(critic, options.criticRate * rateFactor(iteration, options.iterations), number + 1)
    },
    generatorStep: async (iteration) => {
      drawBatch(batch, options, data, draws, 'generator', iteration, iteration)
      const { graph, feeds } = generators[variant(iteration, generators.length)]
      await graph.runInto(generator.into, feeds)
      update(generator, options.generatorRate * rateFactor(iteration, options.iterations), iteration + 1)
    },
    release: async () => {
      await Promise.all([...critics, ...generators].map(({ graph }) => graph.release()))
    },
  }
}
