import { InvalidInput, type Problem } from '../numeric/errors.ts'
import type { Tensor } from './graph.ts'
import { sizeOf } from './shape.ts'
import { inputsByName, reachable } from './traverse.ts'

export type Feeds = Readonly<Record<string, Float32Array>>

/** A graph made ready by an executor. Feeds must not change until the promise of a run settles. */
export interface CompiledGraph {
  /**
   * @param feeds row-major values of every input the outputs depend on
   * @returns row-major values of every output, in new arrays
   * @throws InvalidInput for a missing, unknown or wrongly sized feed
   */
  run(feeds: Feeds): Promise<Record<string, Float32Array>>
  /** The same into arrays of the caller, which must name all outputs: for a loop that should not allocate. */
  runInto(out: Readonly<Record<string, Float32Array>>, feeds: Feeds): Promise<void>
  release(): Promise<void>
}

/** Names and sizes of what goes in or comes out. */
export type Sizes = ReadonlyMap<string, number>

export const inputSizes = (outputs: Readonly<Record<string, Tensor>>): Sizes =>
  new Map([...inputsByName(reachable(Object.values(outputs)))].map(([name, x]) => [name, sizeOf(x.shape)]))
export const outputSizes = (outputs: Readonly<Record<string, Tensor>>): Sizes =>
  new Map(Object.entries(outputs).map(([name, x]) => [name, sizeOf(x.shape)]))

const problemsOf = (path: string, sizes: Sizes, arrays: Feeds | Readonly<Record<string, Float64Array>>): Problem[] => {
  const problems: Problem[] = []
  for (const [name, size] of sizes) {
    const length = arrays[name]?.length
    if (length !== size)
      problems.push({ path: `${path}.${name}`, expected: `${size} values`, received: String(length ?? 'nothing') })
  }
  for (const name of Object.keys(arrays))
    if (!sizes.has(name))
      problems.push({ path: `${path}.${name}`, expected: `one of ${[...sizes.keys()].join(', ')}`, received: name })
  return problems
}

/** @throws InvalidInput with every missing, unknown or wrongly sized array */
export const checkArrays = (
  path: string,
  sizes: Sizes,
  arrays: Feeds | Readonly<Record<string, Float64Array>>,
): void => {
  const problems = problemsOf(path, sizes, arrays)
  if (problems.length > 0) throw new InvalidInput(problems)
}

/** Zeros for every name. */
export const allocate = (sizes: Sizes): Record<string, Float32Array> =>
  Object.fromEntries([...sizes].map(([name, size]) => [name, new Float32Array(size)]))
