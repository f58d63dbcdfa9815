import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { type Candidate, messageOf, type Refusal } from './candidate.ts'
import { type AdapterChoice, type Machine, webgpuAdapters } from './webgpu-adapter.ts'
import { webgpuCompiler } from './webgpu-session.ts'
import type { TrialVerdict } from './webgpu-trial.ts'

const TRIAL = new URL(import.meta.url.endsWith('.ts') ? './webgpu-trial.ts' : './webgpu-trial.js', import.meta.url)
const TRIAL_LIMIT = 120_000 // ms: compiling the self-test's shaders takes seconds where drivers are slow

/** How execFile tells of a process that did not end well. */
interface Ended {
  readonly killed?: boolean
  readonly signal?: NodeJS.Signals | null
  readonly code?: number | string | null
}

const endOf = (error: unknown): string => {
  const { killed, signal, code } = error as Ended
  if (killed) return `did not end within ${TRIAL_LIMIT / 1000} s`
  if (signal) return `ended with ${signal}`
  return code === undefined || code === null ? `gave no verdict: ${messageOf(error)}` : `ended with exit code ${code}`
}

/** Lets a process of its own take the self-test: a driver that crashes takes that one down, and not this. */
const trial = async ({ env }: AdapterChoice): Promise<TrialVerdict> => {
  try {
    const options = { env: { ...process.env, ...env }, timeout: TRIAL_LIMIT, killSignal: 'SIGKILL' as const }
    const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(TRIAL)], options)
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as TrialVerdict
  } catch (error) {
    return { outcome: 'failed-self-test', detail: `the process that tried it ${endOf(error)}` }
  }
}

/** The adapter that this process runs on; the runtime takes one for good. */
let active: string | undefined

/** Lets the loader of this process see the drivers of the choice only. */
const activate = ({ env, name }: AdapterChoice): Refusal | undefined => {
  if (active !== undefined && active !== name)
    return { outcome: 'failed-to-load', detail: `this process runs on another adapter already: ${active}` }
  const changes = Object.entries(env).filter(([key, value]) => process.env[key] !== value)
  if (changes.length > 0 && !isMainThread)
    return { outcome: 'failed-to-load', detail: 'its drivers can be chosen on the main thread of a process only' }
  Object.assign(process.env, Object.fromEntries(changes))
  active = name
  return undefined
}

const isBundled = async (): Promise<boolean> => {
  const { listSupportedBackends } = await import('onnxruntime-node')
  return listSupportedBackends().some(({ name, bundled }) => name === 'webgpu' && bundled)
}

const tryAdapter = async (choice: AdapterChoice): Promise<Candidate | Refusal> => {
  const verdict = await trial(choice)
  if (verdict.outcome !== 'passed') return { ...verdict, detail: `${verdict.detail} (${choice.name})` }
  return activate(choice) ?? { compile: await webgpuCompiler(), note: choice.name }
}

/**
 * ONNX Runtime on a WebGPU adapter: a graphics processor, or, where `software` permits it, a program that imitates one.
 * @returns the first adapter that passes the self-test in a process of its own, else why there is none
 */
export const webgpuCandidate = async (
  software: boolean,
  machine: Machine = { platform: process.platform, env: process.env },
): Promise<Candidate | Refusal> => {
  const adapters = webgpuAdapters(machine, software)
  if ('outcome' in adapters) return adapters
  if (!(await isBundled()))
    return { outcome: 'not-installed', detail: `onnxruntime-node has no WebGPU on ${process.platform}-${process.arch}` }
  const refusals: Refusal[] = []
  for (const adapter of adapters) {
    const found = await tryAdapter(adapter)
    if (!('outcome' in found)) return found
    refusals.push(found)
  }
  return { ...refusals.at(-1)!, detail: refusals.map(({ detail }) => detail).join('; ') }
}
