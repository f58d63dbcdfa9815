/** Runs in a process of its own, whose Vulkan drivers the test has chosen. Prints one line of JSON. */

import { extract } from '../../src/generative/gan/extract.ts'
import { SAMPLE_BLOCK, samplingGraph } from '../../src/generative/gan/sampler.ts'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { createExecutor, type ExecutorKind, type TensorExecutor } from '../../src/tensor/executor.ts'
import { gradient } from '../../src/tensor/gradient.ts'
import { add, input, mul, reduceSum, square, type Tensor } from '../../src/tensor/graph.ts'
import { FORMS, randomWeights, uniformsOf } from '../generative/networks.ts'
import { errorOf, referenceRuns, resultsOf } from '../generative/training-step.ts'
import { toSingle } from '../tensor/numbers.ts'
import { ALL_CASES } from '../tensor/op-cases.ts'

type Errors = Record<string, number>

const choice = async (kind: ExecutorKind | 'auto'): Promise<unknown> => {
  try {
    return (await createExecutor({ kind })).choice
  } catch (error) {
    return (error as Error).message
  }
}

/** Largest errors of each run against PyTorch and against the default executor. */
const agreement = async (executor: TensorExecutor): Promise<Errors> => {
  const runs = referenceRuns()
  const [ours, others] = [
    await resultsOf(executor, runs),
    await resultsOf(await createExecutor({ kind: 'onnxruntime-cpu' }), runs),
  ]
  return Object.fromEntries(
    runs.flatMap(({ name, expected }) =>
      Object.keys(expected).flatMap((output) => [
        [`${name}: ${output} against PyTorch`, errorOf(ours[name][output], expected[output])],
        [`${name}: ${output} against onnxruntime-cpu`, errorOf(ours[name][output], others[name][output])],
      ]),
    ),
  )
}

/** Samples of networks with their weights inside, against the default executor. */
const sampling = async (executor: TensorExecutor): Promise<Errors> => {
  const errors: Errors = {}
  const cpu = await createExecutor({ kind: 'onnxruntime-cpu' })
  for (const config of FORMS) {
    const graph = samplingGraph(extract(config, randomWeights(config), [0.25, 1, 0.5]))
    const feeds = { z: uniformsOf(SAMPLE_BLOCK * 8, 0), conditioning: uniformsOf(SAMPLE_BLOCK * 2, 1) }
    const [ours, theirs] = [await executor.compile(graph), await cpu.compile(graph)]
    errors[config.form] = errorOf((await ours.run(feeds)).samples, (await theirs.run(feeds)).samples)
    await Promise.all([ours.release(), theirs.release()])
  }
  return errors
}

const together = (xs: readonly Tensor[]): Tensor => xs.map((x) => mul(0, reduceSum(x))).reduce((a, b) => add(a, b))

/** Value and derivative of every primitive against double precision, relative to the largest number or 1. */
const primitives = async (executor: TensorExecutor): Promise<Errors> => {
  const errors: Errors = {}
  for (const [name, { y, inputs, feeds }] of ALL_CASES) {
    const [g] = gradient(reduceSum(square(y)), Object.values(inputs))
    const outputs = { y, g: add(g, together(Object.values(inputs))) }
    const compiled = await executor.compile(outputs)
    const [actual, exact] = [await compiled.run(toSingle(feeds)), evaluate(outputs, feeds)]
    await compiled.release()
    for (const output of ['y', 'g'] as const)
      errors[`${name}: ${output}`] = errorOf([1, ...actual[output]], [1, ...exact[output]])
  }
  return errors
}

/** What a run leaves in the caller's arrays, and whether a second run and a second graph give the same bits. */
const memory = async (executor: TensorExecutor): Promise<unknown> => {
  const compiled = await executor.compile({ y: mul(input('x', [2]), 10) })
  const [source, target] = [Float32Array.of(1, 2, 3, 4), new Float32Array(4)]
  await compiled.runInto({ y: target.subarray(1, 3) }, { x: source.subarray(2) })
  const run = referenceRuns().at(-1)!
  const bits: string[] = []
  for (let graph = 0; graph < 2; graph++) {
    const again = await executor.compile(run.graph)
    for (let i = 0; i < 2; i++)
      bits.push(
        Object.values(await again.run(run.feeds))
          .map((x) => Buffer.from(x.buffer, x.byteOffset, x.byteLength).toString('hex'))
          .join(),
      )
    await again.release()
  }
  return { target: [...target], distinct: new Set(bits).size }
}

const [task, kind = 'onnxruntime-webgpu'] = process.argv.slice(2) as [string, ExecutorKind | 'auto']
const executor = async (): Promise<TensorExecutor> => createExecutor({ kind })
const TASKS: Readonly<Record<string, () => Promise<unknown>>> = {
  choice: () => choice(kind),
  agreement: async () => agreement(await executor()),
  sampling: async () => sampling(await executor()),
  primitives: async () => primitives(await executor()),
  memory: async () => memory(await executor()),
}
process.stdout.write(`\n${JSON.stringify(await TASKS[task]())}\n`)
