import { InvalidInput } from '../../numeric/errors.ts'
import type { TensorExecutor } from '../../tensor/executor.ts'
import { type ConditionalLaw, fitConditionalLaw } from '../conditional-law.ts'
import type { ModelState } from '../saved-model.ts'
import { withFreshScale } from '../scale-calibration.ts'
import { fitTailLaw, type TailLaw } from '../tail-law.ts'
import { checkTrainingData, checkValidationData, type TrainingData } from '../training-data.ts'
import { type Calibration, calibrationMap, type WhiteMoments, whiteMoments } from './calibration.ts'
import type { GanCheckpoint } from './checkpoint.ts'
import { trainingDraws } from './draws.ts'
import { extract } from './extract.ts'
import { type GeneratorConfig, uniformCombinations } from './generator-config.ts'
import { type Granularities, granularityLabel } from './granularity.ts'
import { compileSampler } from './sampler.ts'
import { type TrainingHooks, trainGan } from './train.ts'
import { type GanOverrides, ganOptions } from './training-options.ts'
import { type WhiteData, whiteData } from './white-data.ts'

/** A trained generator: plain data, saved and reloaded to the same bits. */
export interface GanState extends ModelState {
  readonly kind: 'gan'
  readonly law: ConditionalLaw
  /** The modes that the network does not produce; null where it produces all. */
  readonly tail: TailLaw | null
  readonly config: GeneratorConfig
  /** [P] averaged weights of the best evaluation. */
  readonly weights: Float32Array
  /** Of the whitened training data. */
  readonly moments: WhiteMoments
  /** Training conditions [N, p], over which sub-networks are calibrated. */
  readonly conditions: Float64Array
  readonly seed: number
  /** By granularity label, '1' for the full network. */
  readonly calibrations: Readonly<Record<string, Calibration>>
}

export interface GanFit {
  readonly state: GanState
  /** The end of the training, with its curve; `best` is what `state` holds. */
  readonly checkpoint: GanCheckpoint
}

const CALIBRATION_SAMPLES = 8192

/** Moments of a sub-network's samples over the training conditions, repeated in order. */
const momentsOf = async (
  state: GanState,
  executor: TensorExecutor,
  granularities: Granularities,
): Promise<WhiteMoments> => {
  const { config, conditions } = state
  const { latent, conditionCount: p } = config
  const n = CALIBRATION_SAMPLES
  const draws = trainingDraws(state.seed)
  const z = new Float32Array(n * latent)
  const uniforms = new Float32Array(n)
  draws.normalsInto(z, 'calibration/z', 0)
  draws.uniformsInto(uniforms, 'calibration/category', 0)
  const theta = new Float64Array(n * p).map((_, at) => conditions[at % conditions.length])
  const sampler = await compileSampler(executor, extract(config, state.weights, granularities))
  try {
    return whiteMoments(await sampler.sample(z, theta, Float64Array.from(uniforms), n), latent)
  } finally {
    await sampler.release()
  }
}

/** Adds the calibrations of these sub-networks; those present are left as they are. */
export const calibrateGan = async (
  state: GanState,
  executor: TensorExecutor,
  combinations: readonly Granularities[],
): Promise<GanState> => {
  const calibrations: Record<string, Calibration> = { ...state.calibrations }
  for (const granularities of combinations) {
    const label = granularityLabel(granularities)
    if (label in calibrations) continue
    calibrations[label] = calibrationMap(await momentsOf(state, executor, granularities), state.moments)
  }
  return { ...state, calibrations }
}

/** @throws InvalidInput for a combination that has not been calibrated */
export const calibrationOf = ({ calibrations }: GanState, granularities: Granularities): Calibration => {
  const label = granularityLabel(granularities)
  const calibration = calibrations[label]
  if (calibration) return calibration
  const known = Object.keys(calibrations).join(', ')
  throw InvalidInput.of('granularities', `a calibrated combination (${known}; see calibrateGan)`, label)
}

const stateOf = (
  law: ConditionalLaw,
  config: GeneratorConfig,
  checkpoint: GanCheckpoint,
  white: WhiteData,
  data: TrainingData,
  fresh: TrainingData,
  seed: number,
): GanState => ({
  kind: 'gan',
  law,
  tail:
    config.latent < law.modes ? fitTailLaw(law, data, config.latent, { fresh, shared: config.categories <= 1 }) : null,
  config,
  weights: checkpoint.best.weights.slice(),
  moments: whiteMoments(white.x, config.latent),
  conditions: data.conditions.slice(),
  seed,
  calibrations: {},
})

/**
 * Fits the conditional law and the tail, trains the network on the leading whitened modes and calibrates it and the
 * uniform sub-networks.
 * @param validation chooses the checkpoint; never seen by the weights
 */
export const fitGan = async (
  training: TrainingData,
  validation: TrainingData,
  executor: TensorExecutor,
  overrides: GanOverrides = {},
  hooks: TrainingHooks = {},
): Promise<GanFit> => {
  checkValidationData(validation, checkTrainingData(training))
  const options = ganOptions(training.conditionCount, training.modes, overrides)
  const { latent } = options.generator
  const law = withFreshScale(fitConditionalLaw(training), validation)
  const white = whiteData(law, training, latent)
  const checkpoint = await trainGan(executor, options, white, whiteData(law, validation, latent), hooks)
  const state = stateOf(law, options.generator, checkpoint, white, training, validation, options.seed)
  return { state: await calibrateGan(state, executor, uniformCombinations(options.generator)), checkpoint }
}
