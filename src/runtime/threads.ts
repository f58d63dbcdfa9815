import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { InvalidInput, type Problem } from '../numeric/errors.ts'
import type { TaskRunner } from '../study/task.ts'

export type ToWorker =
  | { readonly kind: 'prepare'; readonly task: string; readonly setup: unknown }
  | { readonly kind: 'run'; readonly input: unknown }
export type FromWorker =
  | { readonly kind: 'output'; readonly output: unknown }
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly kind: 'error'; readonly error: unknown }

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url)

/** One thread with one chunk at a time. */
class Thread {
  readonly worker = new Worker(WORKER)
  #settle: { resolve: (output: unknown) => void; reject: (error: unknown) => void } | null = null
  /** A failure that came while nobody waited, e.g. in prepare. */
  #failure: { readonly error: unknown } | null = null

  constructor() {
    this.worker.on('message', (message: FromWorker) => this.#finish(message))
    this.worker.on('error', (error) => this.#fail(error))
    this.worker.on('exit', (code) => this.#fail(new Error(`a worker thread ended (code ${code})`)))
  }

  post(message: ToWorker): void {
    this.worker.postMessage(message)
  }

  run(input: unknown): Promise<unknown> {
    if (this.#failure) return Promise.reject(this.#failure.error)
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
      this.post({ kind: 'run', input })
    })
  }

  #finish(message: FromWorker): void {
    if (message.kind === 'error') this.#fail(message.error)
    else if (message.kind === 'invalid') this.#fail(new InvalidInput(message.problems))
    else {
      const settle = this.#settle
      this.#settle = null
      settle?.resolve(message.output)
    }
  }

  #fail(error: unknown): void {
    const settle = this.#settle
    this.#settle = null
    if (settle) settle.reject(error)
    else this.#failure = { error }
  }
}

/**
 * A pool of worker threads for one `map`: each is started when there is a chunk for it, prepared once,
 * then fed chunk by chunk as it gets free. Abort ends the
 * threads at once; what they had not finished is computed again by the next run.
 */
export const threadRunner = (workers: number = availableParallelism()): TaskRunner => ({
  workers,
  async *map<Input, Output>(task: string, setup: unknown, inputs: AsyncIterable<Input>, signal: AbortSignal) {
    const source = inputs[Symbol.asyncIterator]()
    const idle: Thread[] = []
    const running = new Map<Thread, Promise<{ thread: Thread; output: unknown }>>()
    const threads: Thread[] = []
    let abort = (): void => {}
    const aborted = new Promise<never>((_, reject) => {
      abort = () => reject(signal.reason)
    })
    aborted.catch(() => {})
    signal.addEventListener('abort', abort, { once: true })
    const nextThread = (): Thread => {
      const free = idle.pop()
      if (free) return free
      const thread = new Thread()
      thread.post({ kind: 'prepare', task, setup })
      threads.push(thread)
      return thread
    }
    try {
      signal.throwIfAborted()
      for (let more = true; more || running.size > 0; ) {
        if (more && (idle.length > 0 || threads.length < workers)) {
          const next = await Promise.race([source.next(), aborted])
          if (next.done) more = false
          else {
            const thread = nextThread()
            running.set(
              thread,
              thread.run(next.value).then((output) => ({ thread, output })),
            )
          }
          continue
        }
        const done = await Promise.race([...running.values(), aborted])
        running.delete(done.thread)
        idle.push(done.thread)
        yield done.output as Output
      }
    } finally {
      signal.removeEventListener('abort', abort)
      for (const promise of running.values()) promise.catch(() => {})
      await Promise.all(threads.map((thread) => thread.worker.terminate()))
    }
  },
})
