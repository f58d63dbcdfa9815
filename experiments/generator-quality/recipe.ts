/** What was fixed before any held-out run was looked at: a committed file, whose hash stands in the table. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { GRANULARITIES, type Granularity } from '../../src/generative/gan/granularity.ts'
import type { GanOverrides } from '../../src/generative/gan/training-options.ts'
import { sha256 } from '../../src/study/canonical.ts'
import { checkOverrides } from '../overrides.ts'

const granularity = z.custom<Granularity>((value) => GRANULARITIES.includes(value as Granularity))
const share = z.number().gt(0).lt(1)

const recipeSchema = z.strictObject({
  seeds: z.array(z.int().nonnegative()).min(1),
  options: z.custom<GanOverrides>((value) => typeof value === 'object' && value !== null),
  independent: z.array(granularity).meta({ description: 'sizes that networks learn alone at, for comparison' }),
  jointTest: z.strictObject({ n: z.int().min(20), permutations: z.int().min(19) }),
  level: share.meta({ description: 'of the tests; intervals have 1 − level' }),
  marginScale: z.number().gt(1).meta({ description: 'the wrong scale whose energy distance is the margin' }),
  wrongScales: z.array(z.number().positive()).meta({ description: 'laws that the joint test has to reject' }),
  repeats: z.int().positive().meta({ description: 'generated samples per real pair where granularities are compared' }),
  correlationSamples: z.int().positive(),
  targets: z.strictObject({
    traceMean: share,
    traceDeviation: share,
    ks: share,
    rejections: z.int().nonnegative(),
    correlation: z.record(z.string(), share).meta({ description: 'by granularity' }),
  }),
})
export type Recipe = z.infer<typeof recipeSchema>

export interface FixedRecipe {
  readonly recipe: Recipe
  /** sha256 of the file. */
  readonly hash: string
}

/** @throws for a field that no recipe has, and for an option that no training has */
export const readRecipe = async (path: string): Promise<FixedRecipe> => {
  const bytes = await readFile(path)
  const recipe = recipeSchema.parse(JSON.parse(bytes.toString('utf8')))
  checkOverrides({ options: recipe.options })
  return { recipe, hash: sha256(bytes) }
}

/** Networks of no size to speak of, and few rows: every part runs, nothing is learnt. */
export const smokeRecipe = (recipe: Recipe): Recipe => ({
  ...recipe,
  seeds: [1, 2],
  options: {
    generator: { ...recipe.options.generator, latent: 4, width: 8, hidden: 64, blocks: 2, tokens: 2, heads: 4 },
    ...{ criticHidden: [8, 8], iterations: 20, batch: 32, evaluateEvery: 10, checkpointEvery: 10 },
  },
  jointTest: { n: 100, permutations: 39 },
  correlationSamples: 60,
})
