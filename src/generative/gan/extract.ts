import { generatorSpecs } from './generator.ts'
import { fullHiddenSizes, type GeneratorConfig, hiddenSizes } from './generator-config.ts'
import { checkGranularities, type Granularities } from './granularity.ts'
import { type Parameters, viewParameters } from './parameters.ts'

/** A stand-alone network: weights of its own, nothing of the larger network left. */
export interface ExtractedGenerator {
  readonly config: GeneratorConfig
  /** Hidden units per block. */
  readonly hidden: readonly number[]
  readonly parameters: Parameters
}

/** The leading rows and columns of a matrix (a vector is one row; of grouped columns each group is a row). */
const leading = (from: Float32Array, fromColumns: number, rows: number, columns: number): Float32Array => {
  const out = new Float32Array(rows * columns)
  for (let i = 0; i < rows; i++) out.set(from.subarray(i * fromColumns, i * fromColumns + columns), i * columns)
  return out
}

/**
 * The sub-network at one granularity per block, cut out: equal bit for bit to the nested network at that width.
 * @param flat [P] weights of the nested network
 * @verifiedBy test/generative/generator.test.ts
 */
export const extract = (
  config: GeneratorConfig,
  flat: Float32Array,
  granularities: Granularities,
): ExtractedGenerator => {
  const hidden = hiddenSizes(config, checkGranularities(granularities, config.blocks))
  const fullSpecs = generatorSpecs(config, fullHiddenSizes(config))
  const full = viewParameters(fullSpecs, flat)
  const parameters = viewParameters(generatorSpecs(config, hidden))
  generatorSpecs(config, hidden).forEach(({ name, shape, groups = 1 }, i) => {
    const [rows, columns] = shape.length === 2 ? shape : [1, shape[0]]
    const fullColumns = fullSpecs[i].shape.at(-1)!
    parameters[name].set(leading(full[name], fullColumns / groups, rows * groups, columns / groups))
  })
  return { config, hidden, parameters }
}
