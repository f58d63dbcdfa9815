import { InvalidInput } from '../numeric/errors.ts'
import {
  columnDeviations,
  type FieldMap,
  fieldErrors,
  firstRows,
  nearestTrainingRatio,
  type Sample,
  sampleOf,
  spectrumError,
} from './distances.ts'
import { energyTest } from './energy-distance.ts'
import { column, ksDistance, meanColumnKs } from './kolmogorov-smirnov.ts'
import { sliceDirections, slicedWasserstein } from './sliced-wasserstein.ts'
import type { TrainingData } from './training-data.ts'

/** One judged number, as reports show it. */
export interface PanelNumber {
  readonly key: string
  readonly label: string
  readonly value: number
  readonly unit: string
  readonly interval?: readonly [number, number]
  readonly note?: string
}

/** Coefficients and the conditions they belong to: real training and fresh pairs (`test`: not trained on), and a model's at the θ of the fresh ones. */
export interface PanelInput {
  readonly training: TrainingData
  readonly test: TrainingData
  readonly generated: TrainingData
  /** Decodes coefficients to traces; without it the field errors are left out. */
  readonly fields?: FieldMap
}

export interface PanelOptions {
  /** Coefficients in the joint distances. */
  readonly leading?: number
  /** Rows of each sample in the energy test, whose cost grows with their square. */
  readonly energySamples?: number
  readonly permutations?: number
  readonly seed?: number
}

export interface TrustPanel {
  readonly model: readonly PanelNumber[]
  /**
   * The same numbers for real training data against the same fresh data: what sampling noise alone gives. Training data have
   * θ of their own; where θ explains most, a model at the θ of the fresh data comes below.
   */
  readonly floor: readonly PanelNumber[]
}

const DEFAULTS = { leading: 32, energySamples: 800, permutations: 199, seed: 0 }
const DIRECTIONS = 256
const NEAREST_SAMPLES = 500

type Settings = Required<PanelOptions>

/** Rows [a_k / s_k, √3 θ]: coefficients in units of their training deviation, conditions at unit variance. */
const jointRows = (data: TrainingData, scale: Float64Array, leading: number): Sample => {
  const { count, conditionCount: p, conditions, modes, coefficients } = data
  const width = leading + p
  const rows = new Float64Array(count * width)
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < leading; k++) rows[n * width + k] = coefficients[n * modes + k] / scale[k]
    for (let k = 0; k < p; k++) rows[n * width + leading + k] = Math.sqrt(3) * conditions[n * p + k]
  }
  return sampleOf(rows, width)
}

const fieldNumbers = (x: TrainingData, input: PanelInput): PanelNumber[] => {
  if (!input.fields) return []
  const errors = fieldErrors(
    input.fields,
    sampleOf(x.coefficients, x.modes),
    sampleOf(input.test.coefficients, x.modes),
  )
  return [
    { key: 'meanField', label: 'mean trace, relative error', value: errors.mean, unit: '1' },
    {
      key: 'deviationField',
      label: 'standard deviation of the trace, relative error',
      value: errors.deviation,
      unit: '1',
    },
  ]
}

const marginalNumbers = (x: TrainingData, test: TrainingData, leading: number): PanelNumber[] => {
  const a = sampleOf(x.coefficients, x.modes)
  const b = sampleOf(test.coefficients, test.modes)
  const worst = Math.max(
    ...Array.from({ length: leading }, (_, k) => ksDistance(column(a.rows, a.width, k), column(b.rows, b.width, k))),
  )
  const ks = meanColumnKs(a.rows, b.rows, a.width, leading)
  return [
    { key: 'coefficientKs', label: `KS distance, mean over ${leading} coefficients`, value: ks, unit: '1' },
    { key: 'worstCoefficientKs', label: `KS distance, largest of ${leading} coefficients`, value: worst, unit: '1' },
    { key: 'covarianceSpectrum', label: 'covariance spectrum, relative error', value: spectrumError(a, b), unit: '1' },
  ]
}

/** @param paired whether row i of x was made at the θ of row i of `test` */
const jointNumbers = (x: Sample, test: Sample, settings: Settings, paired: boolean): PanelNumber[] => {
  const directions = sliceDirections(x.width, DIRECTIONS, settings.seed)
  const limit = settings.energySamples
  const [a, b] = [firstRows(x, 0, limit), firstRows(test, 0, limit)]
  const energy = energyTest(a.rows, b.rows, a.width, settings.permutations, settings.seed, paired)
  const note = `n = ${energy.n}, m = ${energy.m}, ${settings.permutations} permutations${paired ? ' within pairs of equal θ' : ''}`
  return [
    {
      key: 'slicedWasserstein',
      label: 'sliced Wasserstein distance of (a, θ)',
      value: slicedWasserstein(x.rows, test.rows, x.width, directions),
      unit: 'σ',
    },
    { key: 'energyDistance', label: 'energy distance of (a, θ)', value: energy.distance, unit: 'σ', note },
    { key: 'energyPValue', label: 'p-value of equal joint laws', value: energy.pValue, unit: '1', note },
  ]
}

const nearestNumber = (x: Sample, fresh: Sample, training: Sample): PanelNumber => ({
  key: 'nearestTrainingRatio',
  label: 'distance to the nearest training run, generated / fresh',
  value: nearestTrainingRatio(firstRows(x, 0, NEAREST_SAMPLES), firstRows(fresh, 0, NEAREST_SAMPLES), training),
  unit: '1',
  note: 'well below 1: training runs are reproduced',
})

const checkPanel = ({ training, test, generated }: PanelInput): void => {
  if (generated.conditions.some((t, at) => t !== test.conditions[at]))
    throw InvalidInput.of('panel', 'generated rows at the conditions of the test rows, in their order', 'others')
  const same = (d: TrainingData): boolean => d.modes === training.modes && d.conditionCount === training.conditionCount
  if (!same(test) || !same(generated))
    throw InvalidInput.of(
      'panel',
      `${training.modes} modes and ${training.conditionCount} conditions everywhere`,
      'others',
    )
}

/**
 * How far generated coefficients are from fresh real ones, each number beside the real-against-real floor.
 * @throws InvalidInput when the three data sets have different sizes of rows
 * @verifiedBy test/generative/trust-panel.test.ts
 */
export const trustPanel = (input: PanelInput, options: PanelOptions = {}): TrustPanel => {
  checkPanel(input)
  const { training, test, generated } = input
  const settings: Settings = { ...DEFAULTS, ...options }
  const leading = Math.min(settings.leading, training.modes)
  const scale = columnDeviations(sampleOf(training.coefficients, training.modes))
  const [real, held, made] = [training, test, generated].map((d) => jointRows(d, scale, leading))
  const half = Math.floor(held.count / 2)
  const numbers = (x: TrainingData, joint: Sample, paired: boolean): PanelNumber[] => [
    ...fieldNumbers(x, input),
    ...marginalNumbers(x, test, leading),
    ...jointNumbers(joint, held, settings, paired),
  ]
  return {
    model: [...numbers(generated, made, true), nearestNumber(made, held, real)],
    floor: [
      ...numbers(training, real, false),
      nearestNumber(firstRows(held, 0, half), firstRows(held, half, held.count), real),
    ],
  }
}
