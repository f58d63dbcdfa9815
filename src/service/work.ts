import type { Logger } from 'pino'
import { openQueue, type Queue } from '../runtime/queue/queue.ts'
import { openPlace, type State } from '../runtime/state/place.ts'
import { upkeep } from '../runtime/worker/upkeep.ts'
import { openWorkshop } from '../runtime/worker/workshop.ts'
import type { Config } from './config.ts'
import { repeatedly } from './repeatedly.ts'

const UPKEEP = 2_000
const RETRY = 1_000
/** A chunk takes seconds; what takes longer is handed back. */
const PATIENCE = 35_000

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** The database may come after the worker, and may be away for a while. */
const open = async (
  config: Config,
  log: Logger,
  signal: AbortSignal,
): Promise<{ state: State; queue: Queue } | null> => {
  for (let said = false; !signal.aborted; said = true) {
    try {
      const state = await openPlace({ data: config.data, databaseUrl: config.databaseUrl }, 10)
      const complain = (error: Error): void => log.warn({ error: error.message }, 'the queue complains')
      return { state, queue: await openQueue(state.database, complain, { supervise: true }) }
    } catch (error) {
      if (!said) log.warn({ error: (error as Error).message }, 'no database yet; trying again')
      await pause(RETRY)
    }
  }
  return null
}

/** A worker: computes until it is told to stop. */
export const work = async (config: Config, log: Logger, signal: AbortSignal): Promise<void> => {
  const opened = await open(config, log, signal)
  if (opened === null) return
  const { state, queue } = opened
  const workshop = await openWorkshop(state, queue, {
    place: { data: config.data, databaseUrl: config.databaseUrl },
    slots: Math.max(1, config.slots),
    memoryBytes: config.memoryBytes,
    log: (level, message, fields) => log[level](fields ?? {}, message),
  })
  log.info({ worker: workshop.id, slots: config.slots }, 'working')
  const end = repeatedly(
    UPKEEP,
    () => upkeep(state, queue),
    () => {},
  )
  if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done, { once: true }))
  await end()
  await workshop.stop(PATIENCE)
  await queue.stop()
  await state.database.close()
  log.info({ worker: workshop.id }, 'stopped')
}
