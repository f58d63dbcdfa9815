import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { postgresFolder } from '../../src/runtime/state/place.ts'

/** Processes that the test did not start itself, as /proc shows them. */
export const childrenOf = (pid: number): readonly number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** The worker that a service started: its other children answer questions. */
export const workersOf = (service: number): readonly number[] =>
  childrenOf(service).filter((pid) => commandOf(pid).split('\0').includes('worker'))

/** The working processes of a service's worker. */
export const slotsOf = (service: number): readonly number[] => workersOf(service).flatMap(childrenOf)

/** The server of an embedded database. */
export const postmasterOf = (data: string): number => {
  try {
    return Number(readFileSync(join(postgresFolder(data), 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
  } catch {
    return 0
  }
}
