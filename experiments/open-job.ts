/** The job of an experiment that makes its own runs: its folder holds everything that was computed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { cliProgress } from '../src/cli/progress.ts'
import { diskFolder, sweepFolder } from '../src/runtime/disk-folder.ts'
import { lockFolder } from '../src/runtime/lock.ts'
import { loadStudy } from '../src/runtime/study-file.ts'
import { checkOnMesh } from '../src/study/check.ts'
import type { Job } from '../src/study/job.ts'
import type { TaskRunner } from '../src/study/task.ts'

/** A study file with other values, written beside the results: the same structure in no time. */
export const smallStudy = (committed: string, out: string, changes: Readonly<Record<string, unknown>>): string => {
  const study = JSON.parse(readFileSync(committed, 'utf8')) as { readonly domain: { readonly mesh: string } }
  const mesh = resolve(dirname(committed), study.domain.mesh)
  const file = join(out, 'smoke.json')
  mkdirSync(out, { recursive: true })
  writeFileSync(file, JSON.stringify({ ...study, domain: { ...study.domain, mesh }, ...changes }, null, 2))
  return file
}

/** Opens the folder of an experiment, as the command line does. */
export const openJob = async (
  studyFile: string,
  out: string,
  runner: TaskRunner,
): Promise<{ readonly job: Job; readonly release: () => Promise<void> }> => {
  const { study, mesh, meshHash } = await loadStudy(studyFile)
  const domain = checkOnMesh(study, mesh)
  const release = await lockFolder(out)
  await sweepFolder(out)
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  const job: Job = {
    ...{ study, meshHash, domain, folder: diskFolder(out), runner, signal: controller.signal },
    ...{ progress: cliProgress({ quiet: false, json: false }), timings: async () => ({}) },
  }
  return { job, release }
}
