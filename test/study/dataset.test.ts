import { describe, expect, it } from 'vitest'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import { pack, unpack } from '../../src/numeric/container.ts'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { checkOnMesh } from '../../src/study/check.ts'
import { loadTraces } from '../../src/study/dataset.ts'
import type { Job } from '../../src/study/job.ts'
import { checkStudy } from '../../src/study/study.ts'
import { traceGridOf } from '../../src/study/submodel-task.ts'
import { serialRunner } from '../../src/study/task.ts'
import { traceSize } from '../../src/trace/trace.ts'
import { tinyMesh, tinyStudy } from '../end-to-end/tiny-study.ts'
import { heard, memoryFolder } from './memory-folder.ts'

const study = checkStudy(tinyStudy())
const domain = checkOnMesh(study, readGmsh(tinyMesh(), 'plate.msh'))
const grid = traceGridOf(domain)
const size = traceSize(grid)

/** A folder whose validation runs have these states; the trace of run n is n everywhere. */
const jobWith = async (
  stateOf: (n: number) => string,
): Promise<Job & { readonly progress: ReturnType<typeof heard> }> => {
  const folder = memoryFolder()
  const { validation } = study.dataset
  const status = Array.from({ length: validation }, (_, n) => stateOf(n))
  const traces = new Float32Array(validation * size).map((_, at) => Math.floor(at / size))
  await folder.write(`dataset/validation/chunks/000000-${validation}.bin`, pack({ traces, status }))
  return {
    ...{ study, domain, folder, meshHash: '', runner: serialRunner({}), progress: heard() },
    ...{ signal: new AbortController().signal, timings: async () => ({}) },
  }
}

describe('the traces of a split', () => {
  it('are those of the good runs, each with its number', async () => {
    const job = await jobWith((n) => (n % 3 === 1 ? 'unstable' : 'ok'))
    const { batch, indices } = await loadTraces(job, 'validation')
    expect(batch.count).toBe(40)
    expect(indices.slice(0, 4)).toEqual([0, 2, 3, 5])
    expect([0, 1, 2, 3].map((n) => batch.values[n * size])).toEqual([0, 2, 3, 5])
    expect(job.progress.said).toEqual(['warning: 20 of 60 validation runs failed and are left out of what is learnt'])
  })

  it('are refused when too few runs are good', async () => {
    const job = await jobWith((n) => (n < 19 ? 'ok' : 'non-finite'))
    await expect(loadTraces(job, 'validation')).rejects.toThrow(
      /^non-finite: 41 of 60 validation runs failed and 20 good ones are needed \(try a smaller time\.courant/,
    )
  })

  it('are refused for a value that is not finite in a good run, naming run, frame and point', async () => {
    const job = await jobWith((n) => (n === 7 ? 'unstable' : 'ok'))
    const { width, file } = { width: size / grid.frames, file: 'dataset/validation/chunks/000000-60.bin' }
    const chunk = unpack((await job.folder.read(file))!, file) as { traces: Float32Array; status: string[] }
    chunk.traces[7 * size] = Number.NaN
    chunk.traces[11 * size + 4 * width + 2 * 3 + 1] = Number.NaN
    chunk.traces[12 * size + 5 * width] = Number.POSITIVE_INFINITY
    await job.folder.write(file, pack(chunk))
    await expect(loadTraces(job, 'validation')).rejects.toThrow(InvalidInput)
    await expect(loadTraces(job, 'validation')).rejects.toThrow(
      /^dataset\/validation, run 11: expected finite values, received NaN in frame 4 \(\S+ s\), point 3 at \(\S+, \S+\) m, y\ndataset\/validation, run 12: .* received Infinity in frame 5 .* point 0 at .* m, x$/,
    )
  })

  it('are refused when the file holds traces of another size', async () => {
    const job = await jobWith(() => 'ok')
    const file = 'dataset/validation/chunks/000000-60.bin'
    const chunk = unpack((await job.folder.read(file))!, file) as { traces: Float32Array; status: string[] }
    await job.folder.write(file, pack({ ...chunk, traces: chunk.traces.slice(60) }))
    await expect(loadTraces(job, 'validation')).rejects.toThrow(
      `dataset/validation: expected ${size} values per trace, received ${size - 1} (made by another version of nestwave)`,
    )
  })
})
