/**
 * Which combination of widths is worth its cost: `node experiments/mix-n-match/run.ts out/demo`. What is finished is not made again;
 * `--smoke` runs every part on a law that is made in no time.
 */
import { readFile } from 'node:fs/promises'
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
import { checkOverrides } from '../overrides.ts'
import { seedsOf } from '../seeds.ts'
import { networkHash, trainedOnce } from '../trained.ts'
import { paretoFigure } from './figure.ts'
import { type MixConfig, type SearchResult, searched } from './search.ts'
import { tablesOf } from './table.ts'

const NAME = 'mix-n-match'

/** One seed: from its file, or trained, searched and written. */
const resultOf = async (config: MixConfig, place: StudyPlace, seed: number): Promise<SearchResult> => {
  const { data, executor } = place
  const overrides = { ...config.options, seed }
  const { measure, repeats, limit } = config
  const hash = hashOf({ network: networkHash(data, overrides, executor), measure, repeats, limit })
  const { result } = await resultOnce(place, hash, `seed ${seed}`, async () => {
    const state = await trainedOnce(trainedIn(place), data, overrides, executor)
    return searched(seed, state, data, executor, config)
  })
  return result
}

const runStudy = async (config: MixConfig, place: StudyPlace): Promise<Presented> => {
  const results: SearchResult[] = []
  for (const seed of config.seeds) results.push(await resultOf(config, place, seed))
  const presented = {
    tables: tablesOf(config, results),
    figure: { name: 'front.svg', about: 'Cost against distance', svg: paretoFigure(results[0]) },
  }
  await writePresented(place, presented)
  return presented
}

const SMOKE: Pick<MixConfig, 'seeds' | 'options'> = {
  seeds: [1, 2],
  options: {
    generator: { latent: 4, width: 8, hidden: 16, blocks: 2 },
    ...{ criticHidden: [8, 8], iterations: 20, batch: 32, evaluateEvery: 10 },
  },
}

const smoke = (config: MixConfig): Promise<void> =>
  inSmokePlace(NAME, async (place) => {
    const run = () => runStudy({ ...config, ...SMOKE }, place)
    const { tables } = await run()
    if ((await run()).tables !== tables) throw new Error('the second run gave other numbers')
    console.log(tables)
  })

const flags = flagsOf(NAME)
const given = JSON.parse(await readFile(flags.values.config, 'utf8')) as MixConfig
const config = { ...given, seeds: seedsOf(flags.values.seeds) ?? given.seeds }
checkOverrides({ options: config.options })
if (flags.values.smoke) await smoke(config)
else {
  const presented = await runStudy(config, await placeOf(flags))
  console.log(presented.tables)
  if (flags.values.publish) await publishPresented(NAME, presented)
}
