/**
 * A unit of work that may run anywhere: `prepare` once per worker from plain data, `run` per chunk. Both are pure, so
 * that any number of workers, in any order, computes the same bits.
 */
export interface Task<Setup, Prepared, Input, Output> {
  prepare(setup: Setup): Prepared
  run(prepared: Prepared, input: Input): Output
  /** Buffers of the output that may be moved instead of copied. */
  transfer(output: Output): ArrayBuffer[]
}

export type AnyTask = Task<never, unknown, never, unknown>

/** The `map` that recipes are handed: threads in runtime/, or {@link serialRunner}. Outputs come in order of completion. */
export interface TaskRunner {
  readonly workers: number
  map<Input, Output>(
    task: string,
    setup: unknown,
    inputs: AsyncIterable<Input>,
    signal: AbortSignal,
  ): AsyncIterable<Output>
}

/** Chunks that others are to compute: the content of one stage, its inputs made as they are asked for. */
export interface DeferredWork {
  readonly stage: string
  readonly total: number
  /** Samples that were found finished. */
  readonly found: number
  readonly task: string
  readonly setup: unknown
  readonly chunks: AsyncIterable<{ readonly file: string; readonly count: number; readonly input: unknown }>
}

/**
 * A runner that computes nothing here: it takes note of the chunks and ends the recipe with {@link Suspended}. When others have
 * put the chunks into the folder, the recipe is run again and finds them finished.
 */
export interface DeferringRunner {
  readonly workers: number
  defer(work: DeferredWork): Promise<never>
}

/** What ends a recipe that waits for chunks: no failure. */
export class Suspended extends Error {
  override readonly name = 'Suspended'
  readonly stage: string

  constructor(stage: string) {
    super(`waits for chunks: ${stage}`)
    this.stage = stage
  }
}

/** Everything in the calling thread, one after the other. */
export const serialRunner = (tasks: Readonly<Record<string, AnyTask>>): TaskRunner => ({
  workers: 1,
  async *map<Input, Output>(name: string, setup: unknown, inputs: AsyncIterable<Input>, signal: AbortSignal) {
    const task = tasks[name] as unknown as Task<unknown, unknown, Input, Output>
    const prepared = task.prepare(setup)
    for await (const input of inputs) {
      signal.throwIfAborted()
      yield task.run(prepared, input)
    }
  },
})
