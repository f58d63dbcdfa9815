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

/** @throws InvalidInput with every size that does not match and the first value that is not finite */
export const checkTrainingData = (data: TrainingData): TrainingData => {
  const problems: Problem[] = []
  const { count, conditionCount, modes } = data
  if (count < FEWEST) problems.push({ path: 'data.count', expected: `≥ ${FEWEST} pairs`, received: String(count) })
  const check = (name: 'conditions' | 'coefficients', length: number): void => {
    const values = data[name]
    const path = `data.${name}`
    if (values.length !== length) problems.push({ path, expected: `${length} values`, received: String(values.length) })
    const bad = values.findIndex((v) => !Number.isFinite(v))
    if (bad >= 0) problems.push({ path: `${path}[${bad}]`, expected: 'a finite number', received: String(values[bad]) })
  }
  check('conditions', count * conditionCount)
  check('coefficients', count * modes)
  if (problems.length > 0) throw new InvalidInput(problems)
  return data
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

const gatherRows = (rows: Float64Array, length: number, indices: readonly number[]): Float64Array => {
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
