import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { createExecutor, type ExecutorKind, type TensorExecutor } from '../../src/tensor/executor.ts'
import { gradient } from '../../src/tensor/gradient.ts'
import {
  add,
  exp,
  input,
  layerNorm,
  leakyRelu,
  matmul,
  mul,
  reduceMean,
  reduceSum,
  slice,
  softmax,
  square,
  type Tensor,
} from '../../src/tensor/graph.ts'
import { isInstalled } from '../../src/tensor/installed.ts'
import {
  type LoadTensorflow,
  loadTensorflow,
  type Tf,
  tensorflowCompile,
} from '../../src/tensor/tensorflow-executor.ts'
import { relativeError, toDouble, toSingle } from './numbers.ts'
import { ALL_CASES } from './op-cases.ts'

const WEB = 'onnxruntime-web'
if (!isInstalled(WEB)) console.log(`skipped: ${WEB}`)
const INSTALLED: readonly ExecutorKind[] = [
  'onnxruntime-cpu',
  'tfjs-cpu',
  ...(isInstalled(WEB) ? ([WEB] as const) : []),
]
// Whatever graphics processor this machine has: what `auto` takes here must not depend on it.
process.env.VK_DRIVER_FILES = '/nonexistent/driver.json'
const MODULE = join(import.meta.dirname, '../../src/tensor/executor.ts')
const bitsOf = (x: Float32Array): readonly number[] => [...new Uint32Array(x.buffer, x.byteOffset, x.length)]

describe.each(INSTALLED)('%s', (kind) => {
  let executor: TensorExecutor
  beforeAll(async () => {
    executor = await createExecutor({ kind })
  })

  it.each(ALL_CASES)('%s: value and derivative', async (_, { y, inputs, feeds }) => {
    const [g] = gradient(reduceSum(square(y)), Object.values(inputs))
    const anchor = Object.values(inputs)
      .map((x) => mul(0, reduceSum(x)))
      .reduce((a, b) => add(a, b))
    const outputs = { y, g: add(g, anchor) }
    const compiled = await executor.compile(outputs)
    const [actual, expected] = [await compiled.run(toSingle(feeds)), evaluate(outputs, feeds)]
    for (const name of ['y', 'g'] as const) expect(relativeError(actual[name], expected[name])).toBeLessThan(5e-7)
    await compiled.release()
  })

  it('writes into the arrays of the caller', async () => {
    const x = input('x', [3])
    const compiled = await executor.compile({ y: mul(x, 2), z: add(x, 1) })
    const out = { y: new Float32Array(3), z: new Float32Array(3) }
    await compiled.runInto(out, { x: Float32Array.of(1, 2, 3) })
    expect(out).toEqual({ y: Float32Array.of(2, 4, 6), z: Float32Array.of(2, 3, 4) })
    const kept = await compiled.run({ x: Float32Array.of(1, 2, 3) })
    await compiled.run({ x: Float32Array.of(7, 8, 9) })
    expect(kept.y).toEqual(Float32Array.of(2, 4, 6))
  })

  it('reads feeds and writes results in the middle of larger arrays', async () => {
    const compiled = await executor.compile({ y: mul(input('x', [2]), 10) })
    const [source, target] = [Float32Array.of(1, 2, 3, 4), new Float32Array(4)]
    await compiled.runInto({ y: target.subarray(1, 3) }, { x: source.subarray(2) })
    expect(target).toEqual(Float32Array.of(0, 30, 40, 0))
  })

  it('names every feed and result that does not fit', async () => {
    const compiled = await executor.compile({ y: add(input('x', [3]), input('b', [])) })
    await expect(compiled.run({ x: new Float32Array(2), c: new Float32Array(1) })).rejects.toThrow(
      [
        'feeds.x: expected 3 values, received 2',
        'feeds.b: expected 1 values, received nothing',
        'feeds.c: expected one of x, b, received c',
      ].join('\n'),
    )
    const feeds = { x: new Float32Array(3), b: new Float32Array(1) }
    await expect(compiled.runInto({ y: new Float32Array(1) }, feeds)).rejects.toThrow('out.y: expected 3 values')
  })

  it('gives the same bits again, and from a graph compiled again', async () => {
    const { outputs, feeds } = network(64, 24, 16)
    const compiled = await executor.compile(outputs)
    const [first, again] = [await compiled.run(feeds), await compiled.run(feeds)]
    const fresh = await (await executor.compile(outputs)).run(feeds)
    for (const name of Object.keys(outputs)) {
      expect(bitsOf(again[name])).toEqual(bitsOf(first[name]))
      expect(bitsOf(fresh[name])).toEqual(bitsOf(first[name]))
    }
  })

  it('gives a slice of a weight matrix the bits of the small matrix', async () => {
    const x = input('x', [64, 24])
    const block = (w1: Tensor, w2: Tensor): Tensor => add(x, matmul(leakyRelu(matmul(x, w1), 0.1), w2))
    const nested = block(slice(input('w1', [24, 32]), 1, 0, 8), slice(input('w2', [32, 24]), 0, 0, 8))
    const small = block(input('w1', [24, 8]), input('w2', [8, 24]))
    const [xs, w1, w2] = [noise(64 * 24, 1), noise(24 * 32, 2), noise(32 * 24, 3)]
    const w1Small = Float32Array.from({ length: 24 * 8 }, (_, i) => w1[Math.floor(i / 8) * 32 + (i % 8)])
    const a = await (await executor.compile({ y: nested })).run({ x: xs, w1, w2 })
    const b = await (await executor.compile({ y: small })).run({ x: xs, w1: w1Small, w2: w2.subarray(0, 8 * 24) })
    expect(bitsOf(a.y)).toEqual(bitsOf(b.y))
  })
})

const noise = (n: number, salt: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(salt + 12.9898 * i * (1 + salt)))

const network = (batch: number, width: number, hidden: number) => {
  const x = input('x', [batch, width])
  const [w1, w2] = [input('w1', [width, hidden]), input('w2', [hidden, width])]
  const y = softmax(layerNorm(add(x, matmul(leakyRelu(matmul(x, w1), 0.2), w2)), 1.5, 0.25))
  const loss = reduceMean(square(exp(y)))
  const [byX] = gradient(loss, [x])
  const [byW1, byW2] = gradient(reduceSum(square(byX)), [w1, w2])
  const feeds = { x: noise(batch * width, 1), w1: noise(width * hidden, 2), w2: noise(hidden * width, 3) }
  return { outputs: { y, loss, byX, byW1, byW2 }, feeds }
}

describe('onnxruntime-cpu with two threads', () => {
  it('agrees with one thread', async () => {
    const { outputs, feeds } = network(64, 24, 16)
    const expected = evaluate(outputs, toDouble(feeds))
    const executor = await createExecutor({ kind: 'onnxruntime-cpu', threads: 2 })
    const actual = await (await executor.compile(outputs)).run(feeds)
    for (const name of Object.keys(outputs)) expect(relativeError(actual[name], expected[name])).toBeLessThan(1e-6)
  })
})

describe('tfjs-cpu', () => {
  it('holds no memory from one run to the next, whether it ends well or not', async () => {
    const tf = (await loadTensorflow('@tensorflow/tfjs')) as Tf
    const { outputs, feeds } = network(8, 6, 4)
    const compiled = tensorflowCompile(tf, outputs)
    const broken = tensorflowCompile({ ...tf, exp: () => tf.tensor1d([1]).reshape([2]) } as Tf, outputs)
    await compiled.run(feeds)
    const before = tf.memory()
    for (let i = 0; i < 100; i++) {
      await compiled.run(feeds)
      await expect(broken.run(feeds)).rejects.toThrow()
    }
    expect(tf.memory()).toMatchObject({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers })
  })
})

describe('createExecutor', () => {
  const nothing: LoadTensorflow = async () => 'not-installed'
  /** Real TensorFlow.js under another package's name, one function replaced. */
  const spoilt =
    (change: Partial<Record<keyof Tf, unknown>>): LoadTensorflow =>
    async () =>
      ({ ...((await loadTensorflow('@tensorflow/tfjs')) as Tf), ...change }) as Tf

  it('takes ONNX Runtime when TensorFlow.js is not installed, and says what it tried', async () => {
    const { name, choice } = await createExecutor({}, nothing)
    expect(name).toBe('onnxruntime-cpu')
    expect(choice).toMatchObject({ requested: 'auto', chosen: 'onnxruntime-cpu' })
    expect(choice.attempts.map((a) => [a.kind, a.outcome])).toEqual([
      ['tfjs-node-gpu', 'not-installed'],
      ['tfjs-node', 'not-installed'],
      ['onnxruntime-webgpu', 'no-hardware'],
      ['onnxruntime-cpu', 'chosen'],
    ])
  })

  it('prefers tfjs-node-gpu, then tfjs-node, when they pass', async () => {
    expect((await createExecutor({}, spoilt({}))).name).toBe('tfjs-node-gpu')
    const onlyNode: LoadTensorflow = async (name) =>
      name === '@tensorflow/tfjs-node' ? spoilt({})(name) : 'not-installed'
    expect((await createExecutor({}, onlyNode)).name).toBe('tfjs-node')
  })

  it('tells apart a package that does not load and one that computes wrongly', async () => {
    const load: LoadTensorflow = async (name) => {
      if (name === '@tensorflow/tfjs-node-gpu') throw new Error('libcudart.so.11.0: cannot open shared object file')
      const tf = (await loadTensorflow('@tensorflow/tfjs')) as Tf
      return spoilt({ exp: (v: Parameters<Tf['exp']>[0]) => tf.mul(tf.exp(v), 1.001) })(name)
    }
    const { name, choice } = await createExecutor({}, load)
    expect(name).toBe('onnxruntime-cpu')
    expect(choice.attempts.slice(0, 2)).toEqual([
      {
        kind: 'tfjs-node-gpu',
        outcome: 'failed-to-load',
        detail: 'libcudart.so.11.0: cannot open shared object file',
      },
      { kind: 'tfjs-node', outcome: 'failed-self-test', detail: expect.stringMatching(/^critic is off by/) },
    ])
  })

  it('counts a kernel that throws as a failed self-test', async () => {
    const load = spoilt({
      softmax: () => {
        throw new Error('no kernel Softmax')
      },
    })
    await expect(createExecutor({ kind: 'tfjs-node' }, load)).rejects.toThrow('failed-self-test (no kernel Softmax)')
  })

  it('never replaces a kind that was asked for by name', async () => {
    await expect(createExecutor({ kind: 'tfjs-node-gpu' }, nothing)).rejects.toThrow(
      'executor.kind: expected an executor that can be used here, received tfjs-node-gpu not-installed (@tensorflow/tfjs-node-gpu is not installed)',
    )
  })

  it('takes no software adapter but by name and with permission', async () => {
    const options = { kind: 'onnxruntime-webgpu', softwareAdapter: true } as const
    for (const refused of [options, { ...options, softwareAdapter: false }])
      await expect(createExecutor(refused, nothing)).rejects.toThrow(
        'received onnxruntime-webgpu no-hardware (no Vulkan driver is installed)',
      )
  })

  it('uses plain TensorFlow.js only when named', async () => {
    const { choice } = await createExecutor({}, nothing)
    expect(choice.attempts.map((a) => a.kind)).not.toContain('tfjs-cpu')
    expect((await createExecutor({ kind: 'tfjs-cpu' })).choice.attempts).toHaveLength(1)
  })

  it('refuses unknown kinds and thread counts', async () => {
    await expect(createExecutor({ kind: 'abacus' as ExecutorKind })).rejects.toThrow(
      'executor.kind: expected one of auto',
    )
    await expect(createExecutor({ threads: 0 })).rejects.toThrow('executor.threads: expected a positive integer')
  })

  it('goes to WebAssembly where no native library loads, and says so', () => {
    const script = `
      const { createExecutor } = await import(${JSON.stringify(MODULE)})
      const outcome = await createExecutor().then(({ choice }) => choice.attempts, (error) => error.message)
      process.stdout.write(JSON.stringify(outcome))`
    const flags = ['--no-addons', '--input-type=module', '-e', script]
    const run = spawnSync(process.execPath, flags, { encoding: 'utf8' })
    expect(run.stderr).toBe('')
    const reason = 'Cannot load native addon because loading addons is disabled.'
    const native = { kind: 'onnxruntime-cpu', outcome: 'failed-to-load', detail: reason }
    const outcome = JSON.parse(run.stdout)
    if (isInstalled(WEB))
      expect(outcome.slice(-2)).toEqual([native, { kind: WEB, outcome: 'chosen', detail: expect.any(String) }])
    else expect(outcome).toContain(`onnxruntime-cpu failed-to-load (${reason}); onnxruntime-web not-installed`)
  })

  it.runIf(isInstalled(WEB))('keeps the native runtime and the one in WebAssembly apart, whichever comes first', () => {
    const script = `
      const { createExecutor } = await import(${JSON.stringify(MODULE)})
      for (const kind of ['onnxruntime-web', 'onnxruntime-cpu', 'onnxruntime-web']) await createExecutor({ kind })`
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect([run.status, run.stderr]).toEqual([0, ''])
  })

  it('prints nothing', () => {
    const script = `
      const { createExecutor } = await import(${JSON.stringify(MODULE)})
      for (const kind of ['auto', 'tfjs-cpu']) await createExecutor({ kind })`
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    expect(run.status).toBe(0)
    expect(run.stdout).toBe('')
    expect(run.stderr).not.toMatch(/tensorflow/i)
  })
})
