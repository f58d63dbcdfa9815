import { InvalidInput } from '../../numeric/errors.ts'
import { randomStream } from '../../numeric/random.ts'
import type { TensorExecutor } from '../../tensor/executor.ts'
import { energyTest } from '../energy-distance.ts'
import { shapeDirections, slicedWasserstein } from '../sliced-wasserstein.ts'
import { checkTrainingData, type TrainingData } from '../training-data.ts'
import { calibrateInto } from './calibration.ts'
import { allCombinations, neighbours, ruleCombinations } from './combinations.ts'
import { extract } from './extract.ts'
import { ganFlops } from './gan-model.ts'
import { calibrateGan, type GanState } from './gan-state.ts'
import { type GeneratorConfig, hiddenSizes } from './generator-config.ts'
import { GRANULARITIES, type Granularities, granularityLabel, uniformGranularity } from './granularity.ts'
import { type Judged, paretoFront, paretoSearch } from './pareto.ts'
import { compileSampler } from './sampler.ts'
import { jointRows, whiteData } from './white-data.ts'

/** One combination on data: what it costs, how far its calibrated samples are, how much they are the full network's. */
export interface JudgedCombination extends Judged {
  readonly point: Granularities
  readonly label: string
  /** Counted operations of one sample: network, calibration, colouring, tail. */
  readonly flopsPerSample: number
  /** Of (w, √3 θ), w the calibrated leading whitened modes, to the data. */
  readonly distance: number
  /** Correlation with the full network's calibrated samples at the same (θ, z), mean over the modes. */
  readonly correlation: number
}

export interface JudgeOptions {
  readonly measure?: 'energy' | 'sliced-wasserstein'
  /** Generated samples per pair of the data. */
  readonly repeats?: number
  readonly seed?: number
  readonly signal?: AbortSignal
  /** Called after each combination. */
  readonly onJudged?: (judged: JudgedCombination) => void
}

export interface MixOptions extends JudgeOptions {
  /** Combinations to judge at most: all of them where there are no more. */
  readonly limit?: number
}

export interface MixNMatch {
  /** All that was judged, cheapest first. */
  readonly judged: readonly JudgedCombination[]
  /** Those of them that no other beats in both cost and distance, cheapest first. */
  readonly front: readonly JudgedCombination[]
  /** Those that the rule of MatFormer's authors names, cheapest first. */
  readonly rule: readonly JudgedCombination[]
  /** Whether every combination was judged. */
  readonly exhaustive: boolean
}

const DEFAULTS = { measure: 'energy', repeats: 2, seed: 0, limit: 256 } as const
const DIRECTIONS = 96

/** The latents that all combinations share: n rows at the conditions of some data, repeated in order. */
export interface CommonLatents {
  readonly n: number
  /** [n, p] */
  readonly theta: Float64Array
  /** [n, latent] */
  readonly z: Float32Array
  /** [n] choose the category. */
  readonly uniforms: Float64Array
}

/** @param conditions [N, p] @param n rows; row i is at condition i modulo N */
export const commonLatents = (
  { latent, conditionCount: p }: GeneratorConfig,
  conditions: Float64Array,
  n: number,
  seed: number,
): CommonLatents => {
  const [normals, uniforms] = [new Float64Array(n * latent), new Float64Array(n)]
  randomStream(seed, 'mix-n-match/z').normalsInto(normals, 0)
  randomStream(seed, 'mix-n-match/category').uniformsInto(uniforms, 0)
  const theta = new Float64Array(n * p).map((_, at) => conditions[at % conditions.length])
  return { n, theta, z: Float32Array.from(normals), uniforms }
}

/**
 * Leading whitened modes [n, latent] of one combination as the network makes them, and calibrated.
 * @param state with the combination's calibration
 */
export const combinationSamples = async (
  state: GanState,
  executor: TensorExecutor,
  granularities: Granularities,
  { n, theta, z, uniforms }: CommonLatents,
): Promise<{ readonly raw: Float32Array; readonly calibrated: Float64Array }> => {
  const sampler = await compileSampler(executor, extract(state.config, state.weights, granularities))
  try {
    const raw = await sampler.sample(z, theta, uniforms, n)
    const calibrated = new Float64Array(raw.length)
    calibrateInto(calibrated, state.calibrations[granularityLabel(granularities)], raw, n)
    return { raw, calibrated }
  } finally {
    await sampler.release()
  }
}

/** Pearson's correlation of two samples [n, d] in each column, mean over the columns. */
export const meanCorrelation = (a: ArrayLike<number>, b: ArrayLike<number>, d: number): number => {
  const n = a.length / d
  let total = 0
  for (let k = 0; k < d; k++) {
    let [meanA, meanB, ab, aa, bb] = [0, 0, 0, 0, 0]
    for (let i = k; i < a.length; i += d) {
      meanA += a[i] / n
      meanB += b[i] / n
    }
    for (let i = k; i < a.length; i += d) {
      ab += (a[i] - meanA) * (b[i] - meanB)
      aa += (a[i] - meanA) ** 2
      bb += (b[i] - meanB) ** 2
    }
    total += ab / Math.sqrt(aa * bb) / d
  }
  return total
}

const checkData = ({ law }: GanState, data: TrainingData): TrainingData => {
  const expected = `${law.modes} modes and ${law.conditionCount} conditions, as the generator has`
  if (data.modes !== law.modes || data.conditionCount !== law.conditionCount)
    throw InvalidInput.of('data', expected, `${data.modes} and ${data.conditionCount}`)
  return checkTrainingData(data)
}

/** The distance of samples at the conditions of the data, repeated in order, to the data. */
const distanceTo = (state: GanState, data: TrainingData, { measure = DEFAULTS.measure }: JudgeOptions) => {
  const { latent, conditionCount } = state.config
  const width = latent + conditionCount
  const held = whiteData(state.law, data, latent)
  const real = jointRows(held.x, held.theta, held.count)
  const directions = shapeDirections(width, DIRECTIONS, 1)
  return (made: Float64Array, { theta, n }: CommonLatents): number => {
    const rows = jointRows(made, theta, n)
    return measure === 'energy'
      ? energyTest(rows, real, width, 0).distance
      : slicedWasserstein(rows, real, width, directions)
  }
}

/**
 * Calibrates combinations on the training conditions and moments that the state holds, and judges them on data of which the
 * calibration knows nothing. All get the same latents: differences between them are not noise of sampling.
 * @throws InvalidInput for data of other sizes than the generator's; the signal's reason when cancelled
 * @verifiedBy test/generative/mix-n-match.test.ts
 */
export const judgeCombinations = async (
  state: GanState,
  executor: TensorExecutor,
  combinations: readonly Granularities[],
  data: TrainingData,
  options: JudgeOptions = {},
): Promise<readonly JudgedCombination[]> => {
  const { config } = state
  const { repeats = DEFAULTS.repeats, seed = DEFAULTS.seed } = options
  checkData(state, data)
  const distance = distanceTo(state, data, options)
  const latents = commonLatents(config, data.conditions, data.count * repeats, seed)
  const samples = async (granularities: Granularities): Promise<Float64Array> => {
    const calibrated = await calibrateGan(state, executor, [granularities])
    return (await combinationSamples(calibrated, executor, granularities, latents)).calibrated
  }
  const full = await samples(uniformGranularity(1, config.blocks))
  const judged: JudgedCombination[] = []
  for (const point of combinations) {
    options.signal?.throwIfAborted()
    const made = await samples(point)
    const flopsPerSample = ganFlops(state, hiddenSizes(config, point))
    const correlation = meanCorrelation(made, full, config.latent)
    judged.push({
      ...{ point, label: granularityLabel(point), flopsPerSample },
      ...{ distance: distance(made, latents), correlation },
    })
    options.onJudged?.(judged.at(-1)!)
  }
  return judged
}

/** At most so many of them, evenly spread with both ends kept. */
const thinned = <T>(all: readonly T[], most: number): readonly T[] =>
  all.length <= most
    ? all
    : Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))])

/**
 * Mix'n'Match: counted cost against distance to validation data over the combinations of one width per block. Beyond
 * `limit` combinations a Pareto local search starts from the rule's, at most half of the limit.
 * @throws InvalidInput for data of other sizes than the generator's, or a limit below 8
 * @source Devvrit et al., "MatFormer: nested transformer for elastic inference", 2023
 * @verifiedBy test/generative/mix-n-match.test.ts
 */
export const mixNMatch = async (
  state: GanState,
  executor: TensorExecutor,
  validation: TrainingData,
  options: MixOptions = {},
): Promise<MixNMatch> => {
  const { blocks } = state.config
  const { limit = DEFAULTS.limit } = options
  const least = 2 * GRANULARITIES.length
  if (!Number.isInteger(limit) || limit < least) throw InvalidInput.of('limit', `a whole number ≥ ${least}`, limit)
  const judge = (points: readonly Granularities[]): Promise<readonly JudgedCombination[]> =>
    judgeCombinations(state, executor, points, validation, options)
  const exhaustive = GRANULARITIES.length ** blocks <= limit
  const rule = ruleCombinations(state.config)
  const space = { start: thinned(rule, Math.floor(limit / 2)), name: granularityLabel, neighbours }
  const judged = exhaustive ? await judge(allCombinations(blocks)) : await paretoSearch(space, judge, limit)
  const named = new Set(rule.map(granularityLabel))
  const ordered = [...judged].sort((a, b) => a.flopsPerSample - b.flopsPerSample)
  return {
    ...{ judged: ordered, front: paretoFront(judged), exhaustive },
    rule: ordered.filter(({ label }) => named.has(label)),
  }
}
