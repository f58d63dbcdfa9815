import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { allocate, type CompiledGraph, checkArrays, type Feeds, inputSizes, outputSizes } from './compiled-graph.ts'
import type { Tensor } from './graph.ts'
import { toOnnx } from './onnx.ts'
import { inputsByName, reachable } from './traverse.ts'

type Ort = typeof import('onnxruntime-node')
type Compile = (outputs: Readonly<Record<string, Tensor>>) => Promise<CompiledGraph>

/** Threads wait instead of spinning: a spinning pool takes the cores away from the rest of the study between runs. */
const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  executionProviders: ['cpu'],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
})

const shapesOf = (named: Iterable<readonly [string, Tensor]>): ReadonlyMap<string, readonly number[]> =>
  new Map([...named].map(([name, x]) => [name, x.shape]))

/** Views of the arrays, not copies. */
const wrap = (ort: Ort, shapes: ReadonlyMap<string, readonly number[]>, arrays: Feeds): Record<string, OrtTensor> => {
  const wrapped: Record<string, OrtTensor> = {}
  for (const [name, shape] of shapes) wrapped[name] = new ort.Tensor('float32', arrays[name], shape)
  return wrapped
}

const compile = async (
  ort: Ort,
  threads: number,
  outputs: Readonly<Record<string, Tensor>>,
): Promise<CompiledGraph> => {
  const inputs = inputSizes(outputs)
  const sizes = outputSizes(outputs)
  const inputShapes = shapesOf(inputsByName(reachable(Object.values(outputs))))
  const outputShapes = shapesOf(Object.entries(outputs))
  const session = await ort.InferenceSession.create(toOnnx(outputs), sessionOptions(threads))
  const runInto = async (out: Feeds, feeds: Feeds): Promise<void> => {
    checkArrays('feeds', inputs, feeds)
    checkArrays('out', sizes, out)
    await session.run(wrap(ort, inputShapes, feeds), wrap(ort, outputShapes, out))
  }
  const run = async (feeds: Feeds): Promise<Record<string, Float32Array>> => {
    const out = allocate(sizes)
    await runInto(out, feeds)
    return out
  }
  return { run, runInto, release: () => session.release() }
}

/**
 * Compiles to ONNX and runs it by ONNX Runtime on the CPU. Outputs are written into the given memory without a copy. Equal
 * feeds give equal bits in every run and every session of one CPU model. A run costs about 14 µs and 4 µs per pair of
 * input and output: one flat parameter vector, cut into slices, is cheaper to feed than many small arrays.
 * @param threads of one operator
 */
export const onnxruntimeCompiler = async (threads: number): Promise<Compile> => {
  const ort = await import('onnxruntime-node')
  return (outputs) => compile(ort, threads, outputs)
}
