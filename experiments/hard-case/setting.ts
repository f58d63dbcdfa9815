/** What the experiment is made of: the study, what is compared, and the job whose folder holds everything that was computed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { threadRunner } from '../../src/runtime/threads.ts'
import type { Job } from '../../src/study/job.ts'
import { openJob, smallStudy } from '../open-job.ts'

const comparisonSchema = z.strictObject({
  sizes: z.array(z.int().positive()).min(1).meta({ description: 'N: training runs' }),
  seeds: z.array(z.int()).min(2).meta({ description: 'one training, one latent stream, one block of test runs each' }),
  energyModes: z.int().positive().meta({ description: 'modes in the energy distance' }),
  discriminantModes: z.int().positive().meta({ description: 'whitened modes that the discriminant sees' }),
  gapShare: z.number().positive().meta({ description: 'share of training runs in the gap between the modes' }),
  judgedSamples: z.int().positive().meta({ description: 'submodel samples per model by which one is recommended' }),
  level: z.number().gt(0).lt(1),
})
export type Comparison = z.infer<typeof comparisonSchema>

/** Sizes with which every line of the experiment runs in less than a minute; its numbers mean nothing. */
const SMOKE = {
  study: {
    dataset: { train: 50, validation: 20, test: 24 },
    reduction: { modes: [8], tolerance: 0.5 },
    generator: { latent: 4, width: 16, blocks: 3, hidden: 16, iterations: 20, batch: 16, checkpointEvery: 10 },
  },
  comparison: { sizes: [25, 50], seeds: [1, 2], energyModes: 4, discriminantModes: 4, judgedSamples: 20 },
}

export interface Setting {
  readonly comparison: Comparison
  readonly job: Job
  readonly release: () => Promise<void>
}

const readHere = (file: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8'))

/** Opens the folder of the experiment, as the command line does. */
export const openSetting = async (out: string, smoke: boolean, workers: number | undefined): Promise<Setting> => {
  const comparison = comparisonSchema.parse({ ...readHere('comparison.json'), ...(smoke ? SMOKE.comparison : {}) })
  const committed = join(import.meta.dirname, 'study.json')
  const file = smoke ? smallStudy(committed, out, SMOKE.study) : committed
  return { comparison, ...(await openJob(file, out, threadRunner(workers))) }
}
