import { z } from 'zod'
import {
  GRANULARITIES,
  type Granularities,
  granularityLabel,
  uniformGranularity,
} from '../generative/gan/granularity.ts'
import { InvalidInput } from '../numeric/errors.ts'
import { problemsOf, shown } from './problems.ts'
import { MODEL_NAMES, type ModelName, type Study } from './schema.ts'

/** A trace model by name; of the generator, at a granularity per block. */
export type ModelChoice =
  | { readonly name: Exclude<ModelName, 'gan'> }
  | { readonly name: 'gan'; readonly granularities: Granularities }

const granularity = z.literal([...GRANULARITIES])
const schema = z.object({
  config: z.strictObject({
    model: z.enum(MODEL_NAMES).default('gan'),
    granularity: z.union([granularity, z.array(granularity)]).optional(),
  }),
})

/**
 * `{"model": …, "granularity": …}`: the whole generator unless it says otherwise.
 * @throws InvalidInput for an unknown key or model, and a granularity that the generator does not have
 */
export const modelChoice = ({ generator }: Study, config: Readonly<Record<string, unknown>>): ModelChoice => {
  const result = schema.safeParse({ config }, { reportInput: true })
  if (!result.success) throw new InvalidInput(problemsOf(result.error))
  const { model: name, granularity: asked = 1 } = result.data.config
  if (name === 'gan') return { name, granularities: granularitiesOf(asked, generator.blocks) }
  if (config.granularity === undefined) return { name }
  throw InvalidInput.of('config.granularity', "no such key (only the model 'gan' has it)", shown(config.granularity))
}

const granularitiesOf = (asked: Granularities[number] | Granularities, blocks: number): Granularities => {
  if (typeof asked === 'number') return uniformGranularity(asked, blocks)
  if (asked.length === blocks) return asked
  throw InvalidInput.of('config.granularity', `one for each of ${blocks} blocks`, `${asked.length} of them`)
}

export const choiceLabel = (choice: ModelChoice): string =>
  choice.name === 'gan' ? `gan@${granularityLabel(choice.granularities)}` : choice.name
