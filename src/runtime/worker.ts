import { parentPort } from 'node:worker_threads'
import type { Task } from '../study/task.ts'
import { TASKS } from '../study/tasks.ts'
import type { FromWorker, ToWorker } from './threads.ts'

/** The thread's side: prepares a task once, then runs chunks of it. */
const port = parentPort!
let task: Task<unknown, unknown, unknown, unknown>
let prepared: unknown

const answer = (message: ToWorker): void => {
  if (message.kind === 'prepare') {
    task = TASKS[message.task] as unknown as typeof task
    prepared = task.prepare(message.setup)
    return
  }
  const output = task.run(prepared, message.input)
  port.postMessage({ kind: 'output', output } satisfies FromWorker, task.transfer(output))
}

port.on('message', (message: ToWorker) => {
  try {
    answer(message)
  } catch (error) {
    port.postMessage({ kind: 'error', error } satisfies FromWorker)
  }
})
