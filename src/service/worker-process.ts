import { type ChildProcess, fork } from 'node:child_process'
import type { Logger } from 'pino'

const MAIN = new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url)
const BACKOFF = 1_000

export interface WorkerProcess {
  stop(): Promise<void>
}

/**
 * Keeps a worker of this machine running, in a process of its own: it computes, this one answers. A worker that ends is
 * started again.
 */
export const keepWorker = (environment: NodeJS.ProcessEnv, log: Logger): WorkerProcess => {
  let child: ChildProcess | null = null
  let stopping = false
  const start = (): void => {
    child = fork(MAIN, ['worker'], { env: environment, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    child.on('exit', (code, signal) => {
      child = null
      if (stopping) return
      log.warn({ code, signal }, 'the worker ended; it is started again')
      setTimeout(() => !stopping && start(), BACKOFF)
    })
  }
  start()
  return {
    stop: async () => {
      stopping = true
      const running = child
      if (running === null) return
      const gone = new Promise((done) => running.once('exit', done))
      running.kill('SIGTERM')
      await gone
    },
  }
}
