/** Generators and baselines: trained or fitted once, judged once per split. */
import { join } from 'node:path'
import { ganModel } from '../../src/generative/gan/gan-model.ts'
import type { GanState } from '../../src/generative/gan/gan-state.ts'
import { GRANULARITIES } from '../../src/generative/gan/granularity.ts'
import { loadModel } from '../../src/generative/model-registry.ts'
import { selectPairs } from '../../src/generative/training-data.ts'
import { hashOf } from '../../src/study/canonical.ts'
import { NUMERICS_VERSION } from '../../src/study/stage.ts'
import { BASELINES } from '../../src/study/train.ts'
import type { TensorExecutor } from '../../src/tensor/executor.ts'
import { independent, type Network } from '../nesting/config.ts'
import { judgeNetwork, type WidthResult } from '../nesting/judge.ts'
import { resultOnce } from '../network-study.ts'
import { networkHash, trainedOnce } from '../trained.ts'
import type { Ground, Held } from './held.ts'
import { blocksOf, type Judgement, judgeModel, type Measure } from './judge.ts'
import type { FixedRecipe, Recipe } from './recipe.ts'

export interface Bench extends FixedRecipe {
  readonly ground: Ground
  readonly executor: TensorExecutor
  readonly out: string
  /** What was made in this run and not found. */
  readonly made: string[]
}

/** What models are judged by. */
export interface Court {
  readonly held: Held
  readonly measure: Measure
}

export const GENERATOR = 'generator'

/** The generator, and the networks that learn alone. */
export const networksOf = ({ recipe: { options, independent: sizes }, ground }: Bench): readonly Network[] => [
  { name: GENERATOR, overrides: options, granularities: GRANULARITIES },
  ...sizes.map((g) => independent(options, ground.data, g)),
]

export const trainedNetwork = ({ ground, executor, out }: Bench, network: Network, seed: number): Promise<GanState> =>
  trainedOnce(join(out, 'trained'), ground.data, { ...network.overrides, seed }, executor)

/** A result of one model, from its file or made and written. */
const once = async <T>(
  bench: Bench,
  { held }: Court,
  what: string,
  inputs: Readonly<Record<string, unknown>>,
  make: () => Promise<T>,
): Promise<T> => {
  const { recipe, ground, out } = bench
  const { jointTest, wrongScales, repeats, correlationSamples } = recipe
  const settings = { jointTest, wrongScales, repeats, correlationSamples }
  const place = { numerics: NUMERICS_VERSION, data: ground.data.hash, study: ground.hash, split: held.split }
  const { result, made } = await resultOnce({ out }, hashOf({ ...place, settings, ...inputs }), what, make)
  if (made) bench.made.push(what)
  return result
}

const addressOf = ({ ground, executor }: Bench, { overrides }: Network, seed: number): string =>
  networkHash(ground.data, { ...overrides, seed }, executor)

/** Granularities are compared on as many rows as a joint test has. */
const widthsOf = async (
  { ground, executor, recipe }: Bench,
  { held }: Court,
  { granularities }: Network,
  state: GanState,
): Promise<readonly WidthResult[]> => {
  const validation = selectPairs(held.runs, blocksOf(held.runs.count, recipe.jointTest.n)[0])
  const data = { ...ground.data, validation, quantities: held.quantities }
  return judgeNetwork(state, granularities, data, executor, recipe)
}

export const judgedWidths = async (
  bench: Bench,
  court: Court,
  network: Network,
  seed: number,
): Promise<readonly WidthResult[]> =>
  once(bench, court, `widths of ${network.name}, seed ${seed}`, { widths: addressOf(bench, network, seed) }, async () =>
    widthsOf(bench, court, network, await trainedNetwork(bench, network, seed)),
  )

/** The block of held-out runs that is a seed's own: as long as there are enough of them, no two seeds share a run. */
const blockOfSeed = ({ seeds, jointTest }: Recipe, { runs }: Held, seed: number): readonly number[] => {
  const blocks = blocksOf(runs.count, jointTest.n)
  return blocks[Math.max(0, seeds.indexOf(seed)) % blocks.length]
}

export const judgedGenerator = async (bench: Bench, court: Court, seed: number): Promise<Judgement> => {
  const { recipe, executor } = bench
  const [network] = networksOf(bench)
  const rows = blockOfSeed(recipe, court.held, seed)
  const inputs = { network: addressOf(bench, network, seed), from: rows[0] }
  return once(bench, court, `${network.name}, seed ${seed}`, inputs, async () => {
    const model = await ganModel(await trainedNetwork(bench, network, seed), executor)
    try {
      return await judgeModel(model, court.held, court.measure, recipe, seed, [rows])
    } finally {
      await model.release()
    }
  })
}

export type BaselineName = keyof typeof BASELINES
export const BASELINE_NAMES = Object.keys(BASELINES) as readonly BaselineName[]

/** A baseline has no seed of its own: one fit, one sample per held-out run, the joint test on every block of them. */
export const judgedBaseline = async (bench: Bench, court: Court, name: BaselineName): Promise<Judgement> => {
  const { recipe, ground } = bench
  const [seed] = recipe.seeds
  return once(bench, court, name, { baseline: name, scale: 'validation', seed }, async () => {
    const { training, validation } = ground.data
    const model = await loadModel(BASELINES[name](training, validation).state)
    const blocks = blocksOf(court.held.runs.count, recipe.jointTest.n)
    return judgeModel(model, court.held, court.measure, recipe, seed, blocks)
  })
}
