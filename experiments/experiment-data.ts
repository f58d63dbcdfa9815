import { resolve } from 'node:path'
import type { TrainingData } from '../src/generative/training-data.ts'
import { pack } from '../src/numeric/container.ts'
import { randomStream } from '../src/numeric/random.ts'
import { diskFolder } from '../src/runtime/disk-folder.ts'
import { loadStudy } from '../src/runtime/study-file.ts'
import { sha256 } from '../src/study/canonical.ts'
import { loadTraces } from '../src/study/dataset.ts'
import { domainOf } from '../src/study/domain.ts'
import { loadReduction } from '../src/study/model-files.ts'
import { silent } from '../src/study/progress.ts'
import { samplesOf } from '../src/study/replay.ts'
import { serialRunner } from '../src/study/task.ts'
import { TASKS } from '../src/study/tasks.ts'
import { trainingDataOf } from '../src/study/train.ts'
import { submodelQuantities } from './coefficient-series.ts'

/** What the experiments on generators learn from and judge by. */
export interface ExperimentData {
  readonly training: TrainingData
  readonly validation: TrainingData
  /** sha256 of both. */
  readonly hash: string
  /**
   * Quantities of interest [n, q] of the submodel under coefficients [n, r], row i with the load of validation run i; none for a law
   * without a structure.
   */
  readonly quantities?: (coefficients: Float64Array, n: number) => Promise<Float64Array>
}

export const hashed = (data: Omit<ExperimentData, 'hash'>): ExperimentData => ({
  ...data,
  hash: sha256(pack({ training: data.training, validation: data.validation })),
})

/** Reduced traces of a result folder, with the reduction that its training chose. Test runs are not read. */
export const folderData = async (studyFile: string, path: string): Promise<ExperimentData> => {
  const { study, mesh, meshHash } = await loadStudy(resolve(studyFile))
  const folder = diskFolder(path)
  const domain = domainOf(study, mesh)
  const job = {
    ...{ study, meshHash, folder, domain, runner: serialRunner(TASKS), progress: silent },
    ...{ signal: new AbortController().signal, timings: async () => ({}) },
  }
  const { reduction } = await loadReduction(folder)
  const validation = await loadTraces(job, 'validation')
  const samples = samplesOf(study, 'validation', validation)
  return hashed({
    training: trainingDataOf(study, 'train', await loadTraces(job, 'train'), reduction),
    validation: trainingDataOf(study, 'validation', validation, reduction),
    quantities: submodelQuantities(job, reduction, samples),
  })
}

const SMOKE_MODES = 6

/** Two branches whose distance grows with θ, p = 1. */
export const branches = (count: number, purpose: string): TrainingData => {
  const conditions = new Float64Array(count)
  const coefficients = new Float64Array(count * SMOKE_MODES)
  const normals = new Float64Array(SMOKE_MODES + 1)
  randomStream(1, `smoke/${purpose}/theta`).uniformsInto(conditions, 0)
  for (let n = 0; n < count; n++) {
    conditions[n] = 2 * conditions[n] - 1
    randomStream(1, `smoke/${purpose}`).normalsInto(normals, n)
    const side = Math.sign(normals[SMOKE_MODES]) * (1.5 + 0.5 * conditions[n])
    for (let k = 0; k < SMOKE_MODES; k++)
      coefficients[n * SMOKE_MODES + k] = 0.9 ** k * (0.35 * normals[k] + (k < 2 ? side : 0))
  }
  return { count, conditionCount: 1, conditions, modes: SMOKE_MODES, coefficients }
}

/** A law that is made in no time: whether an experiment runs at all. */
export const smokeData = (): ExperimentData =>
  hashed({ training: branches(160, 'train'), validation: branches(60, 'validation') })
