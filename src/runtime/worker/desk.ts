import { constants } from 'node:os'
import { InvalidInput, NumericalFailure } from '../../numeric/errors.ts'
import type { Failure, Place, Question } from './protocol.ts'
import { Slot, SlotEnded } from './slot-process.ts'

/** Too many wait already. */
export class DeskBusy extends Error {
  override readonly name = 'DeskBusy'
}

/** A question took longer than it may. */
export class DeskTimeout extends Error {
  override readonly name = 'DeskTimeout'
}

export interface Desk {
  /** @throws InvalidInput, NumericalFailure, DeskBusy, DeskTimeout */
  ask<T>(question: Question, seconds?: number): Promise<T>
  stop(): void
}

const WAITING = 500
const MEMORY = 4 * 2 ** 30
const TIME = 60

const thrown = ({ type, message, problems, reason }: Failure): Error => {
  if (type === 'invalid-input') return new InvalidInput(problems ?? [])
  return type === 'numerics' && reason
    ? new NumericalFailure(reason, message.replace(`${reason}: `, ''))
    : new Error(message)
}

/** A few processes that answer questions one by one, ahead of the work that can wait. */
export const openDesk = (place: Place, size: number): Desk => {
  const free = Array.from({ length: size }, () => new Slot(place, constants.priority.PRIORITY_BELOW_NORMAL))
  const all = [...free]
  const queue: ((slot: Slot) => void)[] = []
  const take = (): Promise<Slot> => {
    const slot = free.pop()
    if (slot) return Promise.resolve(slot)
    if (queue.length >= WAITING) return Promise.reject(new DeskBusy('too many questions wait for an answer'))
    return new Promise((resolve) => queue.push(resolve))
  }
  const giveBack = (slot: Slot): void => {
    const next = queue.shift()
    if (next) next(slot)
    else free.push(slot)
  }
  const ask = async <T>(question: Question, seconds = TIME): Promise<T> => {
    const slot = await take()
    const timer = setTimeout(() => slot.end('time'), 1000 * seconds)
    try {
      const report = await slot.run({ kind: 'question', question }, () => {}, MEMORY)
      if (report.kind === 'failed') throw thrown(report.failure)
      return (report as { value: T }).value
    } catch (error) {
      if (error instanceof SlotEnded && error.reason === 'time') throw new DeskTimeout(`no answer within ${seconds} s`)
      throw error
    } finally {
      clearTimeout(timer)
      giveBack(slot)
    }
  }
  return {
    ask,
    stop: () => {
      for (const slot of all) slot.end('stopped')
    },
  }
}
