import { InvalidInput, type Problem } from '../../numeric/errors.ts'
import { CRITICS, type CriticKind } from './critic.ts'
import { checkGeneratorConfig, DEFAULT_GENERATOR, type GeneratorConfig } from './generator-config.ts'

/**
 * How sub-networks learn. 'distillation': adversarial loss on the full network, one sub-network per iteration copies it, and
 * meets the critic itself if that tells granularities apart; 'sampled' and 'joint': the procedures published for MatFormer
 * (one random granularity per step; all of them together).
 */
export const TRAINING_MODES = ['distillation', 'sampled', 'joint'] as const
export type TrainingMode = (typeof TRAINING_MODES)[number]

/** What the gradient of the penalty is by: x, or (x, θ). */
export const PENALTIES = ['trace', 'trace-and-condition'] as const
export type Penalty = (typeof PENALTIES)[number]

export interface GanOptions {
  readonly generator: GeneratorConfig
  /** Units of the critic's hidden layers. */
  readonly criticHidden: readonly number[]
  readonly critic: CriticKind
  readonly mode: TrainingMode
  readonly iterations: number
  readonly batch: number
  /** Critic steps per generator step. */
  readonly criticSteps: number
  /** λ of the gradient penalty λ E(‖∇D‖ − 1)². */
  readonly penaltyWeight: number
  /** Whether the penalised gradient is by (x, θ) or by x alone. */
  readonly penalty: Penalty
  /** κ of κ E‖G_g − G_1‖² / latent: the mean squared difference. 0 with a shared critic: the full network learns alone. */
  readonly distillationWeight: number
  /** Weight of the energy score beside the critic's (not in 'joint'). */
  readonly energyWeight: number
  readonly generatorRate: number
  readonly criticRate: number
  /** Standard deviation, at the start, of noise added to real and generated samples alike: keeps the critic from memorising. */
  readonly instanceNoise: number
  /** Share of it that is left at the end; linear between. */
  readonly noiseLeft: number
  /** Decay of the moving average of the generator's weights. */
  readonly averaging: number
  /** Iterations between evaluations on the validation data. */
  readonly evaluateEvery: number
  /** Iterations between checkpoints. */
  readonly checkpointEvery: number
  readonly seed: number
}

export type GanOverrides = Partial<Omit<GanOptions, 'generator'>> & {
  readonly generator?: Partial<Omit<GeneratorConfig, 'conditionCount'>>
}

export const DEFAULT_GAN: Omit<GanOptions, 'generator'> = {
  criticHidden: [128, 128, 128],
  critic: 'shared',
  mode: 'distillation',
  iterations: 3000,
  batch: 128,
  criticSteps: 2,
  penaltyWeight: 1,
  penalty: 'trace',
  distillationWeight: 3,
  energyWeight: 1,
  generatorRate: 1e-3,
  criticRate: 2e-3,
  instanceNoise: 0.7,
  noiseLeft: 0.3,
  averaging: 0.999,
  evaluateEvery: 250,
  checkpointEvery: 500,
  seed: 0,
}

const WHOLE = ['iterations', 'batch', 'criticSteps', 'evaluateEvery', 'checkpointEvery'] as const
const NOT_NEGATIVE = [
  'penaltyWeight',
  'distillationWeight',
  'energyWeight',
  'generatorRate',
  'criticRate',
  'instanceNoise',
  'noiseLeft',
] as const

/**
 * Defaults completed; the latent is cut to the number of modes, since there is nothing more to learn.
 * @throws InvalidInput with every field that is out of range
 */
export const ganOptions = (conditionCount: number, modes: number, overrides: GanOverrides = {}): GanOptions => {
  const { generator, ...rest } = overrides
  const config = { ...DEFAULT_GENERATOR, ...generator, conditionCount }
  const options: GanOptions = {
    ...DEFAULT_GAN,
    ...rest,
    generator: checkGeneratorConfig({ ...config, latent: Math.min(config.latent, modes) }),
  }
  const problems: Problem[] = []
  const expect = (path: string, ok: boolean, expected: string, received: unknown): void => {
    if (!ok) problems.push({ path, expected, received: String(received) })
  }
  for (const f of WHOLE) expect(f, Number.isInteger(options[f]) && options[f] >= 1, 'a whole number ≥ 1', options[f])
  for (const f of NOT_NEGATIVE) expect(f, options[f] >= 0, '≥ 0', options[f])
  expect('averaging', options.averaging >= 0 && options.averaging < 1, 'in [0, 1)', options.averaging)
  const layers = options.critic === 'branches' ? 2 : 1
  const sized = options.criticHidden.every((units) => Number.isInteger(units) && units >= 1)
  expect(
    'criticHidden',
    sized && options.criticHidden.length >= layers,
    layers === 2 ? 'units of a shared layer and of one per branch, or more' : 'units of one layer or more',
    `[${options.criticHidden.join(', ')}]`,
  )
  expect('critic', CRITICS.includes(options.critic), CRITICS.join(', '), options.critic)
  expect('penalty', PENALTIES.includes(options.penalty), PENALTIES.join(', '), options.penalty)
  expect('mode', TRAINING_MODES.includes(options.mode), TRAINING_MODES.join(', '), options.mode)
  expect('batch', options.mode !== 'joint' || options.batch % 4 === 0, 'a multiple of 4', options.batch)
  if (problems.length > 0) throw new InvalidInput(problems)
  return options
}

const WARM_UP = 200
const DECAY_FROM = 0.3
const LAST_RATE = 0.02

/** Factor on the learning rates: linear warm-up, constant to 30 % of the iterations, then linear to 2 %. */
export const rateFactor = (iteration: number, iterations: number): number => {
  const warm = Math.min(1, (iteration + 1) / WARM_UP)
  const progress = iteration / iterations
  if (progress <= DECAY_FROM) return warm
  return warm * (1 - ((1 - LAST_RATE) * (progress - DECAY_FROM)) / (1 - DECAY_FROM))
}

/** Standard deviation of the instance noise at an iteration. */
export const noiseLevel = ({ instanceNoise, noiseLeft, iterations }: GanOptions, iteration: number): number =>
  instanceNoise * (1 + ((noiseLeft - 1) * iteration) / iterations)
