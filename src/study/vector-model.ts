import { type FailureReason, InvalidInput, NumericalFailure, type Problem } from '../numeric/errors.ts'
import { shown } from './problems.ts'

/** A model ℝⁿ¹ × ℝⁿ² × … → ℝᵐ¹ × …, prepared once and called again and again: a statistics program needs no physics. */
export interface VectorModel {
  readonly inputSizes: readonly number[]
  readonly outputSizes: readonly number[]
  /** What each input vector holds, with units. */
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  /**
   * Deterministic: the same input gives the same bits.
   * @throws InvalidInput for wrong lengths, numbers that are not finite or outside the study's laws, and an unknown config
   * @throws NumericalFailure when the run is unstable or not finite
   */
  evaluate(input: readonly (readonly number[])[], config: Readonly<Record<string, unknown>>): Promise<number[][]>
  /** Frees what is held outside JavaScript's memory. */
  release(): Promise<void>
}

const vectorProblems = (vector: unknown, size: number, path: string): Problem[] => {
  const expected = `a list of ${size} finite numbers`
  if (!Array.isArray(vector)) return [{ path, expected, received: shown(vector) }]
  if (vector.length !== size) return [{ path, expected, received: `${vector.length} of them` }]
  // The first one only: a long vector of wrong numbers deserves a short answer.
  const bad = vector.findIndex((x) => !Number.isFinite(x))
  return bad < 0 ? [] : [{ path: `${path}[${bad}]`, expected: 'a finite number', received: shown(vector[bad]) }]
}

/** @throws InvalidInput unless a value is one vector of finite numbers per size, of that length */
export const checkVectors = (
  value: unknown,
  sizes: readonly number[],
  path = 'input',
): readonly (readonly number[])[] => {
  const expected = `a list of ${sizes.length} vectors`
  if (!Array.isArray(value)) throw InvalidInput.of(path, expected, shown(value))
  if (value.length !== sizes.length) throw InvalidInput.of(path, expected, `${value.length} of them`)
  const problems = sizes.flatMap((size, i) => vectorProblems(value[i], size, `${path}[${i}]`))
  if (problems.length > 0) throw new InvalidInput(problems)
  return value
}

const DETAIL: Readonly<Record<FailureReason, string>> = {
  unstable: "the modulus field of this input is stiffer than the study's time step allows (a smaller time.courant)",
  'non-finite': 'the run with this input overflowed',
  singular: 'the equations of this input have no solution',
}

/** The quantities of a batch of one run. */
export const quantitiesOfRun = (run: {
  readonly quantities: Float64Array
  readonly status: readonly ('ok' | FailureReason)[]
}): number[] => {
  const [status] = run.status
  if (status !== 'ok') throw new NumericalFailure(status, DETAIL[status])
  return Array.from(run.quantities)
}
