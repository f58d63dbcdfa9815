import { InvalidInput } from '../numeric/errors.ts'
import type { CompiledGraph } from './compiled-graph.ts'
import type { Tensor } from './graph.ts'
import { onnxruntimeCompiler } from './onnxruntime-executor.ts'
import { selfTestFailure } from './self-test.ts'
import {
  type LoadTensorflow,
  loadTensorflow,
  type TensorflowPackage,
  tensorflowCompile,
} from './tensorflow-executor.ts'

export type { CompiledGraph } from './compiled-graph.ts'

/** In order of preference, except `tfjs-cpu`, which is ~20 times slower and used only when named. */
export const EXECUTOR_KINDS = ['tfjs-node-gpu', 'tfjs-node', 'onnxruntime-cpu', 'tfjs-cpu'] as const
export type ExecutorKind = (typeof EXECUTOR_KINDS)[number]
const AUTOMATIC: readonly ExecutorKind[] = ['tfjs-node-gpu', 'tfjs-node', 'onnxruntime-cpu']

/** What became of one candidate: chosen, or why not. */
export interface ExecutorAttempt {
  readonly kind: ExecutorKind
  readonly outcome: 'chosen' | 'not-installed' | 'failed-to-load' | 'failed-self-test'
  /** One sentence for the report. */
  readonly detail: string
}
export interface ExecutorChoice {
  readonly requested: ExecutorKind | 'auto'
  readonly chosen: ExecutorKind
  /** Candidates in the order they were tried; the last is the chosen one. */
  readonly attempts: readonly ExecutorAttempt[]
}

export interface TensorExecutor {
  readonly name: ExecutorKind
  readonly choice: ExecutorChoice
  compile(outputs: Readonly<Record<string, Tensor>>): Promise<CompiledGraph>
}
export interface ExecutorOptions {
  readonly kind?: ExecutorKind | 'auto'
  /** Threads of one operator of ONNX Runtime, 1 when not given; TensorFlow.js chooses its own. */
  readonly threads?: number
}

type Compile = TensorExecutor['compile']
const PACKAGES: Readonly<Partial<Record<ExecutorKind, TensorflowPackage>>> = {
  'tfjs-node-gpu': '@tensorflow/tfjs-node-gpu',
  'tfjs-node': '@tensorflow/tfjs-node',
  'tfjs-cpu': '@tensorflow/tfjs',
}

const compilerOf = async (kind: ExecutorKind, threads: number, load: LoadTensorflow): Promise<Compile | undefined> => {
  const name = PACKAGES[kind]
  if (name === undefined) return onnxruntimeCompiler(threads)
  const tf = await load(name)
  return tf === 'not-installed' ? undefined : async (outputs) => tensorflowCompile(tf, outputs)
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Loads one candidate and lets it take the self-test. */
const attempt = async (
  kind: ExecutorKind,
  threads: number,
  load: LoadTensorflow,
): Promise<ExecutorAttempt & { readonly compile?: Compile }> => {
  let compile: Compile | undefined
  try {
    compile = await compilerOf(kind, threads, load)
  } catch (error) {
    return { kind, outcome: 'failed-to-load', detail: messageOf(error) }
  }
  if (!compile) return { kind, outcome: 'not-installed', detail: `${PACKAGES[kind]} is not installed` }
  const failure = await selfTestFailure(compile).catch(messageOf)
  if (failure !== undefined) return { kind, outcome: 'failed-self-test', detail: failure }
  return { kind, outcome: 'chosen', detail: 'reproduces the stored gradient of a gradient penalty', compile }
}

const check = ({ kind = 'auto', threads = 1 }: ExecutorOptions): void => {
  const known = ['auto', ...EXECUTOR_KINDS]
  if (!known.includes(kind)) throw InvalidInput.of('executor.kind', `one of ${known.join(', ')}`, kind)
  if (!Number.isInteger(threads) || threads < 1)
    throw InvalidInput.of('executor.threads', 'a positive integer', threads)
}

/**
 * The first candidate that loads and passes the self-test: GPU, then native TensorFlow.js, where the user has installed
 * them, else ONNX Runtime. A kind asked for by name is taken or refused, never replaced.
 * @throws InvalidInput when no candidate can be used, with what was tried and why it was refused
 * @param load how TensorFlow.js is found; tests pass their own
 * @verifiedBy test/tensor/executor.test.ts
 */
export const createExecutor = async (
  options: ExecutorOptions = {},
  load: LoadTensorflow = loadTensorflow,
): Promise<TensorExecutor> => {
  check(options)
  const { kind: requested = 'auto', threads = 1 } = options
  const attempts: ExecutorAttempt[] = []
  for (const kind of requested === 'auto' ? AUTOMATIC : [requested]) {
    const { compile, ...outcome } = await attempt(kind, threads, load)
    attempts.push(outcome)
    if (compile) return { name: kind, choice: { requested, chosen: kind, attempts }, compile }
  }
  const refused = attempts.map(({ kind, outcome, detail }) => `${kind} ${outcome} (${detail})`)
  throw InvalidInput.of('executor.kind', 'an executor that can be used here', refused.join('; '))
}
