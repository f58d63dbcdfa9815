import { InvalidInput } from '../numeric/errors.ts'
import { type Candidate, messageOf, type Refusal } from './candidate.ts'
import { onnxruntimeCompiler } from './onnxruntime-executor.ts'
import type { Compile } from './onnxruntime-session.ts'
import { ONNXRUNTIME_WEB, onnxruntimeWebCompiler } from './onnxruntime-web-executor.ts'
import { selfTestFailure } from './self-test.ts'
import {
  type LoadTensorflow,
  loadTensorflow,
  type TensorflowPackage,
  tensorflowCompile,
} from './tensorflow-executor.ts'
import { SOFTWARE_PERMISSION } from './webgpu-adapter.ts'
import { webgpuCandidate } from './webgpu-executor.ts'

export type { CompiledGraph } from './compiled-graph.ts'

/** In order of preference, except `tfjs-cpu`, which is ~20 times slower and used only when named. */
export const EXECUTOR_KINDS = [
  'tfjs-node-gpu',
  'tfjs-node',
  'onnxruntime-webgpu',
  'onnxruntime-cpu',
  'onnxruntime-web',
  'tfjs-cpu',
] as const
export type ExecutorKind = (typeof EXECUTOR_KINDS)[number]
const AUTOMATIC = EXECUTOR_KINDS.filter((kind) => kind !== 'tfjs-cpu')

/** What became of one candidate: chosen, or why not. */
export interface ExecutorAttempt {
  readonly kind: ExecutorKind
  readonly outcome: 'chosen' | Refusal['outcome']
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
  readonly compile: Compile
}
export interface ExecutorOptions {
  readonly kind?: ExecutorKind | 'auto'
  /** Threads of one operator of ONNX Runtime, 1 when not given; TensorFlow.js and WebGPU choose their own. */
  readonly threads?: number
  /**
   * Whether `onnxruntime-webgpu`, when asked for by name, may run on an adapter that is no graphics processor. When not given:
   * whether the environment has NESTWAVE_SOFTWARE_ADAPTER=1.
   */
  readonly softwareAdapter?: boolean
}

/** What a candidate is made with. */
interface Request {
  readonly threads: number
  readonly software: boolean
  readonly load: LoadTensorflow
}
type Find = (request: Request) => Promise<Candidate | Refusal>

const notInstalled = (name: string): Refusal => ({ outcome: 'not-installed', detail: `${name} is not installed` })

const tensorflow =
  (name: TensorflowPackage): Find =>
  async ({ load }) => {
    const tf = await load(name)
    return tf === 'not-installed' ? notInstalled(name) : { compile: async (outputs) => tensorflowCompile(tf, outputs) }
  }

const FIND: Readonly<Record<ExecutorKind, Find>> = {
  'tfjs-node-gpu': tensorflow('@tensorflow/tfjs-node-gpu'),
  'tfjs-node': tensorflow('@tensorflow/tfjs-node'),
  'onnxruntime-webgpu': ({ software }) => webgpuCandidate(software),
  'onnxruntime-cpu': async ({ threads }) => ({ compile: await onnxruntimeCompiler(threads) }),
  'onnxruntime-web': async ({ threads }) => {
    const compile = await onnxruntimeWebCompiler(threads)
    return compile ? { compile } : notInstalled(ONNXRUNTIME_WEB)
  },
  'tfjs-cpu': tensorflow('@tensorflow/tfjs'),
}

const PASSED = 'reproduces the stored gradient of a gradient penalty'

/** Loads one candidate and lets it take the self-test. */
const attempt = async (
  kind: ExecutorKind,
  request: Request,
): Promise<ExecutorAttempt & { readonly compile?: Compile }> => {
  let found: Candidate | Refusal
  try {
    found = await FIND[kind](request)
  } catch (error) {
    return { kind, outcome: 'failed-to-load', detail: messageOf(error) }
  }
  if ('outcome' in found) return { kind, ...found }
  const { compile, note } = found
  const failure = await selfTestFailure(compile).catch(messageOf)
  if (failure !== undefined) return { kind, outcome: 'failed-self-test', detail: failure }
  return { kind, outcome: 'chosen', detail: note === undefined ? PASSED : `${PASSED}; ${note}`, compile }
}

const check = ({ kind = 'auto', threads = 1 }: ExecutorOptions): void => {
  const known = ['auto', ...EXECUTOR_KINDS]
  if (!known.includes(kind)) throw InvalidInput.of('executor.kind', `one of ${known.join(', ')}`, kind)
  if (!Number.isInteger(threads) || threads < 1)
    throw InvalidInput.of('executor.threads', 'a positive integer', threads)
}

const isPermitted = ({ softwareAdapter }: ExecutorOptions): boolean =>
  softwareAdapter ?? process.env[SOFTWARE_PERMISSION] === '1'

/**
 * The first candidate that loads and passes the self-test: TensorFlow.js on a GPU, then on the CPU, where the user has
 * installed them; ONNX Runtime on a graphics processor by WebGPU, then on the CPU, then in WebAssembly, where no native library
 * loads and the user has installed it. A kind asked for by name is taken or refused, never replaced.
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
  const request = { threads, load, software: requested !== 'auto' && isPermitted(options) }
  const attempts: ExecutorAttempt[] = []
  for (const kind of requested === 'auto' ? AUTOMATIC : [requested]) {
    const { compile, ...outcome } = await attempt(kind, request)
    attempts.push(outcome)
    if (compile) return { name: kind, choice: { requested, chosen: kind, attempts }, compile }
  }
  const refused = attempts.map(({ kind, outcome, detail }) => `${kind} ${outcome} (${detail})`)
  throw InvalidInput.of('executor.kind', 'an executor that can be used here', refused.join('; '))
}

/**
 * What would become of every executor here, were it asked for without permission for a software adapter. `chosen` means that it
 * can be used.
 */
export const surveyExecutors = async (load: LoadTensorflow = loadTensorflow): Promise<readonly ExecutorAttempt[]> => {
  const attempts: ExecutorAttempt[] = []
  for (const kind of EXECUTOR_KINDS) {
    const { compile, ...outcome } = await attempt(kind, { threads: 1, load, software: false })
    attempts.push(outcome)
  }
  return attempts
}
