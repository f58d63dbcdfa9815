import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Outputs, stepGraphs } from '../../src/generative/gan/step-graphs.ts'
import { ganOptions } from '../../src/generative/gan/training-options.ts'
import { inputSizes } from '../../src/tensor/compiled-graph.ts'
import type { TensorExecutor } from '../../src/tensor/executor.ts'
import { SELF_TEST_EXPECTED, selfTestFeeds, selfTestGraph } from '../../src/tensor/self-test.ts'

type Arrays = Readonly<Record<string, ArrayLike<number>>>

export interface StepFixture {
  readonly scriptSha256: string
  readonly options: {
    readonly latent: number
    readonly conditionCount: number
    readonly categories: number
    readonly width: number
    readonly blocks: number
    readonly hidden: number
    readonly heads: number
    readonly tokens: number
    readonly batch: number
    readonly criticHidden: readonly number[]
    readonly student: number
    readonly penaltyWeight: number
    readonly distillationWeight: number
    readonly energyWeight: number
  }
  readonly cases: readonly {
    readonly form: 'residual' | 'transformer'
    readonly penalty: 'trace' | 'trace-and-condition'
    readonly feeds: Arrays
    readonly critic: Arrays
    readonly generator: Arrays
  }[]
}

export const STEP_FOLDER = join(import.meta.dirname, '../fixtures/training-step')
export const readSteps = (path = join(STEP_FOLDER, 'training-step.json')): StepFixture =>
  JSON.parse(readFileSync(path, 'utf8')) as StepFixture

/** A graph, what goes in, and what PyTorch gives in double precision. */
export interface ReferenceRun {
  readonly name: string
  readonly graph: Outputs
  readonly feeds: Readonly<Record<string, Float32Array>>
  readonly expected: Arrays
}

const single = (arrays: Arrays, names: Iterable<string>): Record<string, Float32Array> =>
  Object.fromEntries([...names].map((name) => [name, Float32Array.from(arrays[name])]))

/** The distilled sub-networks take turns, smallest first: this is the half one's turn. */
const HALF = 2

const runsOf = ({ options, cases }: StepFixture): ReferenceRun[] =>
  cases.flatMap(({ form, penalty, feeds, critic, generator }) => {
    const { conditionCount, batch, criticHidden, penaltyWeight, distillationWeight, energyWeight, student, ...sizes } =
      options
    if (student !== 0.5) throw new Error(`the fixture distils into ${student}`)
    const graphs = stepGraphs(
      ganOptions(conditionCount, sizes.latent, {
        generator: { form, ...sizes },
        ...{ mode: 'distillation', penalty, penaltyWeight, distillationWeight, energyWeight, batch, criticHidden },
        instanceNoise: 1,
      }),
    )
    const run = (step: string, graph: Outputs, expected: Arrays): ReferenceRun => ({
      name: `${step} of the ${form} form`,
      graph,
      feeds: single(feeds, inputSizes(graph).keys()),
      expected,
    })
    return [run('critic step', graphs.critics[0], critic), run('generator step', graphs.generators[HALF], generator)]
  })

/** The self-test, and one critic and one generator step of both forms of the generator. */
export const referenceRuns = (fixture: StepFixture = readSteps()): readonly ReferenceRun[] => [
  { name: 'self-test', graph: selfTestGraph(), feeds: selfTestFeeds(), expected: SELF_TEST_EXPECTED },
  ...runsOf(fixture),
]

/** Largest difference relative to the largest expected number; infinite where one is not finite. */
export const errorOf = (actual: ArrayLike<number>, expected: ArrayLike<number>): number => {
  const scale = Math.max(...Array.from(expected, Math.abs))
  const error = Math.max(...Array.from(expected, (e, i) => Math.abs(actual[i] - e)))
  if (actual.length !== expected.length || !Number.isFinite(error)) return Number.POSITIVE_INFINITY
  return scale === 0 ? error : error / scale
}

export type Results = Readonly<Record<string, Readonly<Record<string, Float32Array>>>>

/** What an executor gives, by run and output. */
export const resultsOf = async (executor: TensorExecutor, runs: readonly ReferenceRun[]): Promise<Results> => {
  const results: Record<string, Record<string, Float32Array>> = {}
  for (const { name, graph, feeds } of runs) {
    const compiled = await executor.compile(graph)
    results[name] = await compiled.run(feeds)
    await compiled.release()
  }
  return results
}
