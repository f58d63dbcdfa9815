import { readJson, type StudyFolder, writeJson } from './folder.ts'

export type Timings = Readonly<Record<string, number>>

/** Seconds per stage over all runs of this folder. */
export const readTimings = async (folder: StudyFolder): Promise<Timings> =>
  ((await readJson(folder, 'timings.json')) as Timings | null) ?? {}

/** Adds this run's seconds to the folder's. */
export const addTimings = async (folder: StudyFolder, timings: Map<string, number>): Promise<void> => {
  if (timings.size === 0) return
  const all: Record<string, number> = { ...(await readTimings(folder)) }
  for (const [stage, seconds] of timings) all[stage] = (all[stage] ?? 0) + seconds
  timings.clear()
  await writeJson(folder, 'timings.json', all)
}
