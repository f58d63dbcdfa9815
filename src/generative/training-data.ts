import { InvalidInput, type Problem } from '../numeric/errors.ts'

/** What every trace model is fitted to: N pairs of condition and reduced trace. */
export interface TrainingData {
  /** N */
  readonly count: number
  /** p: learnt conditions; 0 is allowed. */
  readonly conditionCount: number
  /** [N, p] θ scaled to [-1, 1] over the training range. */
  readonly conditions: Float64Array
  /** r */
  readonly modes: number
  /** [N, r] POD coefficients, m. */
  readonly coefficients: Float64Array
}

/** Fewer pairs than this cannot be told apart from noise by any of the models. */
const FEWEST = 20

/** A mode whose deviation is below this share of the largest one's is round-off: nothing of it can be learnt. */
const NULL_SHARE = 1e-10

/** The first value of an array [count, width] that is not finite, by pair and column, or another size than that. */
const arrayProblems = (
  path: string,
  column: string,
  values: Float64Array,
  count: number,
  width: number,
): readonly Problem[] => {
  if (values.length !== count * width)
    return [{ path, expected: `${count * width} values`, received: String(values.length) }]
  const bad = values.findIndex((v) => !Number.isFinite(v))
  if (bad < 0) return []
  const place = `pair ${Math.floor(bad / width)}, ${column} ${bad % width}`
  return [{ path: `${path}[${bad}]`, expected: `a finite number (${place})`, received: String(values[bad]) }]
}

/** Sizes and values of N pairs. */
const pairProblems = (path: string, data: TrainingData): readonly Problem[] => {
  const { count, conditionCount, conditions, modes, coefficients } = data
  const few = { path: `${path}.count`, expected: `≥ ${FEWEST} pairs (runs that succeeded)`, received: String(count) }
  return [
    ...(count < FEWEST ? [few] : []),
    ...arrayProblems(`${path}.conditions`, 'condition', conditions, count, conditionCount),
    ...arrayProblems(`${path}.coefficients`, 'mode', coefficients, count, modes),
  ]
}

/** Of one column; about its first value, so that a constant has exactly none. */
const deviation = (values: Float64Array, column: number, width: number): number => {
  const count = values.length / width
  let [sum, squares] = [0, 0]
  for (let at = column; at < values.length; at += width) sum += values[at] - values[column]
  for (let at = column; at < values.length; at += width) squares += (values[at] - values[column] - sum / count) ** 2
  return Math.sqrt(squares / count)
}

/** Columns without variance: they have no law to learn, and whitening would blow up their round-off. */
const constantProblems = ({ conditionCount, conditions, modes, coefficients }: TrainingData): readonly Problem[] => {
  const told = Array.from({ length: conditionCount }, (_, k) => conditions[k])
  const spread = Array.from({ length: modes }, (_, k) => deviation(coefficients, k, modes))
  const least = NULL_SHARE * Math.max(...spread)
  return [
    ...told.flatMap((value, k): Problem[] =>
      conditions.every((v, at) => at % conditionCount !== k || v === value)
        ? [
            {
              path: `data.conditions, condition ${k}`,
              expected: 'one that varies (leave a constant out)',
              received: `${value} in all pairs`,
            },
          ]
        : [],
    ),
    ...spread.flatMap((s, k): Problem[] =>
      s > least
        ? []
        : [
            {
              path: `data.coefficients, mode ${k}`,
              expected: `a mode that varies (standard deviation > ${least})`,
              received: String(s),
            },
          ],
    ),
  ]
}

/**
 * @throws InvalidInput with every size that does not match, the first value that is not finite, too few pairs, and conditions or modes
 * that do not vary
 * @verifiedBy test/generative/training-data.test.ts
 */
export const checkTrainingData = (data: TrainingData): TrainingData => {
  const problems = pairProblems('data', data)
  if (problems.length > 0) throw new InvalidInput(problems)
  const constant = constantProblems(data)
  if (constant.length > 0) throw new InvalidInput(constant)
  return data
}

/**
 * Pairs that a training is judged on.
 * @throws InvalidInput for other modes or conditions than the training has, too few pairs and values that are not finite
 */
export const checkValidationData = (validation: TrainingData, training: TrainingData): TrainingData => {
  const same = (['modes', 'conditionCount'] as const).flatMap((key): Problem[] =>
    validation[key] === training[key]
      ? []
      : [
          {
            path: `validation.${key}`,
            expected: `${training[key]}, as in training`,
            received: String(validation[key]),
          },
        ],
  )
  const problems = [...same, ...pairProblems('validation', validation)]
  if (problems.length > 0) throw new InvalidInput(problems)
  return validation
}

/** The same data with the leading `modes` coefficients only. */
export const withLeadingModes = (data: TrainingData, modes: number): TrainingData => {
  const coefficients = new Float64Array(data.count * modes)
  for (let n = 0; n < data.count; n++) {
    coefficients.set(data.coefficients.subarray(n * data.modes, n * data.modes + modes), n * modes)
  }
  return { ...data, modes, coefficients }
}

/** The pairs with these indices, in this order. */
export const selectPairs = (data: TrainingData, indices: readonly number[]): TrainingData => ({
  ...data,
  count: indices.length,
  conditions: gatherRows(data.conditions, data.conditionCount, indices),
  coefficients: gatherRows(data.coefficients, data.modes, indices),
})

/** Rows with these numbers: [indices.length, length]. */
export const gatherRows = (rows: Float64Array, length: number, indices: readonly number[]): Float64Array => {
  const out = new Float64Array(indices.length * length)
  indices.forEach((from, to) => {
    out.set(rows.subarray(from * length, (from + 1) * length), to * length)
  })
  return out
}

/** @throws InvalidInput when the arrays of a `sample` call do not fit n samples */
export const checkSampleArguments = (
  conditions: Float64Array,
  conditionCount: number,
  latent: Float64Array,
  latentLength: number,
  n: number,
): void => {
  const problems: Problem[] = []
  const check = (path: string, values: Float64Array, length: number): void => {
    if (values.length !== length)
      problems.push({ path, expected: `${length} values for ${n} samples`, received: String(values.length) })
  }
  check('conditions', conditions, n * conditionCount)
  check('latent', latent, n * latentLength)
  if (problems.length > 0) throw new InvalidInput(problems)
}
