import { describe, expect, it } from 'vitest'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import { checkOnMesh } from '../../src/study/check.ts'
import type { Job } from '../../src/study/job.ts'
import { simulate } from '../../src/study/simulate.ts'
import { checkStudy } from '../../src/study/study.ts'
import { serialRunner } from '../../src/study/task.ts'
import { tinyMesh, tinyStudy } from '../end-to-end/tiny-study.ts'
import { heard, memoryFolder } from './memory-folder.ts'

const study = checkStudy(tinyStudy())
const domain = checkOnMesh(study, readGmsh(tinyMesh(), 'plate.msh'))

describe('simulate', () => {
  it('says that a run failed, after writing what there is of it', async () => {
    const folder = memoryFolder()
    const stiff = { ...domain.field!, factorInto: (out: Float64Array) => void out.fill(1000) }
    const job: Job = {
      ...{ study, domain: { ...domain, field: stiff }, folder, meshHash: '', runner: serialRunner({}) },
      ...{ progress: heard(), signal: new AbortController().signal, timings: async () => ({}) },
    }
    await expect(simulate(job, 0)).rejects.toThrow('unstable: sample 0; its frames so far are in simulation-0/wave.pvd')
    const result = JSON.parse(new TextDecoder().decode(folder.files.get('simulation-0/result.json')!))
    expect(result.status).toBe('unstable')
    expect(folder.files.has('simulation-0/wave.pvd')).toBe(true)
  })
})
