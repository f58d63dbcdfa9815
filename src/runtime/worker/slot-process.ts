import { type ChildProcess, fork } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import type { Place, SlotOrder, SlotReport } from './protocol.ts'

const SLOT = new URL(import.meta.url.endsWith('.ts') ? './slot.ts' : './slot.js', import.meta.url)

/** Why a slot's process was ended by us. */
export type EndReason = 'stopped' | 'memory' | 'time'

export class SlotEnded extends Error {
  override readonly name = 'SlotEnded'
  readonly reason: EndReason | null

  constructor(reason: EndReason | null, detail: string) {
    super(detail)
    this.reason = reason
  }
}

type Final = SlotReport & { kind: 'chunk' | 'drive' | 'answer' | 'failed' | 'ready' }
const isFinal = (message: SlotReport): message is Final =>
  ['chunk', 'drive', 'answer', 'failed', 'ready'].includes(message.kind)

const MEMORY_INTERVAL = 500
/** A process that holds more of the limit than this before it begins makes way for a fresh one. */
const HELD = 0.75

/** Resident memory of a process, byte; 0 where the system does not tell. */
const residentBytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
}

/** One process that works for a worker; started when first needed, and again after it ended. */
export class Slot {
  readonly #place: Place
  readonly #priority: number
  #child: ChildProcess | null = null
  #settle: { resolve: (report: Final) => void; reject: (error: Error) => void } | null = null
  #heard: (report: SlotReport) => void = () => {}

  constructor(place: Place, priority: number = constants.priority.PRIORITY_LOW) {
    this.#place = place
    this.#priority = priority
  }

  get pid(): number | null {
    return this.#child?.pid ?? null
  }

  /**
   * Does one thing.
   * @param heard is told of the progress
   * @param memory resident bytes past which the process is ended
   * @throws SlotEnded when the process ends before it has answered
   */
  async run(order: SlotOrder, heard: (report: SlotReport) => void, memory = Number.POSITIVE_INFINITY): Promise<Final> {
    await this.#makeRoom(memory)
    if (this.#child === null) await this.#start()
    this.#heard = heard
    const watch = setInterval(() => void this.#watchMemory(memory), MEMORY_INTERVAL)
    try {
      const report = await this.#ask(order)
      // Short work is over before the watch looks: once more at its end.
      if (!(await this.#watchMemory(memory))) throw new SlotEnded('memory', 'the working process was too large')
      return report
    } finally {
      clearInterval(watch)
    }
  }

  /** Ends the process at once; what it was doing is lost. */
  end(reason: EndReason): void {
    this.#child?.kill('SIGKILL')
    // Before its exit is reported the next order would be sent to the dying process.
    this.#ended(`was ended (${reason})`, reason)
  }

  #ask(order: SlotOrder): Promise<Final> {
    return new Promise((resolve, reject) => {
      const child = this.#child
      if (child === null) return reject(new SlotEnded('stopped', 'the working process was ended (stopped)'))
      this.#settle = { resolve, reject }
      child.send(order, (error) => error && this.#child === child && this.#ended(`cannot be reached: ${error.message}`))
    })
  }

  async #start(): Promise<void> {
    const child = fork(SLOT, { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#child = child
    // Computing must not slow down answering.
    if (child.pid !== undefined) setPriority(child.pid, this.#priority)
    // What an earlier process still says is no answer to a later order.
    const ifCurrent = (action: () => void): void => void (this.#child === child && action())
    child.on('message', (message: SlotReport) => ifCurrent(() => this.#hear(message)))
    child.on('error', (error) => ifCurrent(() => this.#ended(error.message)))
    child.on('exit', (code, signal) => ifCurrent(() => this.#ended(`ended with ${signal ?? `code ${code}`}`)))
    await this.#ask({ kind: 'start', place: this.#place })
  }

  #hear(message: SlotReport): void {
    if (!isFinal(message)) {
      this.#heard(message)
      return
    }
    const settle = this.#settle
    this.#settle = null
    settle?.resolve(message)
  }

  #ended(detail: string, reason: EndReason | null = null): void {
    const settle = this.#settle
    this.#settle = null
    this.#child = null
    settle?.reject(new SlotEnded(reason, `the working process ${detail}`))
  }

  /** What earlier work has left in the process must not count against a limit of this one. */
  async #makeRoom(limit: number): Promise<void> {
    const child = this.#child
    if (child?.pid === undefined || limit === Number.POSITIVE_INFINITY) return
    const held = await residentBytes(child.pid)
    if (this.#child !== child) throw new SlotEnded('stopped', 'the working process was ended (stopped)')
    if (held > HELD * limit) this.end('stopped')
  }

  /** @returns whether the process keeps to the limit; one that does not is ended */
  async #watchMemory(limit: number): Promise<boolean> {
    const pid = this.pid
    if (pid === null || (await residentBytes(pid)) <= limit) return true
    if (this.pid === pid) this.end('memory')
    return false
  }
}
