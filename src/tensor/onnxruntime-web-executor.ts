import type { Env } from 'onnxruntime-node'
import { isInstalled, loadInstalled } from './installed.ts'
import { type Compile, type Ort, onnxruntimeCompile, sessionOptions } from './onnxruntime-session.ts'

export const ONNXRUNTIME_WEB = 'onnxruntime-web'

/**
 * Both packages enter their backends in one table, in which whoever comes first keeps the name `cpu`: that must be the native
 * one, where it loads.
 */
const nativeFirst = async (): Promise<void> => {
  await import('onnxruntime-node').catch(() => undefined)
}

/** The package reads its thread count when it starts, once in a process. */
let started: number | undefined

/**
 * Compiles to ONNX and runs it by ONNX Runtime's WebAssembly build: no native library at all, for machines where none loads.
 * @param threads of one operator, the same for the whole process
 * @returns nothing when the package is not installed
 */
export const onnxruntimeWebCompiler = async (threads: number): Promise<Compile | undefined> => {
  if (!isInstalled(ONNXRUNTIME_WEB)) return undefined
  if (started !== undefined && started !== threads)
    throw new Error(`this process has started it with ${started} threads, not ${threads}`)
  started = threads
  await nativeFirst()
  const ort = loadInstalled(ONNXRUNTIME_WEB) as Ort & { readonly env: Env }
  ort.env.wasm.numThreads = threads
  const flavour = { session: sessionOptions('wasm', threads), fillsOutputs: false }
  return (outputs) => onnxruntimeCompile(ort, flavour, outputs)
}
