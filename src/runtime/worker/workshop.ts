import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { VERSION } from '../../study/version.ts'
import type { Claim, Queue, QueueName } from '../queue/queue.ts'
import { isOutage } from '../state/database.ts'
import { type DriveMessage, failJob } from '../state/job-life.ts'
import type { State } from '../state/place.ts'
import type { Failure, Place, SlotReport } from './protocol.ts'
import {
  beginDrive,
  type ChunkMessage,
  type ChunkRow,
  recordMessage,
  recordProgress,
  settleChunk,
  settleDrive,
  settleFailure,
} from './settle.ts'
import { Slot, SlotEnded } from './slot-process.ts'

export interface WorkshopOptions {
  readonly place: Place
  readonly slots: number
  /** Resident bytes that a working process may take, where its job sets no limit of its own. */
  readonly memoryBytes: number
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields?: object) => void
}

export interface Workshop {
  readonly id: string
  /** Takes up nothing new, hands back what it has not finished within `patience` ms, ends its processes. */
  stop(patience: number): Promise<void>
}

/** pg-boss asks for a heartbeat every 10 s; a few may get lost. */
const TOUCH = 2_500
/** Without news, the queue is looked at so often, ms. */
const POLL = 1_000
const BACKOFF = 1_000

/** What one slot has in hand. */
interface Held {
  readonly claim: Claim
  readonly job: string
  readonly slot: Slot
  /** Given up: its outcome is of no interest. */
  dropped: boolean
  /** Its process has answered: that the claim ends now is no loss, and the process has nothing to be ended for. */
  answered: boolean
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** Until it is done, but no longer than `ms`; leaves no timer behind that would keep the process alive. */
const within = async (ms: number, done: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([done, late])
  clearTimeout(timer)
}

class Bell {
  #rung = false
  #wake: () => void = () => {}

  ring(): void {
    this.#rung = true
    this.#wake()
  }

  /** Until it rings, or `ms` have passed. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((done) => {
        this.#wake = done
        timer = setTimeout(done, ms)
      })
      clearTimeout(timer)
    }
    this.#rung = false
  }
}

/**
 * A worker: a number of processes that compute, and this loop, which claims work for them, keeps the claims alive and settles
 * the results. Losing the database stops nothing that is being computed; losing a claim does.
 */
export const openWorkshop = async (state: State, queue: Queue, options: WorkshopOptions): Promise<Workshop> => {
  const { place, slots, memoryBytes, log } = options
  const id = randomUUID()
  const held = new Set<Held>()
  const bells: Bell[] = []
  let stopping = false

  const chunkRow = async ({ data }: Claim<ChunkMessage>): Promise<(ChunkRow & { memory: number | null }) | null> =>
    (
      await state.database.query<ChunkRow & { memory: number | null }>(
        `select c.*, (j.limits->>'memoryBytes')::float8 as memory from nestwave.chunk c join nestwave.job j on j.id = c.job where c.id = $1`,
        [data.chunk],
      )
    )[0] ?? null

  /** Does what ends a claim, again while the database is away: what was computed is lost only when the claim is. */
  const persist = async <T>(one: Held, action: () => Promise<T>): Promise<T> => {
    one.answered = true
    for (;;)
      try {
        return await action()
      } catch (error) {
        if (!isOutage(error) || one.dropped) throw error
        log('warn', 'the database is away; the outcome waits', { job: one.job, error: (error as Error).message })
        await pause(BACKOFF)
      }
  }

  /** Tells of a failure: for good where it would come again, else to the next attempt. */
  const failed = async (one: Held, wave: number, failure: Failure): Promise<void> => {
    log('warn', 'work failed', { queue: one.claim.queue, job: one.job, claim: one.claim.id, failure: failure.message })
    await persist(one, async () => {
      if (failure.type === 'outage') await queue.giveBack(one.claim)
      else if (failure.type === 'crash') await queue.fail(one.claim, failure.message)
      else await settleFailure(state, queue, one.claim, one.job, wave, failure)
    })
  }

  const ended = async (one: Held, wave: number, error: SlotEnded, memory: number): Promise<void> => {
    if (one.dropped) return
    if (error.reason === 'memory') {
      const message = `a process of it took more than ${memory} bytes of memory (limits.memoryBytes)`
      await persist(one, () => failJob(state.database, queue, one.job, { type: 'limit', message }))
    } else await failed(one, wave, { type: 'crash', message: error.message })
  }

  const runChunk = async (slot: Slot, claim: Claim<ChunkMessage>): Promise<void> => {
    const chunk = await chunkRow(claim)
    if (chunk === null) return void (await state.database.transaction((sql) => queue.complete(sql, claim)))
    const one: Held = { claim, job: chunk.job, slot, dropped: false, answered: false }
    const memory = chunk.memory ?? memoryBytes
    held.add(one)
    try {
      const order = { kind: 'chunk', task: chunk.task, setup: chunk.setup_sha256, input: chunk.input_sha256 } as const
      const report = await slot.run(order, () => {}, memory)
      if (one.dropped) return
      if (report.kind === 'failed') return await failed(one, chunk.wave, report.failure)
      if (report.kind !== 'chunk') throw new Error(`a chunk was answered with ${report.kind}`)
      if (await persist(one, () => settleChunk(state, queue, claim, chunk, report, id)))
        log('info', 'chunk done', { job: chunk.job, path: chunk.path, attempt: claim.retryCount })
      else log('warn', 'chunk came too late: its claim was lost', { job: chunk.job, path: chunk.path })
    } catch (error) {
      if (!(error instanceof SlotEnded)) throw error
      await ended(one, chunk.wave, error, memory)
    } finally {
      held.delete(one)
    }
  }

  const runDrive = async (slot: Slot, claim: Claim<DriveMessage>): Promise<void> => {
    const name = `${claim.id}:${claim.retryCount}`
    const job = await beginDrive(state, claim, name)
    if (job === null) return void (await state.database.transaction((sql) => queue.complete(sql, claim)))
    const one: Held = { claim, job: job.id, slot, dropped: false, answered: false }
    const memory = job.limits.memoryBytes ?? memoryBytes
    held.add(one)
    log('info', 'recipe taken up', {
      job: job.id,
      kind: job.kind,
      step: job.step,
      wave: job.wave,
      attempt: claim.retryCount,
    })
    try {
      const report = await slot.run(
        { kind: 'drive', job: job.id, claim: name },
        (told) => hear(name, job.id, told),
        memory,
      )
      if (one.dropped) return
      if (report.kind === 'failed') return await failed(one, job.wave, report.failure)
      if (report.kind !== 'drive') throw new Error(`a recipe was answered with ${report.kind}`)
      const { outcome, cpu } = report
      const stands = await persist(one, () => settleDrive(state, queue, claim, name, outcome, cpu))
      log('info', 'recipe settled', { job: job.id, outcome: outcome.kind, stands })
    } catch (error) {
      if (!(error instanceof SlotEnded)) throw error
      await ended(one, job.wave, error, memory)
    } finally {
      held.delete(one)
    }
  }

  /** Progress is worth telling, not worth failing for. */
  const hear = (name: string, job: string, told: SlotReport): void => {
    const record =
      told.kind === 'message'
        ? recordMessage(state, job, told.type, told.text)
        : told.kind === 'stage'
          ? recordProgress(state, name, job, {
              stage: told.name,
              total: told.total,
              found: told.found,
              done: told.found,
              detail: '',
            })
          : told.kind === 'advance'
            ? recordProgress(state, name, job, { stage: told.name, done: told.done, detail: told.detail })
            : null
    record?.catch((error: Error) => log('warn', 'progress not recorded', { job, error: error.message }))
  }

  const claimNext = async (order: readonly QueueName[]): Promise<Claim | null> => {
    for (const name of order) {
      const claim = await queue.fetch(name)
      if (claim !== null) return claim
    }
    return null
  }

  /** A recipe may take minutes (a training): with several slots, one of them is kept for chunks. */
  const orderOf = (k: number): readonly QueueName[] => (slots > 1 && k === 0 ? ['chunk'] : ['drive', 'chunk'])

  const loop = async (k: number): Promise<void> => {
    const slot = new Slot(place)
    const bell = bells[k]
    while (!stopping) {
      try {
        const claim = await claimNext(orderOf(k))
        if (claim === null) await bell.wait(POLL)
        else if (claim.queue === 'chunk') await runChunk(slot, claim as Claim<ChunkMessage>)
        else await runDrive(slot, claim as Claim<DriveMessage>)
      } catch (error) {
        log('warn', 'the worker goes on after an error', { error: (error as Error).message })
        if (!stopping) await pause(BACKOFF)
      }
    }
    slot.end('stopped')
  }

  const drop = (one: Held): void => {
    one.dropped = true
    if (!one.answered) one.slot.end('stopped')
  }

  const handBack = async (some: readonly Held[]): Promise<void> => {
    for (const one of some) {
      drop(one)
      await queue
        .giveBack(one.claim)
        .catch((error: Error) => log('warn', 'not handed back; its claim runs out by itself', { error: error.message }))
    }
  }

  /** Known as a worker: anew after a silence in which it was taken for gone. */
  const signIn = (): Promise<unknown> =>
    state.database.query(
      `insert into nestwave.worker (id, host, pid, slots, version) values ($1, $2, $3, $4, $5)
       on conflict (id) do update set seen_at = clock_timestamp()`,
      [id, hostname(), process.pid, slots, VERSION],
    )

  /** Keeps the claims alive; a lost one is dropped, since another worker has its work. */
  const heartbeat = async (): Promise<void> => {
    while (!stopping || held.size > 0) {
      await pause(TOUCH)
      const all = [...held]
      try {
        await signIn()
        const lost = await queue.touch(all.map(({ claim }) => claim))
        for (const one of all)
          if (lost.includes(one.claim.id) && held.has(one) && !one.dropped) {
            log('warn', 'a claim was lost; its work is dropped', { job: one.job, claim: one.claim.id })
            drop(one)
          }
      } catch (error) {
        log('warn', 'no heartbeat', { error: (error as Error).message })
      }
    }
  }

  const unlisten = [
    await state.database.listen('nestwave_work', () => {
      for (const bell of bells) bell.ring()
    }),
    await state.database.listen('nestwave_stop', (job) => {
      for (const one of held) if (one.job === job) drop(one)
    }),
  ]
  await signIn()
  for (let k = 0; k < slots; k++) bells.push(new Bell())
  const loops = bells.map((_, k) => loop(k))
  void heartbeat()
  return {
    id,
    stop: async (patience) => {
      stopping = true
      for (const bell of bells) bell.ring()
      // A recipe goes on from its last checkpoint wherever it is taken up; a chunk would be lost.
      await handBack([...held].filter(({ claim }) => claim.queue === 'drive'))
      await within(patience, Promise.all(loops))
      await handBack([...held])
      await Promise.all(loops)
      await Promise.all(unlisten.map((close) => close()))
      await state.database.query('delete from nestwave.worker where id = $1', [id]).catch(() => {})
    },
  }
}
