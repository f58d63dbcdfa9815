import { initialCheckpoint } from '../src/generative/gan/checkpoint.ts'
import { criticSpecs } from '../src/generative/gan/critic.ts'
import { generatorSpecs } from '../src/generative/gan/generator.ts'
import { fullHiddenSizes } from '../src/generative/gan/generator-config.ts'
import { viewParameters } from '../src/generative/gan/parameters.ts'
import { GRADIENT, type Outputs, stepGraphs } from '../src/generative/gan/step-graphs.ts'
import { prefixed } from '../src/generative/gan/step-runner.ts'
import { criticConfig } from '../src/generative/gan/training-networks.ts'
import type { GanOptions } from '../src/generative/gan/training-options.ts'
import { randomStream } from '../src/numeric/random.ts'
import { createExecutor } from '../src/tensor/executor.ts'
import type { Tensor } from '../src/tensor/graph.ts'
import { sizeOf } from '../src/tensor/shape.ts'
import { inputsByName, reachable } from '../src/tensor/traverse.ts'
import { mustAgree } from './bench.ts'
import { exchange, type TorchProcess } from './torch.ts'

type Arrays = Readonly<Record<string, Float32Array>>

const inputsOf = (outputs: Outputs): ReadonlyMap<string, Tensor> => inputsByName(reachable(Object.values(outputs)))

const weightsOf = (options: GanOptions): Arrays => {
  const { generator, critic } = initialCheckpoint(options)
  const nested = generatorSpecs(options.generator, fullHiddenSizes(options.generator))
  return {
    ...prefixed('g.', viewParameters(nested, generator.weights)),
    ...prefixed('d.', viewParameters(criticSpecs(criticConfig(options)), critic.weights)),
  }
}

/** Starting weights, perturbed so that no bias is zero and no gain one, and normal numbers for all else. */
const arraysFor = (options: GanOptions, inputs: ReadonlyMap<string, Tensor>): Arrays => {
  const weights = weightsOf(options)
  const arrays: Record<string, Float32Array> = {}
  for (const [name, { shape }] of inputs) {
    const noise = new Float64Array(sizeOf(shape))
    randomStream(1, `bench/check/${name}`).normalsInto(noise, 0)
    arrays[name] = Float32Array.from(noise, (v, i) => (name in weights ? weights[name][i] + 0.1 * v : v))
  }
  return arrays
}

const ourGradients = async (graph: Outputs, arrays: Arrays, names: readonly string[]): Promise<Float32Array> => {
  const compiled = await (await createExecutor({ kind: 'onnxruntime-cpu' })).compile(graph)
  const out = await compiled.run(Object.fromEntries([...inputsOf(graph).keys()].map((name) => [name, arrays[name]])))
  await compiled.release()
  return Float32Array.from(names.flatMap((name) => [...out[GRADIENT + name]]))
}

/**
 * Gradients of one step of each kind from equal weights and draws, by ONNX Runtime and by PyTorch.
 * @throws Error when they differ
 */
export const sameGradients = async (label: string, options: GanOptions, torch: TorchProcess): Promise<string[]> => {
  const { critics, generators } = stepGraphs(options)
  const graphs = { critic: critics[0], generator: generators[0] }
  const inputs = new Map(Object.values(graphs).flatMap((graph) => [...inputsOf(graph)]))
  const arrays = arraysFor(options, inputs)
  const names = [...inputs.keys()]
  const files = exchange()
  const given = files.write(
    arrays,
    [...inputs].map(([name, { shape }]) => [name, shape]),
  )
  await torch.ask('check', given.path, given.shapes, files.result)
  const theirs = files.read()
  files.remove()
  const notes: string[] = []
  let at = 0
  for (const [network, prefix] of [
    ['critic', 'd.'],
    ['generator', 'g.'],
  ] as const) {
    const mine = await ourGradients(
      graphs[network],
      arrays,
      names.filter((name) => name.startsWith(prefix)),
    )
    const same = theirs.subarray(at, at + mine.length)
    at += mine.length
    notes.push(mustAgree(`gradients of the ${label}'s ${network}`, mine, same, 1e-4))
  }
  return notes
}
