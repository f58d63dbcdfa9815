import { readFile } from 'node:fs/promises'
import { GRANULARITIES, type Granularity, granularityLabel } from '../../src/generative/gan/granularity.ts'
import { type GanOverrides, ganOptions } from '../../src/generative/gan/training-options.ts'
import type { ExperimentData } from '../experiment-data.ts'
import { checkOverrides } from '../overrides.ts'

export interface NestingConfig {
  readonly seeds: readonly number[]
  /** Of every training, over the defaults. */
  readonly options: GanOverrides
  /** What each of them changes; a name is a training mode, or one with what is special about it after a comma. */
  readonly modes: Readonly<Record<string, GanOverrides>>
  /** Generated samples per validation pair. */
  readonly repeats: number
  /** Submodel runs per network and width. */
  readonly correlationSamples: number
  /** Of the intervals over seeds. */
  readonly level: number
}

export const readConfig = async (path: string): Promise<NestingConfig> => {
  const config = JSON.parse(await readFile(path, 'utf8')) as NestingConfig
  checkOverrides({ options: config.options, ...config.modes })
  return config
}

/** Networks of no size to speak of, a few iterations, two modes and the last: every part runs, nothing is learnt. */
export const smokeConfig = ({ modes, options, ...rest }: NestingConfig): NestingConfig => ({
  ...rest,
  seeds: [1, 2],
  options: {
    generator: { ...options.generator, latent: 4, width: 8, hidden: 64, blocks: 2, tokens: 2, heads: 4 },
    ...{ criticHidden: [8, 8], iterations: 20, batch: 32, evaluateEvery: 10, checkpointEvery: 10 },
  },
  modes: Object.fromEntries(Object.entries(modes).filter((_, i, all) => i < 2 || i === all.length - 1)),
})

/** One network to train: a nested one, or one of a sub-network's size that learns alone. */
export interface Network {
  readonly name: string
  readonly overrides: GanOverrides
  /** The widths it is judged at. */
  readonly granularities: readonly Granularity[]
}

export const independentName = (g: Granularity): string => `independent ${granularityLabel([g])}`

const merged = (options: GanOverrides, overrides: GanOverrides): GanOverrides => ({
  ...options,
  ...overrides,
  generator: { ...options.generator, ...overrides.generator },
})

/** Of the size of the sub-network g, learning alone. The sizes 1/8 … 1 of hidden units a multiple of 64 are whole multiples of 8. */
export const independent = (options: GanOverrides, { training }: ExperimentData, g: Granularity): Network => {
  const { hidden } = ganOptions(training.conditionCount, training.modes, options).generator
  return {
    name: independentName(g),
    overrides: merged(options, { generator: { hidden: hidden * g }, distillationWeight: 0 }),
    granularities: [1],
  }
}

/** All networks of the study. */
export const networksOf = ({ options, modes }: NestingConfig, data: ExperimentData): readonly Network[] => {
  const nested = Object.entries(modes).map(([name, overrides]) => ({
    ...{ name, overrides: merged(options, overrides), granularities: GRANULARITIES },
  }))
  return [...nested, ...GRANULARITIES.map((g) => independent(options, data, g))]
}
