import { deserialize } from 'node:v8'
import { InvalidInput, NumericalFailure } from '../../numeric/errors.ts'
import { type ChunkOutput, chunkBytes } from '../../study/chunks.ts'
import type { Progress } from '../../study/progress.ts'
import type { Task } from '../../study/task.ts'
import { TASKS } from '../../study/tasks.ts'
import { isOutage } from '../state/database.ts'
import { openPlace, type State } from '../state/place.ts'
import { answer } from './answer.ts'
import { drive } from './drive.ts'
import type { Failure, SlotOrder, SlotReport } from './protocol.ts'

/**
 * The process in which a worker's work is done: one chunk or one recipe at a time. It can be killed at any moment without
 * harm, which is how a cancelled job, one that passes its limits and one that crashes are kept from the others.
 */
const report = (message: SlotReport): void => void process.send?.(message)

let opened: Promise<State>

/** The task last prepared: the chunks of a series share their set-up. */
let prepared: {
  readonly key: string
  readonly task: Task<unknown, unknown, unknown, ChunkOutput>
  readonly value: unknown
} | null = null

const preparedFor = async ({ blobs }: State, name: string, setup: string): Promise<NonNullable<typeof prepared>> => {
  const key = `${name}/${setup}`
  if (prepared?.key === key) return prepared
  const task = TASKS[name] as unknown as Task<unknown, unknown, unknown, ChunkOutput>
  prepared = null
  prepared = { key, task, value: task.prepare(deserialize(await blobs.read(setup))) }
  return prepared
}

const runChunk = async (order: SlotOrder & { kind: 'chunk' }): Promise<{ sha256: string; size: number }> => {
  const state = await opened
  const { task, value } = await preparedFor(state, order.task, order.setup)
  const output = task.run(value, deserialize(await state.blobs.read(order.input)))
  return state.blobs.put(chunkBytes(output))
}

/** Told at most so often, ms. */
const INTERVAL = 500

const reporting: Progress = {
  stage: (name, total, found = 0) => {
    report({ kind: 'stage', name, total, found })
    let done = found
    let last = performance.now()
    const advance = (steps: number, detail = ''): void => {
      done += steps
      if (performance.now() - last < INTERVAL && done < total) return
      last = performance.now()
      report({ kind: 'advance', name, done, detail })
    }
    return { advance, end: () => {} }
  },
  note: (text) => report({ kind: 'message', type: 'note', text }),
  warn: (text) => report({ kind: 'message', type: 'warning', text }),
}

const failureOf = (error: unknown): Failure => {
  if (error instanceof InvalidInput) return { type: 'invalid-input', message: error.message, problems: error.problems }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof NumericalFailure) return { type: 'numerics', message, reason: error.reason }
  return { type: isOutage(error) ? 'outage' : 'crash', message }
}

const seconds = (from: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(from)
  return (user + system) / 1e6
}

const obey = async (order: SlotOrder): Promise<void> => {
  const start = process.cpuUsage()
  try {
    if (order.kind === 'start') {
      opened = openPlace(order.place, 3)
      await opened
      report({ kind: 'ready' })
    } else if (order.kind === 'question') report({ kind: 'answer', value: await answer(await opened, order.question) })
    else if (order.kind === 'chunk') report({ kind: 'chunk', ...(await runChunk(order)), cpu: seconds(start) })
    else {
      const outcome = await drive(await opened, order.job, order.claim, reporting)
      report({ kind: 'drive', outcome, cpu: seconds(start) })
    }
  } catch (error) {
    report({ kind: 'failed', failure: failureOf(error), cpu: seconds(start) })
  }
}

process.on('message', (order: SlotOrder) => void obey(order))
// Its worker has gone: nobody would hear the result.
process.on('disconnect', () => process.exit(0))
// Ctrl-C in a terminal reaches every process of the group; the worker decides what becomes of its slots.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
