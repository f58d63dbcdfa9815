import { setImmediate } from 'node:timers/promises'
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'
import { allocate, type CompiledGraph, checkArrays, type Feeds, inputSizes, outputSizes } from './compiled-graph.ts'
import type { Tensor } from './graph.ts'
import { toOnnx } from './onnx.ts'
import type { Shape } from './shape.ts'
import { inputsByName, reachable } from './traverse.ts'

/** What onnxruntime-node and onnxruntime-web have in common. */
export type Ort = Pick<typeof import('onnxruntime-node'), 'InferenceSession' | 'Tensor'>
export type Compile = (outputs: Readonly<Record<string, Tensor>>) => Promise<CompiledGraph>

export interface OnnxruntimeFlavour {
  readonly session: InferenceSession.SessionOptions
  /** Whether the runtime lets the event loop turn before a run; where not, nothing else is heard while runs follow one another. */
  readonly yields: boolean
  /** Whether results are written into memory that is handed in; onnxruntime-web accepts it and leaves it as it was. */
  readonly fillsOutputs: boolean
  /** Whether its InstanceNormalization is the faster norm; false when not given. */
  readonly instanceNorms?: boolean
}

/**
 * Common to all execution providers. Threads wait instead of spinning: a spinning pool takes the cores away from the rest of
 * the study between runs.
 */
export const sessionOptions = (provider: string, threads: number): InferenceSession.SessionOptions => ({
  executionProviders: [provider],
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
  extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
})

type Shapes = ReadonlyMap<string, Shape>
const shapesOf = (named: Iterable<readonly [string, Tensor]>): Shapes =>
  new Map([...named].map(([name, x]) => [name, x.shape]))

/** Views of the arrays, not copies. */
const wrap = (ort: Ort, shapes: Shapes, arrays: Feeds): Record<string, OrtTensor> => {
  const wrapped: Record<string, OrtTensor> = {}
  for (const [name, shape] of shapes) wrapped[name] = new ort.Tensor('float32', arrays[name], shape)
  return wrapped
}

/** The graph as an ONNX session of any execution provider. Results always arrive in the memory of the processor. */
export const onnxruntimeCompile = async (
  ort: Ort,
  { session: options, yields, fillsOutputs, instanceNorms = false }: OnnxruntimeFlavour,
  outputs: Readonly<Record<string, Tensor>>,
): Promise<CompiledGraph> => {
  const inputs = inputSizes(outputs)
  const sizes = outputSizes(outputs)
  const inputShapes = shapesOf(inputsByName(reachable(Object.values(outputs))))
  const outputShapes = shapesOf(Object.entries(outputs))
  const session = await ort.InferenceSession.create(toOnnx(outputs, { instanceNorms }), options)
  const runInto = async (out: Feeds, feeds: Feeds): Promise<void> => {
    checkArrays('feeds', inputs, feeds)
    checkArrays('out', sizes, out)
    if (!yields) await setImmediate()
    const wrapped = wrap(ort, inputShapes, feeds)
    if (fillsOutputs) {
      await session.run(wrapped, wrap(ort, outputShapes, out))
      return
    }
    const results = await session.run(wrapped)
    for (const name of sizes.keys()) out[name].set(results[name].data as Float32Array)
  }
  const run = async (feeds: Feeds): Promise<Record<string, Float32Array>> => {
    const out = allocate(sizes)
    await runInto(out, feeds)
    return out
  }
  return { run, runInto, release: () => session.release() }
}
