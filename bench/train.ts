import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { initialCheckpoint } from '../src/generative/gan/checkpoint.ts'
import { trainingDraws } from '../src/generative/gan/draws.ts'
import { stepRunner } from '../src/generative/gan/step-runner.ts'
import { type GanOptions, ganOptions } from '../src/generative/gan/training-options.ts'
import type { WhiteData } from '../src/generative/gan/white-data.ts'
import { randomStream } from '../src/numeric/random.ts'
import { createExecutor } from '../src/tensor/executor.ts'
import type { Bench } from './bench.ts'
import { medianSeconds } from './bench.ts'

const CONDITIONS = 2
const SAMPLES = 1000
const STEPS = 30
const REPEATS = 5
const PYTHON = '/usr/bin/python3'
const REFERENCE = fileURLToPath(new URL('train_reference.py', import.meta.url))

const randomData = (latent: number): WhiteData => {
  const stream = randomStream(1, 'bench/data')
  const x = new Float64Array(SAMPLES * latent)
  const theta = new Float64Array(SAMPLES * CONDITIONS)
  stream.normalsInto(x, 0)
  stream.uniformsInto(theta, 1)
  return { count: SAMPLES, x: Float32Array.from(x), theta: Float32Array.from(theta, (u) => 2 * u - 1) }
}

interface Milliseconds {
  readonly critic: number
  readonly generator: number
  /** Weights of both networks: the reference must have the same. */
  readonly parameters: readonly [critic: number, generator: number]
}

const ours = async (options: GanOptions): Promise<Milliseconds> => {
  const states = initialCheckpoint(options)
  const executor = await createExecutor({ kind: 'onnxruntime-cpu' })
  const data = randomData(options.generator.latent)
  const runner = await stepRunner(executor, options, data, trainingDraws(1), states)
  let [critics, generators] = [0, 0]
  const seconds = await medianSeconds(
    {
      critic: async () => {
        for (let k = 0; k < STEPS; k++) await runner.criticStep(critics++, 0)
      },
      generator: async () => {
        for (let k = 0; k < STEPS; k++) await runner.generatorStep(generators++)
      },
    },
    REPEATS,
  )
  await runner.release()
  if (![...states.generator.weights, ...states.critic.weights].every(Number.isFinite))
    throw new Error('the training steps left the finite numbers')
  const parameters = [states.critic.weights.length, states.generator.weights.length] as const
  return { critic: (1000 * seconds.critic) / STEPS, generator: (1000 * seconds.generator) / STEPS, parameters }
}

const hasTorch = (): Promise<boolean> =>
  promisify(execFile)(PYTHON, ['-c', 'import torch']).then(
    () => true,
    () => false,
  )

const torch = async (options: GanOptions): Promise<Milliseconds> => {
  const sizes = { ...options, samples: SAMPLES, steps: STEPS, repeats: REPEATS }
  const { stdout } = await promisify(execFile)(PYTHON, [REFERENCE, JSON.stringify(sizes)])
  return JSON.parse(stdout) as Milliseconds
}

export const bench: Bench = {
  about: 'a critic step and a generator step of the default recipe, against PyTorch, one thread each',
  run: async () => {
    const options = ganOptions(CONDITIONS, 96)
    const mine = await ours(options)
    const figures = [
      { key: 'critic', value: mine.critic, unit: 'ms per step, ONNX Runtime' },
      { key: 'generator', value: mine.generator, unit: 'ms per step, ONNX Runtime' },
    ]
    const sizes = `${mine.parameters[0]} + ${mine.parameters[1]} weights, batch ${options.batch}`
    if (!(await hasTorch())) return { figures, notes: [sizes, 'skipped: python3-torch'] }
    const theirs = await torch(options)
    if (`${theirs.parameters}` !== `${mine.parameters}`)
      throw new Error(`PyTorch's networks have ${theirs.parameters} weights, ours ${mine.parameters}`)
    return {
      figures: [
        ...figures,
        { key: 'torchCritic', value: theirs.critic, unit: 'ms per step, PyTorch' },
        { key: 'torchGenerator', value: theirs.generator, unit: 'ms per step, PyTorch' },
        { key: 'criticRatio', value: theirs.critic / mine.critic, unit: 'times faster than PyTorch' },
        { key: 'generatorRatio', value: theirs.generator / mine.generator, unit: 'times faster than PyTorch' },
      ],
      notes: [sizes],
    }
  },
}
