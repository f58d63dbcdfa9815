import { InvalidInput } from '../numeric/errors.ts'
import { jointRows, samePairs } from './joint-rows.ts'
import { euclideanDistances, groupedDistances, type PairDistances } from './pair-distances.ts'
import { acrossSamples, permutationPValue, withinPairs } from './relabelling.ts'
import { selectPairs, type TrainingData } from './training-data.ts'

export interface JointTestOptions {
  /** Rows of each sample: the power grows with them, the cost with their square. */
  readonly n?: number
  readonly permutations?: number
  readonly seed?: number
  /**
   * Amplitudes of the modes [r]: a whitened mode then counts in 'all' by the square root of its amplitude, between counting every mode
   * alike, weak ones that N training runs hardly know among them, and by energy, where a few modes are everything (decision 0029).
   */
  readonly amplitudes?: Float64Array
  /**
   * Adds all modes alike, and the sum over pairs of neighbouring ones. They see every weak mode and marginal law, and with many modes also
   * what N training runs leave unknown: a fitted law of the right family is then rejected (decisions 0026, 0029).
   */
  readonly strict?: boolean
}

/** One statistic of the test. */
export interface JointTestPart {
  readonly name: string
  /** Energy distance (V-statistic) under this statistic's own distance. */
  readonly value: number
  /** (T − mean) / deviation of the relabellings, the observed labelling not among them: how far out it lies. */
  readonly standardised: number
  readonly pValue: number
}

export interface JointTest {
  /** Largest standardised part. */
  readonly statistic: number
  /** (1 + #) / (1 + permutations) of relabellings whose largest part is at least as large: exact for any number of rows. */
  readonly pValue: number
  readonly n: number
  readonly m: number
  readonly modes: number
  readonly permutations: number
  /** Whether model and real rows share their θ, and were exchanged within such pairs only. */
  readonly paired: boolean
  readonly parts: readonly JointTestPart[]
}

export const JOINT_TEST_DEFAULTS = { n: 1600, permutations: 499, seed: 0, strict: false }

/** Coefficients in the statistic of the most energetic ones. */
const LEADING = 8
/** Neighbouring coefficients in one group of the strict test. */
const GROUP = 2

interface Statistic {
  readonly name: string
  readonly leading: number
  readonly distances: PairDistances
  readonly weights?: Float64Array
}

const euclidean = (name: string, leading: number, weights?: Float64Array): Statistic => ({
  ...{ name, leading, distances: euclideanDistances },
  ...(weights && { weights }),
})

/** √(amplitude / largest): the exponent is a fixed one, see decision 0029. */
const weightsOf = (amplitudes: Float64Array): Float64Array => {
  const largest = amplitudes.reduce((a, b) => Math.max(a, b), 0)
  return amplitudes.map((a) => Math.sqrt(a / largest))
}

/**
 * What each statistic sees: 'all' and 'equal' means and total scale; 'leading' and 'first' also the shape and dependence of the most
 * energetic modes, which drown in many; 'groups' the law of every pair of neighbours given θ.
 */
const statisticsOf = (
  modes: number,
  p: number,
  strict: boolean,
  amplitudes: Float64Array | undefined,
): readonly Statistic[] => [
  euclidean('all', modes, amplitudes && weightsOf(amplitudes)),
  ...(modes > LEADING ? [euclidean('leading', LEADING)] : []),
  ...(modes > 1 ? [euclidean('first', 1)] : []),
  ...(strict && amplitudes ? [euclidean('equal', modes)] : []),
  ...(strict ? [{ name: 'groups', leading: modes, distances: groupedDistances(GROUP, p) }] : []),
]

/** (T_b − mean) / deviation over all labellings, the observed one among them, so that all are treated alike. */
const standardisedValues = (values: Float64Array): Float64Array => {
  const { mean, deviation } = momentsOf(values)
  return values.map((v) => (deviation > 0 ? (v - mean) / deviation : 0))
}

const momentsOf = (values: Float64Array): { readonly mean: number; readonly deviation: number } => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length)
  return { mean, deviation }
}

/** How far the observed value, the first, lies above the others. */
const deviationsAbove = (values: Float64Array): number => {
  const { mean, deviation } = momentsOf(values.subarray(1))
  return deviation > 0 ? (values[0] - mean) / deviation : 0
}

const checkAmplitudes = (amplitudes: Float64Array, modes: number): void => {
  if (amplitudes.length !== modes || !amplitudes.every((a) => a > 0 && a < Number.POSITIVE_INFINITY))
    throw InvalidInput.of(
      'amplitudes',
      `${modes} positive numbers`,
      `${amplitudes.length}, from ${Math.min(...amplitudes)}`,
    )
}

const checkPair = (model: TrainingData, real: TrainingData): void => {
  const sizes = (d: TrainingData): string => `${d.modes} modes and ${d.conditionCount} conditions`
  if (sizes(model) !== sizes(real)) throw InvalidInput.of('jointTest', sizes(real), sizes(model))
  const [fewest, bad] = [
    Math.min(model.count, real.count),
    [model, real].some((d) => !d.coefficients.every(Number.isFinite)),
  ]
  if (fewest < 2) throw InvalidInput.of('jointTest', 'two or more rows in each sample', String(fewest))
  if (bad) throw InvalidInput.of('jointTest', 'finite coefficients', 'some that are not')
}

const firstPairs = (data: TrainingData, n: number): TrainingData =>
  data.count <= n
    ? data
    : selectPairs(
        data,
        Array.from({ length: n }, (_, i) => i),
      )

/**
 * Whether model samples and real ones can be of one joint law of (a, θ), on all modes: permutation test with the largest of several
 * energy distances, each standardised over the relabellings.
 * @param model, real coefficients in comparable units: see `whitened`, `inUnitsOf`. Rows of equal θ, in one order, are taken as pairs.
 * @throws InvalidInput on other sizes and on coefficients that are not finite
 * @source Székely, Rizzo, J. Stat. Plan. Inference 143 (2013); the combination: Westfall, Young, Resampling-Based Multiple Testing (1993)
 * @verifiedBy test/statistical/joint-test.test.ts (rejection rate of equal laws, power)
 */
export const jointTest = (model: TrainingData, real: TrainingData, options: JointTestOptions = {}): JointTest => {
  checkPair(model, real)
  const { amplitudes } = options
  const { n: limit, permutations, seed, strict } = { ...JOINT_TEST_DEFAULTS, ...options }
  if (amplitudes) checkAmplitudes(amplitudes, model.modes)
  const [x, y] = [firstPairs(model, limit), firstPairs(real, limit)]
  const paired = samePairs(x, y)
  const relabelled = paired
    ? withinPairs(x.count, permutations, seed)
    : acrossSamples(x.count, y.count, permutations, seed)
  const largest = new Float64Array(1 + permutations).fill(Number.NEGATIVE_INFINITY)
  const parts = statisticsOf(x.modes, x.conditionCount, strict, amplitudes).map((statistic): JointTestPart => {
    const { name, leading, distances, weights } = statistic
    const values = relabelled(distances, jointRows(x, leading, weights), jointRows(y, leading, weights))
    const standardised = standardisedValues(values)
    standardised.forEach((v, b) => {
      largest[b] = Math.max(largest[b], v)
    })
    return {
      ...{ name, value: values[0], pValue: permutationPValue(values) },
      standardised: deviationsAbove(values),
    }
  })
  return {
    statistic: Math.max(...parts.map((part) => part.standardised)),
    pValue: permutationPValue(largest),
    n: x.count,
    m: y.count,
    modes: x.modes,
    permutations,
    paired,
    parts,
  }
}
