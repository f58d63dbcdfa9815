import { InvalidInput } from '../numeric/errors.ts'
import { type ConditionalLaw, fitConditionalLaw } from './conditional-law.ts'
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
import { excessEnergyDistance } from './excess-energy.ts'
import { JACKKNIFE_NOTE, jackknifeIntervals } from './jackknife.ts'
import { inUnitsOf, jointRows, whitened } from './joint-rows.ts'
import { type JointTest, jointTest } from './joint-test.ts'
import { column, ksDistance } from './kolmogorov-smirnov.ts'
import type { PanelNumber } from './panel-number.ts'
import { type HistoryMap, type PowerSpectrum, powerSpectrumOf, spectralError } from './power-spectrum.ts'
import { sliceDirections, slicedWasserstein } from './sliced-wasserstein.ts'
import { selectPairs, type TrainingData } from './training-data.ts'

/** Real coefficients and the conditions they belong to: those that models were fitted to, and fresh ones (`test`: not trained on). */
export interface PanelGround {
  readonly training: TrainingData
  readonly test: TrainingData
  /** Decodes coefficients to traces; without it the numbers of fields and histories are left out. */
  readonly fields?: HistoryMap
  /** The whitening of the joint test; by default fitted to the training data. */
  readonly law?: ConditionalLaw
}

/** With a model's coefficients at the θ of the fresh ones. */
export interface PanelInput extends PanelGround {
  readonly generated: TrainingData
}

export interface PanelOptions {
  /** Coefficients in the marginal numbers and the sliced distance; the joint test has all. */
  readonly leading?: number
  /** Rows of each sample in the joint test, whose cost grows with their square. */
  readonly energySamples?: number
  readonly permutations?: number
  /** Of the bounds of the energy distance. */
  readonly resamples?: number
  readonly seed?: number
}

export interface TrustPanel {
  readonly model: readonly PanelNumber[]
  /**
   * The same numbers for real data against real data: what sampling noise alone gives. Marginal numbers and fields compare training with
   * fresh runs; joint ones the two halves of the fresh runs, since the whitening knows the training runs.
   */
  readonly floor: readonly PanelNumber[]
}

/** The floor once, then as many models as there are. */
export interface PanelJudge {
  readonly floor: readonly PanelNumber[]
  judge(generated: TrainingData): readonly PanelNumber[]
}

const DEFAULTS = { leading: 32, energySamples: 1600, permutations: 199, resamples: 399, seed: 0 }
const DIRECTIONS = 256
/** Directions and field values in the repetitions that intervals need. */
const FEWER_DIRECTIONS = 64
const FEWER_VALUES = 1000
const NEAREST_SAMPLES = 500

type Settings = Required<PanelOptions>

interface Prepared {
  readonly settings: Settings
  readonly leading: number
  /** [r] training deviations */
  readonly scale: Float64Array
  readonly law: ConditionalLaw
  readonly fields: HistoryMap | undefined
  readonly thinned: FieldMap | undefined
  readonly power: PowerSpectrum | undefined
}

const MARGINALS = [
  ['meanField', 'mean trace, relative error', '1'],
  ['deviationField', 'standard deviation of the trace, relative error', '1'],
  ['powerSpectrum', 'power spectrum over time, relative error', '1'],
  ['coefficientKs', 'KS distance, mean over leading coefficients', '1'],
  ['worstCoefficientKs', 'KS distance, largest of leading coefficients', '1'],
  ['covarianceSpectrum', 'covariance spectrum, relative error', '1'],
  ['slicedWasserstein', 'sliced Wasserstein distance of leading (a, θ)', 'σ'],
] as const

/** Every n-th value of mean and modes: enough for an interval. */
const thinnedMap = ({ mean, modes }: FieldMap): FieldMap => {
  const size = mean.length
  const step = Math.max(1, Math.ceil(size / FEWER_VALUES))
  const kept = (row: Float64Array): Float64Array => row.filter((_, at) => at % step === 0)
  const first = kept(mean)
  const thin = new Float64Array((modes.length / size) * first.length)
  for (let k = 0; k < modes.length / size; k++)
    thin.set(kept(modes.subarray(k * size, (k + 1) * size)), k * first.length)
  return { mean: first, modes: thin }
}

const fieldNumbers = (map: FieldMap | undefined, power: PowerSpectrum | undefined, a: Sample, b: Sample): number[] => {
  if (!map || !power) return [Number.NaN, Number.NaN, Number.NaN]
  const { mean, deviation } = fieldErrors(map, a, b)
  return [mean, deviation, spectralError(power(a), power(b))]
}

/** In the order of {@link MARGINALS}; NaN for what needs fields that are not there. */
const marginalValues = (
  p: Prepared,
  x: TrainingData,
  test: TrainingData,
  map: FieldMap | undefined,
  directions: number,
): number[] => {
  const [a, b] = [x, test].map((d) => sampleOf(d.coefficients, d.modes))
  const ks = Array.from({ length: p.leading }, (_, k) =>
    ksDistance(column(a.rows, a.width, k), column(b.rows, b.width, k)),
  )
  const [u, v] = [x, test].map((d) => jointRows(inUnitsOf(p.scale, d), p.leading))
  const slices = sliceDirections(u.width, directions, p.settings.seed)
  return [
    ...fieldNumbers(map, p.power, a, b),
    ks.reduce((sum, d) => sum + d, 0) / p.leading,
    Math.max(...ks),
    spectrumError(a, b),
    slicedWasserstein(u.rows, v.rows, u.width, slices),
  ]
}

const keptPairs = (data: TrainingData, keep: (row: number) => boolean): TrainingData =>
  selectPairs(data, Array.from({ length: data.count }, (_, i) => i).filter(keep))

const marginalNumbers = (p: Prepared, x: TrainingData, test: TrainingData): PanelNumber[] => {
  const values = marginalValues(p, x, test, p.fields, DIRECTIONS)
  const replicate = (keep: (row: number) => boolean): readonly number[] =>
    marginalValues(p, keptPairs(x, keep), keptPairs(test, keep), p.thinned, FEWER_DIRECTIONS)
  const intervals = jackknifeIntervals(values, replicate)
  return MARGINALS.map(([key, label, unit], k) => ({
    ...{ key, label, unit, value: values[k], note: JACKKNIFE_NOTE },
    interval: [Math.max(0, intervals[k][0]), intervals[k][1]] as const,
  })).filter(({ value }) => !Number.isNaN(value) || p.fields !== undefined)
}

const testNote = ({ n, m, modes, permutations, paired }: JointTest): string =>
  `n = ${n}, m = ${m}, ${modes} whitened modes, by √amplitude, with θ, ${permutations} permutations${paired ? ' within pairs of equal θ' : ''}`

/** On all whitened modes with θ. */
const jointNumbers = (p: Prepared, x: TrainingData, test: TrainingData): PanelNumber[] => {
  const { energySamples, permutations, resamples, seed } = p.settings
  const [a, b] = [x, test].map((d) =>
    whitened(
      p.law,
      keptPairs(d, (row) => row < energySamples),
    ),
  )
  const energy = excessEnergyDistance(a, b, undefined, { resamples, seed })
  const [usual, strict] = [false, true].map((s) =>
    jointTest(a, b, { n: energySamples, permutations, seed, strict: s, amplitudes: p.scale }),
  )
  const unbiased = `unbiased, zero for equal laws, may be negative; 90 % interval: bootstrap of ${resamples} resamples`
  return [
    {
      ...{ key: 'energyDistance', label: 'energy distance of all (w, θ)', value: energy.excess, unit: 'σ' },
      ...{ interval: [energy.lower, energy.upper], note: unbiased },
    },
    {
      key: 'energyPValue',
      label: 'p-value of equal joint laws',
      value: usual.pValue,
      unit: '1',
      note: testNote(usual),
    },
    {
      ...{
        key: 'strictPValue',
        label: 'the same, with all modes alike and every pair',
        value: strict.pValue,
        unit: '1',
      },
      note: 'sees also what the number of training runs leaves unknown: a low value alone does not condemn a model',
    },
  ]
}

const nearestNumber = (p: Prepared, x: TrainingData, fresh: TrainingData, training: TrainingData): PanelNumber => {
  const [a, b, c] = [x, fresh, training].map((d) => jointRows(inUnitsOf(p.scale, d), p.leading))
  return {
    key: 'nearestTrainingRatio',
    label: 'distance to the nearest training run, generated / fresh',
    value: nearestTrainingRatio(firstRows(a, 0, NEAREST_SAMPLES), firstRows(b, 0, NEAREST_SAMPLES), c),
    unit: '1',
    note: 'well below 1: training runs are reproduced',
  }
}

const sizes = (d: TrainingData): string => `${d.modes} modes and ${d.conditionCount} conditions`
const checkSizes = (training: TrainingData, other: TrainingData): void => {
  if (sizes(other) !== sizes(training)) throw InvalidInput.of('panel', `${sizes(training)} everywhere`, sizes(other))
}

const checkGenerated = ({ training, test }: PanelGround, generated: TrainingData): void => {
  checkSizes(training, generated)
  if (generated.conditions.some((t, at) => t !== test.conditions[at]))
    throw InvalidInput.of('panel', 'generated rows at the conditions of the test rows, in their order', 'others')
}

const prepare = ({ training, fields, law }: PanelGround, options: PanelOptions): Prepared => ({
  settings: { ...DEFAULTS, ...options },
  leading: Math.min(options.leading ?? DEFAULTS.leading, training.modes),
  scale: columnDeviations(sampleOf(training.coefficients, training.modes)),
  law: law ?? fitConditionalLaw(training),
  fields,
  thinned: fields && thinnedMap(fields),
  power: fields && powerSpectrumOf(fields, training.modes),
})

/**
 * Judges models against fresh real data: each number with an interval, beside the real-against-real floor.
 * @throws InvalidInput when data sets have different sizes of rows, or a model's θ are not those of the fresh data
 * @verifiedBy test/generative/trust-panel.test.ts
 */
export const panelJudge = (ground: PanelGround, options: PanelOptions = {}): PanelJudge => {
  const { training, test } = ground
  checkSizes(training, test)
  const p = prepare(ground, options)
  const half = Math.floor(test.count / 2)
  const [first, second] = [keptPairs(test, (row) => row < half), keptPairs(test, (row) => row >= half)]
  const judge = (generated: TrainingData): readonly PanelNumber[] => {
    checkGenerated(ground, generated)
    return [
      ...marginalNumbers(p, generated, test),
      ...jointNumbers(p, generated, test),
      nearestNumber(p, generated, test, training),
    ]
  }
  const floor = [
    ...marginalNumbers(p, training, test),
    ...jointNumbers(p, first, second),
    nearestNumber(p, first, second, training),
  ]
  return { floor, judge }
}

/** {@link panelJudge} of one model. */
export const trustPanel = ({ generated, ...ground }: PanelInput, options: PanelOptions = {}): TrustPanel => {
  checkGenerated(ground, generated)
  const { floor, judge } = panelJudge(ground, options)
  return { model: judge(generated), floor }
}
