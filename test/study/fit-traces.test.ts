import { describe, expect, it } from 'vitest'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import { pack } from '../../src/numeric/container.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { checkOnMesh } from '../../src/study/check.ts'
import { CHUNK, rangesOf } from '../../src/study/chunks.ts'
import { loadTraces } from '../../src/study/dataset.ts'
import { encodeSource } from '../../src/study/encode.ts'
import { fitsInMemory, fitTraces, GRAM_BUDGET } from '../../src/study/fit-traces.ts'
import type { Job } from '../../src/study/job.ts'
import { checkStudy } from '../../src/study/study.ts'
import { traceGridOf } from '../../src/study/submodel-task.ts'
import { serialRunner } from '../../src/study/task.ts'
import { openTraces, type TraceSource } from '../../src/study/trace-source.ts'
import { encodeBatch } from '../../src/trace/codec.ts'
import { gramBytes } from '../../src/trace/reduction.ts'
import { streamBytes } from '../../src/trace/streaming-reduction.ts'
import { traceSize } from '../../src/trace/trace.ts'
import { tinyMesh, tinyStudy } from '../end-to-end/tiny-study.ts'
import { heard, memoryFolder } from './memory-folder.ts'

const TRAIN = 150
const study = checkStudy({ ...tinyStudy(), dataset: { train: TRAIN, validation: 60, test: 60 } })
const domain = checkOnMesh(study, readGmsh(tinyMesh(), 'plate.msh'))
const grid = traceGridOf(domain)
const size = traceSize(grid)

/** A folder of training runs: random combinations of six shapes, every seventh run failed. */
const jobWith = async (): Promise<Job & { readonly progress: ReturnType<typeof heard> }> => {
  const folder = memoryFolder()
  const stream = randomStream(1, 'test/fit-traces')
  const a = new Float64Array(6)
  for (const { start, count } of rangesOf(TRAIN)) {
    const traces = new Float32Array(count * size)
    const status: string[] = []
    for (let k = 0; k < count; k++) {
      stream.normalsInto(a, start + k)
      status.push((start + k) % 7 === 3 ? 'unstable' : 'ok')
      for (let d = 0; d < size; d++)
        traces[k * size + d] = a.reduce((sum, x, m) => sum + x * 0.5 ** m * Math.sin((m + 1) * (d + 1)), 0)
    }
    const file = `${String(start).padStart(6, '0')}-${count}.bin`
    await folder.write(`dataset/train/chunks/${file}`, pack({ traces, status }))
  }
  return {
    ...{ study, domain, folder, meshHash: '', runner: serialRunner({}), progress: heard() },
    ...{ signal: new AbortController().signal, timings: async () => ({}) },
  }
}

describe('an opened split', () => {
  it('gives block by block, and range by range, what loading it gives at once', async () => {
    const job = await jobWith()
    const { batch, indices } = await loadTraces(job, 'train')
    const source = await openTraces(job, 'train')
    expect(source.indices).toEqual(indices)
    expect(source.count).toBe(TRAIN - 21)
    let at = 0
    for await (const block of source.blocks()) {
      expect(block.count).toBeLessThanOrEqual(CHUNK)
      expect(block.values).toEqual(batch.values.subarray(at * size, (at + block.count) * size))
      at += block.count
    }
    expect(at).toBe(source.count)
    expect(await source.read({ start: 50, count: 64 })).toEqual(batch.values.slice(50 * size, 114 * size))
    expect(await source.read({ start: 0, count: 1 })).toEqual(batch.values.slice(0, size))
  })
})

describe('the method of a fit', () => {
  it('is chosen by counted memory', () => {
    const options = { modes: 192 }
    expect(fitsInMemory(1000, 26208, options)).toBe(true)
    expect(fitsInMemory(2000, 26208, options)).toBe(true)
    expect(fitsInMemory(100_000, 10_000, options)).toBe(false)
    expect(gramBytes(20_000, 10_000, 'l2')).toBeGreaterThan(GRAM_BUDGET)
    // Many traces need no more than few: the count is no argument. Below 300 MB for those of 10,000 values.
    expect(streamBytes(192, 10_000)).toBeLessThan(300e6)
  })

  it('gives the same modes and coefficients either way', async () => {
    const job = await jobWith()
    const source = await openTraces(job, 'train')
    const gram = await fitTraces(job, source, { modes: 4 })
    expect(job.progress.said.some((line) => line.includes('streamed'))).toBe(false)
    // A source that says it holds more than memory does; its blocks are those of the folder.
    const many: TraceSource = { ...source, count: 10_000_000 }
    const streamed = await fitTraces(job, many, { modes: 4 })
    expect(job.progress.said.some((line) => /traces streamed: squared singular values are at most/.test(line))).toBe(
      true,
    )
    expect(streamed.count).toBe(source.count)
    expect(streamed.mean).toEqual(gram.mean)
    const [a, b] = [await encodeSource(gram, source), await encodeSource(streamed, source)]
    for (let k = 0; k < 4; k++) {
      const sign = Math.sign(a[k] * b[k])
      for (let n = 0; n < source.count; n++) expect(sign * b[4 * n + k]).toBeCloseTo(a[4 * n + k], 6)
    }
    expect(a).toEqual(encodeBatch(gram, (await loadTraces(job, 'train')).batch))
  })

  it('streams once: a recipe that waits for chunks finds the result', async () => {
    const job = await jobWith()
    const many: TraceSource = { ...(await openTraces(job, 'train')), count: 10_000_000 }
    const first = await fitTraces(job, many, { modes: 4 })
    const gone: TraceSource = {
      ...many,
      blocks: () => {
        throw new Error('read again')
      },
    }
    expect(await fitTraces(job, gone, { modes: 4 })).toEqual(first)
  })
})
