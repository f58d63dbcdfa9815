import { readFile } from 'node:fs/promises'
import { GRANULARITIES, type Granularity, granularityLabel } from '../../src/generative/gan/granularity.ts'
import { type GanOverrides, ganOptions } from '../../src/generative/gan/training-options.ts'
import type { ExperimentData } from '../experiment-data.ts'
import { checkOverrides } from '../overrides.ts'

export interface NestingConfig {
  readonly seeds: readonly number[]
  /** Of every training, over the defaults. */
  readonly options: GanOverrides
  /** What each training mode changes. */
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

/** Networks of no size to speak of, a few iterations: every part runs, nothing is learnt. */
export const smokeConfig = ({ modes, ...rest }: NestingConfig): NestingConfig => ({
  ...rest,
  seeds: [1, 2],
  options: {
    generator: { latent: 4, width: 8, hidden: 64, blocks: 2 },
    ...{ criticHidden: [8, 8], iterations: 20, batch: 32, evaluateEvery: 10, checkpointEvery: 10 },
  },
  modes: Object.fromEntries(
    Object.entries(modes).filter(([name]) => ['distillation', 'distillation, branches', 'joint'].includes(name)),
  ),
})

/** One network to train: a nested one, or one of a sub-network's size that learns alone. */
export interface Network {
  readonly name: string
  readonly overrides: GanOverrides
  /** The widths it is judged at. */
  readonly granularities: readonly Granularity[]
}

export const independentName = (g: Granularity): string => `independent ${granularityLabel([g])}`

const independent = (config: NestingConfig, hidden: number, g: Granularity): Network => ({
  name: independentName(g),
  overrides: {
    ...config.options,
    generator: { ...config.options.generator, hidden: hidden * g },
    distillationWeight: 0,
  },
  granularities: [1],
})

/** All networks of the study. The sizes 1/8 … 1 of a network with hidden units a multiple of 64 are whole multiples of 8. */
export const networksOf = (config: NestingConfig, { training }: ExperimentData): readonly Network[] => {
  const { hidden } = ganOptions(training.conditionCount, training.modes, config.options).generator
  const nested = Object.entries(config.modes).map(([name, overrides]) => ({
    ...{ name, overrides: { ...config.options, ...overrides }, granularities: GRANULARITIES },
  }))
  return [...nested, ...GRANULARITIES.map((g) => independent(config, hidden, g))]
}
