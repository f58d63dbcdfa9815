import type { Domain } from './domain.ts'
import type { StudyFolder } from './folder.ts'
import type { Progress } from './progress.ts'
import type { Study } from './schema.ts'
import type { DeferringRunner, TaskRunner } from './task.ts'
import type { Timings } from './timings.ts'

/** What every recipe is handed: the study on its mesh, where to rest, who computes, and how to be told to stop. */
export interface Job {
  readonly study: Study
  readonly domain: Domain
  readonly meshHash: string
  readonly folder: StudyFolder
  readonly runner: TaskRunner | DeferringRunner
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Seconds per stage so far, over all runs of this folder. */
  readonly timings: () => Promise<Timings>
}
