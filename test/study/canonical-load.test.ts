import { describe, expect, it } from 'vitest'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import { withCanonicalLoad } from '../../src/study/canonical-load.ts'
import { checkOnMesh } from '../../src/study/check.ts'
import { completeSeries } from '../../src/study/chunks.ts'
import { dataset } from '../../src/study/dataset.ts'
import { domainOf } from '../../src/study/domain.ts'
import { setupOf } from '../../src/study/full-domain-task.ts'
import type { Job } from '../../src/study/job.ts'
import { conditionsOf, loadSampler } from '../../src/study/law.ts'
import { column, readTable } from '../../src/study/quantity-table.ts'
import { reduce } from '../../src/study/reduce.ts'
import { replaySeries } from '../../src/study/replay.ts'
import { checkStudy } from '../../src/study/study.ts'
import { serialRunner } from '../../src/study/task.ts'
import { TASKS } from '../../src/study/tasks.ts'
import { openTraces } from '../../src/study/trace-source.ts'
import { tinyMesh } from '../end-to-end/tiny-study.ts'
import { heard, memoryFolder } from './memory-folder.ts'
import { tinierStudy } from './tiny-run.ts'

const study = checkStudy(tinierStudy())
const canonical = withCanonicalLoad(study)
const RUNS = study.dataset.test

describe('the canonical load', () => {
  it('leaves position and width of every run as they are', () => {
    const samples = [study, canonical].map((s) => Array.from({ length: RUNS }, (_, i) => loadSampler(s, 'test')(i)))
    expect(samples[1].every(({ amplitude, arrival }) => amplitude === 300e6 && arrival === 0)).toBe(true)
    expect(conditionsOf(canonical, samples[1])).toEqual(conditionsOf(study, samples[0]))
  })

  it('makes runs that give the held-out ones back under their own loads', async () => {
    const mesh = readGmsh(tinyMesh(), 'plate.msh')
    const domain = checkOnMesh(study, mesh)
    const job: Job = {
      ...{ study, domain, folder: memoryFolder(), meshHash: 'tiny', runner: serialRunner(TASKS) },
      ...{ progress: heard(), signal: new AbortController().signal, timings: async () => ({}) },
    }
    const other = {
      ...{ ...job, study: canonical, folder: memoryFolder() },
      domain: domainOf(canonical, mesh, domain.spec.time),
    }
    await dataset(job)
    await dataset(other, ['test'])
    const source = await openTraces(other, 'test')
    const { reduction } = await reduce(job, await openTraces(job, 'train'), await openTraces(job, 'validation'))
    const series = [replaySeries(study, 'test', source, 'replayed', RUNS)]
    const setup = { ...setupOf(job), reduction }
    await completeSeries({ ...job, task: 'submodel', setup, series, stage: 'submodel runs' })
    const [own, replayed] = await Promise.all(
      ['dataset/test', 'replayed'].map((path) => readTable(job.folder, path, RUNS, study.quantities.length)),
    )
    for (const q of study.quantities.keys()) {
      const [a, b] = [column(own, q), column(replayed, q)]
      const error = a.reduce((sum, v, n) => sum + Math.abs(b[n] - v), 0) / a.reduce((sum, v) => sum + Math.abs(v), 0)
      expect(error).toBeLessThan(0.01)
    }
  })
})
