import { type ExtractedGenerator, extract } from '../src/generative/gan/extract.ts'
import { generatorFlops, generatorSpecs } from '../src/generative/gan/generator.ts'
import { DEFAULT_GENERATOR, fullHiddenSizes, type GeneratorConfig } from '../src/generative/gan/generator-config.ts'
import { type Granularity, uniformGranularity } from '../src/generative/gan/granularity.ts'
import { initialParameters } from '../src/generative/gan/parameters.ts'
import { compileSampler, SAMPLE_BLOCK } from '../src/generative/gan/sampler.ts'
import { prefixed } from '../src/generative/gan/step-runner.ts'
import { randomStream } from '../src/numeric/random.ts'
import { createExecutor } from '../src/tensor/executor.ts'
import { type Bench, type Figure, mustAgree, type Outcome, shortestSeconds } from './bench.ts'
import { BRIEF } from './brief.ts'
import { blasNote, exchange, hasTorch, type TorchProcess, torchProcess } from './torch.ts'

const CONDITIONS = 2
const GRANULARITY = { full: 1, half: 0.5, quarter: 0.25, eighth: 0.125 } as const satisfies Record<string, Granularity>
type Size = keyof typeof GRANULARITY
const SIZES = Object.keys(GRANULARITY) as readonly Size[]

/** PyTorch takes the best of these for its batch. */
const TORCH_BATCHES = [64, 128, 256, 1024]
/** Of the largest sample. */
const TOLERANCE = 1e-4

interface Contest {
  readonly config: GeneratorConfig
  /** Samples of one turn: tens of milliseconds. */
  readonly count: number
  readonly turns: number
}
const LARGE = { form: 'transformer', width: 128, blocks: 4, hidden: 512, tokens: 16, latent: 32, heads: 4 } as const
const SMALL = BRIEF ? { width: 16, blocks: 2, hidden: 16, tokens: 4 } : {}
const CONTESTS: Readonly<Record<'mlp' | 'transformer', Contest>> = {
  mlp: { config: { ...DEFAULT_GENERATOR, ...SMALL, conditionCount: CONDITIONS }, count: BRIEF ? 64 : 1024, turns: 80 },
  transformer: {
    config: { ...DEFAULT_GENERATOR, ...LARGE, ...SMALL, conditionCount: CONDITIONS },
    count: BRIEF ? 64 : 256,
    turns: 24,
  },
}

/** Makes the same samples with any of the networks. */
interface Contestant {
  /** @returns [count, latent], or nothing where the samples stay in another process */
  sample(size: Size): Promise<Float32Array | undefined>
  end(): Promise<void>
}

interface Task {
  readonly config: GeneratorConfig
  readonly networks: Readonly<Record<Size, ExtractedGenerator>>
  readonly count: number
  readonly z: Float32Array
  readonly theta: Float64Array
}

const taskOf = ({ config, count }: Contest): Task => {
  const weights = initialParameters(generatorSpecs(config, fullHiddenSizes(config)), 1, 'bench/weights')
  const networks = SIZES.map((size) => [
    size,
    extract(config, weights, uniformGranularity(GRANULARITY[size], config.blocks)),
  ])
  const z = new Float64Array(count * config.latent)
  randomStream(1, 'bench/z').normalsInto(z, 0)
  const theta = Float64Array.from({ length: count * CONDITIONS }, (_, i) => Math.sin(i))
  return { config, networks: Object.fromEntries(networks), count, z: Float32Array.from(z), theta }
}

const ours = async (
  kind: 'onnxruntime-cpu' | 'tfjs-cpu',
  { networks, z, theta }: Task,
  count: number,
): Promise<Contestant> => {
  const executor = await createExecutor({ kind })
  const samplers = new Map(
    await Promise.all(SIZES.map(async (size) => [size, await compileSampler(executor, networks[size])] as const)),
  )
  const uniforms = new Float64Array(count).fill(0.5)
  return {
    sample: (size) => samplers.get(size)!.sample(z, theta, uniforms, count),
    end: async () => {
      for (const sampler of samplers.values()) await sampler.release()
    },
  }
}

/** Gives PyTorch a network and the inputs. @returns its samples */
const teach = async (torch: TorchProcess, { networks, z, theta, count }: Task, size: Size): Promise<Float32Array> => {
  const { config, hidden, parameters } = networks[size]
  const weights = generatorSpecs(config, hidden).map(({ name, shape }) => [`g.${name}`, shape] as const)
  const files = exchange()
  const arrays = { ...prefixed('g.', parameters), z, theta: Float32Array.from(theta) }
  const given = files.write(arrays, [...weights, ['z', [count, config.latent]], ['theta', [count, CONDITIONS]]])
  await torch.ask('check', size, hidden[0], given.path, given.shapes, files.result)
  const samples = files.read()
  files.remove()
  return samples
}

const fastestBatch = async (torch: TorchProcess, count: number): Promise<number> => {
  const batches = TORCH_BATCHES.filter((batch) => batch <= count)
  const cases = batches.map((batch) => [batch, () => torch.ask('sample', 'full', batch)])
  const seconds = await shortestSeconds<string>(Object.fromEntries(cases), 20)
  return batches.toSorted((a, b) => seconds[a] - seconds[b])[0]
}

const theirs = async (torch: TorchProcess, count: number): Promise<Contestant & { readonly batch: number }> => {
  const batch = await fastestBatch(torch, count)
  return {
    batch,
    sample: async (size) => {
      await torch.ask('sample', size, batch)
      return undefined
    },
    end: () => torch.end(),
  }
}

/** Samples per second of every contestant with every network; all of them take turns. */
const race = async (contestants: readonly Contestant[], count: number, turns: number) => {
  const cases = contestants.flatMap((contestant, i) =>
    SIZES.map((size) => [`${i} ${size}`, () => contestant.sample(size)] as const),
  )
  const seconds = await shortestSeconds<string>(Object.fromEntries(cases), turns)
  for (const contestant of contestants) await contestant.end()
  return contestants.map(
    (_, i) =>
      (size: Size): number =>
        count / seconds[`${i} ${size}`],
  )
}
type Rate = (size: Size) => number

const rates = (key: string, rate: Rate, by: string): Figure[] =>
  SIZES.map((size) => ({ key: `${key}_${size}`, value: rate(size), unit: `samples/s, ${by}` }))

/** Time per sample beside counted operations, both as shares of the full network's. */
const elasticity = (form: string, { networks }: Task, rate: Rate): string => {
  const flops = (size: Size): number => generatorFlops(networks[size].config, networks[size].hidden)
  const shares = SIZES.slice(1).map((size) => {
    const [time, work] = [rate('full') / rate(size), flops(size) / flops('full')]
    return `${size} ${time.toFixed(3)} of the time for ${work.toFixed(3)} of the operations`
  })
  return `${form}: ${shares.join(', ')}`
}
/** All contestants must make the same samples before their times mean anything. */
const agreements = async (form: string, task: Task, mine: Contestant, torch: TorchProcess): Promise<string[]> => {
  const notes: string[] = []
  for (const size of SIZES) {
    const [samples, same] = [(await mine.sample(size))!, await teach(torch, task, size)]
    notes.push(mustAgree(`${form} ${size}: samples of ONNX Runtime and PyTorch`, samples, same, TOLERANCE))
  }
  return notes
}

/** One block by TensorFlow.js, which takes a second for it. */
const tensorflow = async (form: string, task: Task, mine: Contestant): Promise<Outcome> => {
  const contestant = await ours('tfjs-cpu', task, SAMPLE_BLOCK)
  const [samples, slow] = [(await mine.sample('full'))!, (await contestant.sample('full'))!]
  const same = mustAgree(`${form} full: those of TensorFlow.js`, samples.subarray(0, slow.length), slow, TOLERANCE)
  const [rate] = await race([contestant], SAMPLE_BLOCK, 1)
  return { figures: rates(`tensorflow_${form}`, rate, 'TensorFlow.js'), notes: [same] }
}

const measure = async (form: string, contest: Contest, torch: TorchProcess | undefined): Promise<Outcome> => {
  const task = taskOf(contest)
  const mine = await ours('onnxruntime-cpu', task, contest.count)
  const slow = await tensorflow(form, task, mine)
  const notes = [
    ...slow.notes,
    ...(torch ? [await blasNote(torch), ...(await agreements(form, task, mine, torch))] : []),
  ]
  const other = torch && (await theirs(torch, contest.count))
  const [rate, otherRate] = await race(other ? [mine, other] : [mine], contest.count, contest.turns)
  const figures = [...rates(form, rate, 'ONNX Runtime')]
  if (other) {
    const ratio = rate('full') / otherRate('full')
    figures.push(...rates(`torch_${form}`, otherRate, `PyTorch in batches of ${other.batch}`), {
      key: `ratio_torch_${form}_1t`,
      value: ratio,
      unit: 'times faster than PyTorch, full network',
    })
  }
  return { figures: [...figures, ...slow.figures], notes: [...notes, elasticity(form, task, rate)] }
}

export const bench: Bench = {
  about: 'sampling the generator at each granularity, against PyTorch and TensorFlow.js, one thread',
  run: async () => {
    const torch = await hasTorch()
    const outcomes: Outcome[] = []
    for (const [form, contest] of Object.entries(CONTESTS)) {
      const process = torch ? torchProcess('sample_reference.py', 1, JSON.stringify(contest.config)) : undefined
      outcomes.push(await measure(form, contest, process))
    }
    const figures = outcomes.flatMap((outcome) => outcome.figures)
    const rate = (key: string): number => figures.find((figure) => figure.key === key)!.value
    const elastic = rate('transformer_eighth') / rate('transformer_full')
    return {
      figures: [
        ...figures,
        { key: 'ratio_full_over_eighth', value: elastic, unit: 'times cheaper, transformer at 1/8' },
      ],
      notes: [...outcomes.flatMap((outcome) => outcome.notes), ...(torch ? [] : ['skipped: python3-torch'])],
    }
  },
}
