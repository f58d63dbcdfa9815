import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { folderGround, type ThreadedJob } from '../../experiments/generator-quality/folder-ground.ts'
import { fieldMoments, momentErrors, sampleOf } from '../../src/generative/distances.ts'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { diskFolder } from '../../src/runtime/disk-folder.ts'
import { checkOnMesh } from '../../src/study/check.ts'
import { dataset } from '../../src/study/dataset.ts'
import { relativeError } from '../../src/study/reduce.ts'
import { checkStudy } from '../../src/study/study.ts'
import { serialRunner } from '../../src/study/task.ts'
import { TASKS } from '../../src/study/tasks.ts'
import { tinyMesh } from '../end-to-end/tiny-study.ts'
import { heard } from '../study/memory-folder.ts'
import { tinierStudy } from '../study/tiny-run.ts'

const mesh = readGmsh(tinyMesh(), 'plate.msh')
const root = await mkdtemp(join(tmpdir(), 'folder-ground-'))
const jobOf = (changes: object = {}): ThreadedJob => {
  const study = checkStudy({ ...tinierStudy(), ...changes })
  return {
    ...{
      study,
      domain: checkOnMesh(study, mesh),
      folder: diskFolder(root),
      meshHash: 'tiny',
      runner: serialRunner(TASKS),
    },
    ...{ progress: heard(), signal: new AbortController().signal, timings: async () => ({}) },
  }
}

describe('the runs of a folder', async () => {
  const none = await folderGround(jobOf(), root).catch((error: unknown) => error)
  await dataset(jobOf())
  const ground = await folderGround(jobOf(), root)

  afterAll(() => rm(root, { recursive: true }))

  it('need a dataset, of this study', async () => {
    expect(none).toBeInstanceOf(InvalidInput)
    expect(String(none)).toContain('has no dataset')
    await expect(folderGround(jobOf({ damping: 400 }), root)).rejects.toThrow('damping')
  })

  it('are found again with the reduction that was fitted, and fitted anew for another', async () => {
    expect((await folderGround(jobOf(), root)).data.hash).toBe(ground.data.hash)
    const other = await folderGround(jobOf({ reduction: { modes: [8], tolerance: 0.5, norm: 'h1' } }), root)
    expect(other.data.training.modes).toBe(8)
    expect(other.data.hash).not.toBe(ground.data.hash)
  })

  it.each([
    'validation',
    'test',
  ] as const)('of the split %s agree with what the reduction keeps of them', async (split) => {
    const { runs, fields, moments, tables, quantities } = await ground.open(split)
    expect(runs.count).toBe(20)
    const kept = momentErrors(fieldMoments(fields, sampleOf(runs.coefficients, runs.modes)), moments.held)
    expect(Math.max(kept.mean, kept.deviation)).toBeLessThan(0.1)
    const values = await quantities(runs.coefficients, runs.count)
    expect(relativeError(tables.held, { ...tables.held, values })).toBeLessThan(0.1)
    expect(tables.training.count).toBe(64)
  })
})
