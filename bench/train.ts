import { initialCheckpoint } from '../src/generative/gan/checkpoint.ts'
import { trainingDraws } from '../src/generative/gan/draws.ts'
import { stepRunner } from '../src/generative/gan/step-runner.ts'
import { type GanOptions, ganOptions } from '../src/generative/gan/training-options.ts'
import type { WhiteData } from '../src/generative/gan/white-data.ts'
import { randomStream } from '../src/numeric/random.ts'
import { createExecutor, type ExecutorOptions } from '../src/tensor/executor.ts'
import { type Bench, type Figure, type Outcome, shortestSeconds } from './bench.ts'
import { BRIEF } from './brief.ts'
import { blasNote, hasTorch, type TorchProcess, torchProcess } from './torch.ts'
import { sameGradients } from './train-check.ts'

const CONDITIONS = 2
const SAMPLES = 1000
const THREADS = [1, 2] as const

/** A generator step each for the granularities that take turns. */
const STEPS = 3

/** What is trained, and how many turns each contestant gets. */
interface Configuration {
  readonly options: GanOptions
  readonly turns: number
}

const LARGE = { form: 'transformer', width: 128, blocks: 4, hidden: 512, tokens: 16, latent: 32, heads: 4 } as const
const SMALL = { width: 16, blocks: 2, hidden: 16, tokens: 4 } as const
const small = { batch: 16, criticHidden: [16, 16] } as const
const CONFIGURATIONS: Readonly<Record<'recipe' | 'transformer', Configuration>> = {
  recipe: { options: ganOptions(CONDITIONS, 96, BRIEF ? { ...small, generator: SMALL } : {}), turns: 60 },
  transformer: {
    options: ganOptions(
      CONDITIONS,
      96,
      BRIEF ? { ...small, generator: { ...LARGE, ...SMALL } } : { batch: 64, generator: LARGE },
    ),
    turns: 10,
  },
}

const randomData = (latent: number): WhiteData => {
  const x = new Float64Array(SAMPLES * latent)
  const theta = new Float64Array(SAMPLES * CONDITIONS)
  randomStream(1, 'bench/x').normalsInto(x, 0)
  randomStream(1, 'bench/theta').uniformsInto(theta, 0)
  return { count: SAMPLES, x: Float32Array.from(x), theta: Float32Array.from(theta, (u) => 2 * u - 1) }
}

/** Runs of N steps of each kind. */
interface Trainer {
  critic(steps: number): Promise<unknown>
  generator(steps: number): Promise<unknown>
  end(): Promise<void>
}

const ours = async (options: GanOptions, executor: ExecutorOptions): Promise<Trainer> => {
  const data = randomData(options.generator.latent)
  const runner = await stepRunner(
    await createExecutor(executor),
    options,
    data,
    trainingDraws(1),
    initialCheckpoint(options),
  )
  let [critics, generators] = [0, 0]
  return {
    critic: async (steps) => {
      for (let k = 0; k < steps; k++) await runner.criticStep(critics++, 0)
    },
    generator: async (steps) => {
      for (let k = 0; k < steps; k++) await runner.generatorStep(generators++)
    },
    end: async () => {
      await runner.release()
      const { states } = runner
      if (![...states.generator.weights, ...states.critic.weights].every(Number.isFinite))
        throw new Error('the training steps left the finite numbers')
    },
  }
}

const startTorch = (options: GanOptions, threads: number): TorchProcess =>
  torchProcess('train_reference.py', threads, JSON.stringify({ ...options, samples: SAMPLES }))

const theirs = (torch: TorchProcess): Trainer => ({
  critic: (steps) => torch.ask('critic', steps),
  generator: (steps) => torch.ask('generator', steps),
  end: () => torch.end(),
})

type Seconds = Readonly<Record<'critic' | 'generator', number>>

/** Seconds per step of every trainer, in turns. */
const race = async (trainers: readonly Trainer[], turns: number): Promise<Seconds[]> => {
  const cases = trainers.flatMap((trainer, i) => [
    [`critic${i}`, () => trainer.critic(STEPS)] as const,
    [`generator${i}`, () => trainer.generator(STEPS)] as const,
  ])
  const seconds = await shortestSeconds(Object.fromEntries(cases), turns)
  for (const trainer of trainers) await trainer.end()
  return trainers.map((_, i) => ({
    critic: seconds[`critic${i}`] / STEPS,
    generator: seconds[`generator${i}`] / STEPS,
  }))
}

const secondsOf = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** One step of each kind, without a turn to warm up: for TensorFlow.js, which takes seconds. */
const once = async (trainer: Trainer): Promise<Seconds> => {
  const critic = await secondsOf(() => trainer.critic(1))
  const generator = await secondsOf(() => trainer.generator(1))
  await trainer.end()
  return { critic, generator }
}

/** One iteration of the training: its critic steps and its generator step. */
const iteration = ({ critic, generator }: Seconds, { criticSteps }: GanOptions): number =>
  criticSteps * critic + generator

const milliseconds = (key: string, { critic, generator }: Seconds, by: string): Figure[] => [
  { key: `${key}_critic`, value: 1000 * critic, unit: `ms per step, ${by}` },
  { key: `${key}_generator`, value: 1000 * generator, unit: `ms per step, ${by}` },
]

const measure = async (label: string, { options, turns }: Configuration, torch: boolean): Promise<Outcome> => {
  const figures: Figure[] = []
  const notes: string[] = []
  let oneThread: Seconds | undefined
  for (const threads of THREADS) {
    const key = `${label}_${threads}t`
    const trainers = [await ours(options, { kind: 'onnxruntime-cpu', threads })]
    if (torch) {
      const process = startTorch(options, threads)
      if (threads === 1) notes.push(await blasNote(process), ...(await sameGradients(label, options, process)))
      trainers.push(theirs(process))
    }
    const [mine, other] = await race(trainers, turns)
    oneThread ??= mine
    figures.push(...milliseconds(key, mine, 'ONNX Runtime'))
    if (!other) continue
    figures.push(...milliseconds(`torch_${key}`, other, 'PyTorch'), {
      key: `ratio_torch_${key}`,
      value: iteration(other, options) / iteration(mine, options),
      unit: 'times faster than PyTorch',
    })
  }
  const tensorflow = await once(await ours(options, { kind: 'tfjs-cpu' }))
  figures.push(...milliseconds(`tensorflow_${label}`, tensorflow, 'TensorFlow.js'), {
    key: `ratio_tensorflow_${label}`,
    value: iteration(tensorflow, options) / iteration(oneThread!, options),
    unit: 'times faster than TensorFlow.js',
  })
  return { figures, notes }
}

export const bench: Bench = {
  about:
    'training steps of the recipe and of a larger transformer, against PyTorch (1 and 2 threads) and TensorFlow.js',
  run: async () => {
    const torch = await hasTorch()
    const outcomes: Outcome[] = []
    for (const [label, configuration] of Object.entries(CONFIGURATIONS))
      outcomes.push(await measure(label, configuration, torch))
    return {
      figures: outcomes.flatMap((outcome) => outcome.figures),
      notes: [...outcomes.flatMap((outcome) => outcome.notes), ...(torch ? [] : ['skipped: python3-torch'])],
    }
  },
}
