import { trainGan } from '../../src/generative/gan/train.ts'
import { ganOptions } from '../../src/generative/gan/training-options.ts'
import type { WhiteData } from '../../src/generative/gan/white-data.ts'
import { createExecutor } from '../../src/tensor/executor.ts'

/** Prints the resident memory, in bytes after a full collection, at the steps of a training that are given as arguments. */
const marks = process.argv.slice(2).map(Number)
const LATENT = 4

const waves = (count: number): WhiteData => ({
  count,
  x: Float32Array.from({ length: count * LATENT }, (_, i) => Math.SQRT2 * Math.sin(1.7 * i * i)),
  theta: Float32Array.from({ length: count }, (_, i) => Math.cos(i)),
})

const options = ganOptions(1, LATENT, {
  generator: { latent: LATENT, width: 8, blocks: 1, hidden: 8 },
  ...{ criticHidden: [8], batch: 8, criticSteps: 1, iterations: marks.at(-1)!, evaluateEvery: 1000 },
})
const collect = (globalThis as { readonly gc?: () => void }).gc!
const resident: number[] = []
await trainGan(await createExecutor({ kind: 'onnxruntime-cpu' }), options, waves(64), waves(32), {
  onProgress: ({ iteration }) => {
    if (!marks.includes(iteration)) return
    collect()
    resident.push(process.memoryUsage.rss())
  },
})
console.log(JSON.stringify(resident))
