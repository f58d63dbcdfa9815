/** What is compared, and the sizes with which all of it runs in no time. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { InvalidInput, type Problem } from '../../src/numeric/errors.ts'
import { MODEL_NAMES, type Study } from '../../src/study/schema.ts'

const configSchema = z.strictObject({
  parts: z
    .array(z.strictObject({ size: z.int().positive(), replicates: z.int().positive() }))
    .min(1)
    .meta({ description: 'N, and how many disjoint training sets of that size' }),
  models: z.array(z.enum(MODEL_NAMES)).min(1),
  validationShare: z.number().positive().meta({ description: 'validation runs per training run' }),
  submodelRuns: z
    .int()
    .positive()
    .meta({ description: 'per model: at the θ of the first test runs, against the other ones' }),
  resamples: z.int().positive().meta({ description: 'of the bounds of the energy distance' }),
})
export type SizeConfig = z.infer<typeof configSchema>

/** Sizes with which every line runs in less than a minute; the numbers mean nothing. */
export const SMOKE = {
  study: {
    dataset: { train: 60, validation: 40, test: 40 },
    time: { duration: 1.5e-4, keepEvery: 3 },
    reduction: { norm: 'quantities', modes: [6] },
    generator: { latent: 4, width: 16, blocks: 3, hidden: 16, iterations: 20, batch: 16, checkpointEvery: 10 },
  },
  config: {
    parts: [
      { size: 30, replicates: 2 },
      { size: 60, replicates: 1 },
    ],
    ...{ validationShare: 2 / 3, submodelRuns: 20, resamples: 19 },
  },
}

/** One training set: the `replicate`th (from 1) of `size` runs. */
export interface Part {
  readonly size: number
  readonly replicate: number
}

export const partsOf = ({ parts }: SizeConfig): readonly Part[] =>
  parts.flatMap(({ size, replicates }) => Array.from({ length: replicates }, (_, k) => ({ size, replicate: k + 1 })))

export const validationSize = ({ validationShare }: SizeConfig, size: number): number =>
  Math.floor(validationShare * size)

export const readConfig = (path: string): SizeConfig => configSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
export const smokeConfig = (config: SizeConfig): SizeConfig => ({ ...config, ...SMOKE.config })

/** @throws InvalidInput for more disjoint parts than the study has runs for, and for test runs that leave none to compare with */
export const checkSizes = (config: SizeConfig, { dataset }: Study): void => {
  const problems = config.parts.flatMap(({ size, replicates }, k): Problem[] => {
    const needed = [
      ['training', replicates * size, dataset.train],
      ['validation', replicates * validationSize(config, size), dataset.validation],
    ] as const
    return needed.flatMap(([split, runs, there]) =>
      runs <= there ? [] : [{ path: `parts[${k}]`, expected: `${there} ${split} runs at most`, received: `${runs}` }],
    )
  })
  if (config.submodelRuns > dataset.test / 2)
    problems.push({ path: 'submodelRuns', expected: `at most ${dataset.test / 2}`, received: `${config.submodelRuns}` })
  if (problems.length > 0) throw new InvalidInput(problems)
}
