import { readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Layout } from './cluster.ts'

/** In the command line of the server and its helpers, which every user may read: tells them from whoever has their number later. */
export const markOf = async ({ data }: Layout): Promise<string> =>
  `nestwave-${(await stat(data, { bigint: true })).ino}`

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

/** Whether the process is this folder's server. Without /proc any live process may be. */
export const isServer = async (pid: number, layout: Layout): Promise<boolean> => {
  if (!alive(pid)) return false
  if (process.platform !== 'linux') return true
  const words = (await textOf(`/proc/${pid}/cmdline`)).split('\0')
  return words.includes(`cluster_name=${await markOf(layout)}`)
}

const takenByAnother = async (note: string, layout: Layout): Promise<boolean> => {
  const pid = Number.parseInt(note, 10)
  return pid > 0 && alive(pid) && !(await isServer(pid, layout))
}

/** Puts the note back where another process was faster and it is a new server's. */
const discard = async (path: string, note: string): Promise<void> => {
  const aside = `${path}.${process.pid}.stale`
  await rename(path, aside).catch(() => {})
  const taken = await textOf(aside)
  await (taken === '' || taken === note ? rm(aside, { force: true }) : rename(aside, path))
}

/**
 * PostgreSQL takes any live process of its user for its predecessor, so a note whose number someone else has now would
 * keep it from starting for ever.
 */
export const discardStaleNotes = async (layout: Layout, port: number): Promise<void> => {
  for (const name of ['postmaster.pid', `.s.PGSQL.${port}.lock`]) {
    const path = join(layout.data, name)
    const note = await textOf(path)
    if (await takenByAnother(note, layout)) await discard(path, note)
  }
}

const parentOf = async (pid: number): Promise<number> => {
  const line = await textOf(`/proc/${pid}/stat`)
  // The name, in parentheses, may hold anything.
  return Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1])
}

/** PostgreSQL's helpers name the database's mark in their titles, and run as the owner of its folder. */
const isOrphan = async (pid: number, layout: Layout): Promise<boolean> => {
  const title = await textOf(`/proc/${pid}/cmdline`)
  if (!title.startsWith(`postgres: ${await markOf(layout)}: `)) return false
  const [owner, folder] = await Promise.all([stat(`/proc/${pid}`), stat(layout.data)])
  return owner.uid === folder.uid && !(await isServer(await parentOf(pid), layout))
}

const quit = async (pid: number, layout: Layout): Promise<void> => {
  if (await isOrphan(pid, layout).catch(() => false)) process.kill(pid, 'SIGQUIT')
}

/**
 * Ends the helpers of a killed server, as the server itself would have: those that compute do not notice its death, and no
 * new one starts as long as they share its memory.
 */
export const endOrphans = async (layout: Layout): Promise<void> => {
  if (process.platform !== 'linux') return
  const processes = (await readdir('/proc')).map(Number).filter((pid) => pid > 0)
  await Promise.allSettled(processes.map((pid) => quit(pid, layout)))
}
