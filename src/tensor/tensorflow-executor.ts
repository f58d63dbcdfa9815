import { setImmediate } from 'node:timers/promises'
import util from 'node:util'
import type * as Tensorflow from '@tensorflow/tfjs'
import { allocate, type CompiledGraph, checkArrays, type Feeds, inputSizes, outputSizes } from './compiled-graph.ts'
import type { OpKind, OpOf, Tensor } from './graph.ts'
import { isInstalled, loadInstalled } from './installed.ts'
import { sameShape } from './shape.ts'
import { simplify } from './simplify.ts'
import { reachable } from './traverse.ts'

export type Tf = typeof Tensorflow
type TfTensor = Tensorflow.Tensor
type Interpret<K extends OpKind> = (tf: Tf, y: Tensor, inputs: readonly TfTensor[], op: OpOf<K>) => TfTensor

const padding = (y: Tensor, { axis, before, after }: OpOf<'pad'>): [number, number][] =>
  y.shape.map((_, i): [number, number] => (i === axis ? [before, after] : [0, 0]))

/** tf.matMul wants equal ranks, and its cpu kernel errs when only some leading axes stretch: they are stretched here. */
const stretched = (tf: Tf, x: TfTensor, product: Tensor): TfTensor => {
  const shape = [...product.shape.slice(0, -2), ...x.shape.slice(-2)]
  return sameShape(x.shape, shape) ? x : tf.broadcastTo(x, shape)
}

const INTERPRET: { readonly [K in OpKind]: Interpret<K> } = {
  input: (_, __, [x]) => x,
  constant: (tf, y, _, { values }) => tf.tensor(Float32Array.from(values), [...y.shape], 'float32'),
  stopGradient: (_, __, [x]) => x,
  add: (tf, _, [a, b]) => tf.add(a, b),
  sub: (tf, _, [a, b]) => tf.sub(a, b),
  mul: (tf, _, [a, b]) => tf.mul(a, b),
  div: (tf, _, [a, b]) => tf.div(a, b),
  neg: (tf, _, [x]) => tf.neg(x),
  square: (tf, _, [x]) => tf.square(x),
  exp: (tf, _, [x]) => tf.exp(x),
  log: (tf, _, [x]) => tf.log(x),
  sqrt: (tf, _, [x]) => tf.sqrt(x),
  leakyRelu: (tf, _, [x], { slope }) => tf.leakyRelu(x, slope),
  leakyReluSlope: (tf, _, [x], { slope }) => tf.where(tf.greater(x, 0), tf.onesLike(x), tf.fill(x.shape, slope)),
  softmax: (tf, _, [x]) => tf.softmax(x),
  normalise: (tf, _, [x], { eps }) => {
    const { mean, variance } = tf.moments(x, -1, true)
    return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, eps)))
  },
  inverseDeviation: (tf, _, [x], { eps }) => tf.rsqrt(tf.add(tf.moments(x, -1, true).variance, eps)),
  matmul: (tf, y, [a, b]) => tf.matMul(stretched(tf, a, y), stretched(tf, b, y)),
  transpose: (tf, _, [x], { permutation }) => tf.transpose(x, [...permutation]),
  reshape: (tf, y, [x]) => tf.reshape(x, [...y.shape]),
  broadcastTo: (tf, y, [x]) => tf.broadcastTo(x, [...y.shape]),
  reduceSum: (tf, _, [x], { axes }) => tf.sum(x, [...axes], true),
  concat: (tf, _, xs, { axis }) => tf.concat([...xs], axis),
  slice: (tf, y, [x], { axis, start }) =>
    tf.slice(
      x,
      y.shape.map((_, i) => (i === axis ? start : 0)),
      [...y.shape],
    ),
  pad: (tf, y, [x], op) => tf.pad(x, padding(y, op)),
}

const interpret = (tf: Tf, nodes: readonly Tensor[], feeds: Feeds): ReadonlyMap<Tensor, TfTensor> => {
  const values = new Map<Tensor, TfTensor>()
  for (const y of nodes) {
    const inputs =
      y.op.kind === 'input'
        ? [tf.tensor(feeds[y.op.name], [...y.shape], 'float32')]
        : y.inputs.map((x) => values.get(x)!)
    values.set(y, (INTERPRET[y.op.kind] as Interpret<OpKind>)(tf, y, inputs, y.op))
  }
  return values
}

/** Runs our own graph node by node; TensorFlow.js's differentiation, whose second order is wrong, is never called. */
export const tensorflowCompile = (tf: Tf, outputs: Readonly<Record<string, Tensor>>): CompiledGraph => {
  const inputs = inputSizes(outputs)
  const sizes = outputSizes(outputs)
  const simple = simplify(outputs)
  const nodes = reachable(Object.values(simple))
  const runInto = async (out: Feeds, feeds: Feeds): Promise<void> => {
    checkArrays('feeds', inputs, feeds)
    checkArrays('out', sizes, out)
    await setImmediate() // its kernels never wait: without this turn no signal or request is heard during a training
    tf.tidy(() => {
      const values = interpret(tf, nodes, feeds)
      for (const [name, x] of Object.entries(simple)) out[name].set(values.get(x)!.dataSync<'float32'>())
    })
  }
  const run = async (feeds: Feeds): Promise<Record<string, Float32Array>> => {
    const out = allocate(sizes)
    await runInto(out, feeds)
    return out
  }
  return { run, runInto, release: async () => {} }
}

export type TensorflowPackage = '@tensorflow/tfjs-node-gpu' | '@tensorflow/tfjs-node' | '@tensorflow/tfjs'
/** A loaded package, or why there is none. Throws when the package is there and does not load. */
export type LoadTensorflow = (name: TensorflowPackage) => Promise<Tf | 'not-installed'>

/** Node 23 removed a function that tfjs-node 4.22 calls. */
const restoreRemovedUtil = (): void => {
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean }
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined
}

export const loadTensorflow: LoadTensorflow = async (name) => {
  if (!isInstalled(name)) return 'not-installed'
  restoreRemovedUtil()
  const tf = loadInstalled(name) as Tf
  tf.env().set('PROD', true) // no advertisements on the console
  if (name === '@tensorflow/tfjs') await tf.setBackend('cpu')
  await tf.ready()
  return tf
}
