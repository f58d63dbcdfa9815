import { readGmsh } from '../../src/mesh/gmsh.ts'
import type { Mesh } from '../../src/mesh/mesh.ts'
import { checkOnMesh } from '../../src/study/check.ts'
import { dataset } from '../../src/study/dataset.ts'
import { estimate } from '../../src/study/estimate.ts'
import type { StudyFolder } from '../../src/study/folder.ts'
import type { Job } from '../../src/study/job.ts'
import type { Study } from '../../src/study/schema.ts'
import { checkStudy } from '../../src/study/study.ts'
import { serialRunner } from '../../src/study/task.ts'
import { TASKS } from '../../src/study/tasks.ts'
import { train } from '../../src/study/train.ts'
import { type Json, tinyMesh, tinyStudy } from '../end-to-end/tiny-study.ts'
import { heard, memoryFolder } from './memory-folder.ts'

/** The tiny study with as few runs as its schema allows, and with a random modulus that stays. */
export const tinierStudy = (): Json => ({
  ...tinyStudy(),
  dataset: { train: 64, validation: 20, test: 20 },
  reduction: { modes: [8, 16], tolerance: 0.05 },
  generator: { ...tinyStudy().generator, iterations: 20 },
  estimate: { ...tinyStudy().estimate, samples: 70, comparisonSamples: 70 },
})

/** A study whose recipes have run, in memory. */
export interface TinyRun {
  readonly study: Study
  readonly mesh: Mesh
  readonly folder: StudyFolder
}

/** Runs a study's dataset and training, and with `estimates` its submodel samples. */
export const tinyRun = async (estimates = false, json: Json = tinierStudy()): Promise<TinyRun> => {
  const study = checkStudy(json)
  const mesh = readGmsh(tinyMesh(), 'plate.msh')
  const folder = memoryFolder()
  const job: Job = {
    ...{ study, domain: checkOnMesh(study, mesh), folder, meshHash: 'tiny', runner: serialRunner(TASKS) },
    ...{ progress: heard(), signal: new AbortController().signal, timings: async () => ({}) },
  }
  await dataset(job)
  await train(job)
  if (estimates) await estimate(job)
  return { study, mesh, folder }
}
