/** What a recipe tells of its way. The doors turn it into a bar, lines, or events; a recipe never prints. */
export interface Progress {
  /** A stage of `total` steps, `done` of them found finished from an earlier run. */
  stage(name: string, total: number, done?: number): Stage
  note(message: string): void
  warn(message: string): void
}

export interface Stage {
  advance(steps: number, detail?: string): void
  end(): void
}

/** Seconds to go, from the steps done since a stage began (those found finished tell nothing of the speed); null before the first. */
export const secondsLeft = (done: number, found: number, total: number, seconds: number): number | null =>
  done > found ? (seconds * (total - done)) / (done - found) : null

export const silent: Progress = {
  stage: () => ({ advance: () => {}, end: () => {} }),
  note: () => {},
  warn: () => {},
}

/** Wraps a progress so that it also adds up the seconds of each stage, for timings.json. */
export const timed = (inner: Progress, timings: Map<string, number>): Progress => ({
  ...inner,
  stage: (name, total, done) => {
    const start = performance.now()
    const stage = inner.stage(name, total, done)
    return {
      advance: (steps, detail) => stage.advance(steps, detail),
      end: () => {
        timings.set(name, (timings.get(name) ?? 0) + (performance.now() - start) / 1000)
        stage.end()
      },
    }
  },
})
