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
