import { energyTest } from '../../src/generative/energy-distance.ts'
import type { Calibration } from '../../src/generative/gan/calibration.ts'
import { ganModel } from '../../src/generative/gan/gan-model.ts'
import type { GanState } from '../../src/generative/gan/gan-state.ts'
import { generatorFlops } from '../../src/generative/gan/generator.ts'
import { hiddenSizes } from '../../src/generative/gan/generator-config.ts'
import { type Granularity, granularityLabel, uniformGranularity } from '../../src/generative/gan/granularity.ts'
import { combinationSamples, commonLatents, meanCorrelation } from '../../src/generative/gan/mix-n-match.ts'
import { jointRows, whiteData } from '../../src/generative/gan/white-data.ts'
import { latentDimension } from '../../src/generative/trace-model.ts'
import { randomStream } from '../../src/numeric/random.ts'
import type { TensorExecutor } from '../../src/tensor/executor.ts'
import type { ExperimentData } from '../experiment-data.ts'

/** A number of a sub-network as it was trained, and after calibration. */
export interface Pair {
  readonly raw: number
  readonly calibrated: number
}

export interface WidthResult {
  readonly granularity: Granularity
  /** Operations of one forward pass of the network alone. */
  readonly flops: number
  /** Energy distance of (w, θ) to the validation pairs. */
  readonly distance: Pair
  /** Correlation of the whitened modes with the full network's at the same (θ, z), mean. */
  readonly modes: Pair
  /** Correlation of the quantities of interest, mean; null without a structure, and where there is one width only. */
  readonly quantities: Pair | null
}

export interface JudgeSettings {
  readonly repeats: number
  readonly correlationSamples: number
}

const KINDS = ['raw', 'calibrated'] as const
type Kind = (typeof KINDS)[number]
const pairOf = <T>(value: (kind: Kind) => T): { readonly raw: T; readonly calibrated: T } => ({
  raw: value('raw'),
  calibrated: value('calibrated'),
})

/** A state whose calibrations change nothing. */
const uncalibrated = (state: GanState): GanState => {
  const { latent } = state.config
  const matrix = new Float64Array(latent * latent).map((_, at) => (at % (latent + 1) === 0 ? 1 : 0))
  const identity: Calibration = { matrix, shift: new Float64Array(latent) }
  return { ...state, calibrations: Object.fromEntries(Object.keys(state.calibrations).map((key) => [key, identity])) }
}

/** Energy distance of real training pairs to the validation pairs, as many of them as of generated ones at most. */
export const floorDistance = (state: GanState, data: ExperimentData, { repeats }: JudgeSettings): number => {
  const { latent, conditionCount } = state.config
  const [seen, held] = [data.training, data.validation].map((d) => whiteData(state.law, d, latent))
  const n = Math.min(seen.count, repeats * held.count)
  const real = jointRows(seen.x.subarray(0, n * latent), seen.theta.subarray(0, n * conditionCount), n)
  return energyTest(real, jointRows(held.x, held.theta, held.count), latent + conditionCount, 0).distance
}

/** Coefficients [n, r] of one width at the conditions of the first n validation runs. */
const coefficientsAt = async (
  state: GanState,
  executor: TensorExecutor,
  granularity: Granularity,
  data: ExperimentData,
  n: number,
): Promise<Float64Array> => {
  const d = latentDimension(state.law.modes)
  const latent = new Float64Array(n * d)
  const stream = randomStream(0, 'nesting/latent')
  for (let i = 0; i < n; i++) stream.normalsInto(latent.subarray(i * d, (i + 1) * d), i)
  const model = await ganModel(state, executor, uniformGranularity(granularity, state.config.blocks))
  const conditions = data.validation.conditions.slice(0, n * data.validation.conditionCount)
  const coefficients = await model.sample(conditions, latent, n)
  await model.release()
  return coefficients
}

/** Numbers of a trained network at each width; the reference of every correlation is the full network of the same kind. */
export const judgeNetwork = async (
  state: GanState,
  granularities: readonly Granularity[],
  data: ExperimentData,
  executor: TensorExecutor,
  settings: JudgeSettings,
): Promise<readonly WidthResult[]> => {
  const { config, law } = state
  const { latent, conditionCount, blocks } = config
  const held = whiteData(law, data.validation, latent)
  const real = jointRows(held.x, held.theta, held.count)
  const latents = commonLatents(config, data.validation.conditions, held.count * settings.repeats, 0)
  const distanceOf = (made: ArrayLike<number>): number =>
    energyTest(jointRows(made, latents.theta, latents.n), real, latent + conditionCount, 0).distance

  const compared = granularities.length > 1 ? data.quantities : undefined
  const n = Math.min(settings.correlationSamples, data.validation.count)
  const states = { raw: uncalibrated(state), calibrated: state }
  const at = async (granularity: Granularity) => ({
    ...{
      granularity,
      made: await combinationSamples(state, executor, uniformGranularity(granularity, blocks), latents),
    },
    responses: compared && {
      raw: await compared(await coefficientsAt(states.raw, executor, granularity, data, n), n),
      calibrated: await compared(await coefficientsAt(states.calibrated, executor, granularity, data, n), n),
    },
  })

  const full = await at(1)
  const results: WidthResult[] = []
  for (const granularity of granularities) {
    const { made, responses } = granularity === 1 ? full : await at(granularity)
    results.push({
      granularity,
      flops: generatorFlops(config, hiddenSizes(config, uniformGranularity(granularity, blocks))),
      distance: pairOf((kind) => distanceOf(made[kind])),
      modes: pairOf((kind) => meanCorrelation(made[kind], full.made[kind], latent)),
      quantities: responses
        ? pairOf((kind) => meanCorrelation(responses[kind], full.responses![kind], responses[kind].length / n))
        : null,
    })
  }
  return results
}

export const widthLabel = (granularity: Granularity): string => granularityLabel([granularity])
