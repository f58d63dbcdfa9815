import type { Logger } from 'pino'
import type { Queue } from '../runtime/queue/queue.ts'
import type { State } from '../runtime/state/place.ts'
import type { Desk } from '../runtime/worker/desk.ts'
import type { Config } from './config.ts'

/** What the handlers of the API share. */
export interface Context extends State {
  readonly config: Config
  readonly queue: Queue
  readonly desk: Desk
  readonly log: Logger
  /** Calls back when something was told of a job. @returns a function that ends it */
  onEvent(job: string, heard: () => void): () => void
}
