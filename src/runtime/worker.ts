import { parentPort } from 'node:worker_threads'
import { InvalidInput } from '../numeric/errors.ts'
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

/** A structured clone forgets an error's class, so bad input travels as its problems. */
const failure = (error: unknown): FromWorker =>
  error instanceof InvalidInput ? { kind: 'invalid', problems: error.problems } : { kind: 'error', error }

port.on('message', (message: ToWorker) => {
  try {
    answer(message)
  } catch (error) {
    port.postMessage(failure(error))
  }
})
