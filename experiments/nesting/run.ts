/**
 * Training modes of the nested generator side by side, at several seeds: `node experiments/nesting/run.ts out/demo`. What is finished
 * is not made again; `--smoke` runs every part on a law that is made in no time.
 */
import { hashOf } from '../../src/study/canonical.ts'
import {
  flagsOf,
  inSmokePlace,
  type Presented,
  placeOf,
  publishPresented,
  resultOnce,
  type StudyPlace,
  trainedIn,
  writePresented,
} from '../network-study.ts'
import { seedsOf } from '../seeds.ts'
import { networkHash, trainedOnce } from '../trained.ts'
import { type NestingConfig, type Network, networksOf, readConfig, smokeConfig } from './config.ts'
import { nestingFigure } from './figure.ts'
import { floorDistance, judgeNetwork } from './judge.ts'
import { type NetworkResult, tablesOf } from './summary.ts'

const NAME = 'nesting'

interface Study extends StudyPlace {
  readonly config: NestingConfig
  /** Networks made in this run. */
  readonly made: string[]
}

/** One network of one seed: from its file, or trained, judged and written. */
const resultOf = async (study: Study, network: Network, seed: number): Promise<NetworkResult> => {
  const { config, data, executor, made } = study
  const { repeats, correlationSamples } = config
  const overrides = { ...network.overrides, seed }
  const hash = hashOf({ network: networkHash(data, overrides, executor), repeats, correlationSamples })
  const label = `${network.name}, seed ${seed}`
  const once = await resultOnce(study, hash, label, async (): Promise<NetworkResult> => {
    const state = await trainedOnce(trainedIn(study), data, overrides, executor)
    const widths = await judgeNetwork(state, network.granularities, data, executor, { repeats, correlationSamples })
    return { name: network.name, seed, widths }
  })
  if (once.made) made.push(label)
  return { ...once.result, name: network.name }
}

const present = async (study: Study, results: readonly NetworkResult[]): Promise<Presented> => {
  const { config, data, executor } = study
  const first = { ...networksOf(config, data)[0].overrides, seed: config.seeds[0] }
  const state = await trainedOnce(trainedIn(study), data, first, executor)
  const floor = floorDistance(state, data, config)
  const svg = nestingFigure(config, results, floor)
  return {
    tables: tablesOf(config, results, floor),
    figure: { name: 'nesting.svg', about: 'Distance and correlation per granularity', svg },
  }
}

/** Seed by seed, so that an interrupted study has whole comparisons. */
const runStudy = async (study: Study, publish: boolean): Promise<string> => {
  const results: NetworkResult[] = []
  let tables = ''
  for (const seed of study.config.seeds) {
    for (const network of networksOf(study.config, study.data)) results.push(await resultOf(study, network, seed))
    const presented = await present(study, results)
    await writePresented(study, presented)
    if (publish) await publishPresented(NAME, presented)
    tables = presented.tables
  }
  return tables
}

const smoke = (config: NestingConfig): Promise<void> =>
  inSmokePlace(NAME, async (place) => {
    const study: Study = { ...place, config: smokeConfig(config), made: [] }
    const tables = await runStudy(study, false)
    const made = study.made.length
    if ((await runStudy(study, false)) !== tables || study.made.length !== made)
      throw new Error('the second run made something again')
    console.log(tables)
  })

const flags = flagsOf(NAME)
const given = await readConfig(flags.values.config)
const config = { ...given, seeds: seedsOf(flags.values.seeds) ?? given.seeds }
if (flags.values.smoke) await smoke(config)
else console.log(await runStudy({ ...(await placeOf(flags)), config, made: [] }, flags.values.publish))
