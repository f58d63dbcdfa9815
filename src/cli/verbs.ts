import { join, parse, resolve } from 'node:path'
import { InvalidInput } from '../numeric/errors.ts'
import { diskFolder, sweepFolder } from '../runtime/disk-folder.ts'
import { lockFolder } from '../runtime/lock.ts'
import { loadStudy } from '../runtime/study-file.ts'
import { threadRunner } from '../runtime/threads.ts'
import { checkOnMesh } from '../study/check.ts'
import { dataset } from '../study/dataset.ts'
import { estimate } from '../study/estimate.ts'
import { writeJson } from '../study/folder.ts'
import type { Job } from '../study/job.ts'
import { timed } from '../study/progress.ts'
import type { ReportJson } from '../study/report-json.ts'
import { studyJsonSchema } from '../study/schema.ts'
import { simulate } from '../study/simulate.ts'
import { addTimings, readTimings, type Timings } from '../study/timings.ts'
import { train } from '../study/train.ts'
import { fetchJob } from './fetch.ts'
import { inspect } from './inspect.ts'
import { cancel, jobs, resume, watch } from './jobs.ts'
import { model } from './model.ts'
import type { Options } from './options.ts'
import { cliProgress, duration } from './progress.ts'
import { sample } from './sample.ts'
import { submit } from './submit.ts'
import { headlines } from './summary.ts'

export type Verb = (options: Options, signal: AbortSignal) => Promise<void>

export const DEMO_STUDY = resolve(import.meta.dirname, '../../experiments/plate-with-hole/study.json')

const theStudy = (options: Options): string => {
  const [path, ...more] = options.positionals
  if (path === undefined) throw InvalidInput.of('study file', 'the path of a study file', 'nothing')
  if (more.length > 0) throw InvalidInput.of('study file', 'one study file', options.positionals.join(' '))
  return path
}

const outOf = (options: Options, studyPath: string): string => {
  const { name, dir } = parse(resolve(studyPath))
  return options.out ?? join('out', name === 'study' ? parse(dir).name : name)
}

/**
 * Loads the study, checks it, locks the folder, runs the recipes, keeps the timings. A folder's study.json is replaced once the
 * recipes have accepted the study: a refused one must not stand beside another study's results.
 */
const withJob = async (
  options: Options,
  signal: AbortSignal,
  studyPath: string,
  recipes: (job: Job, out: string) => Promise<void>,
): Promise<void> => {
  const out = outOf(options, studyPath)
  const { study, mesh, meshHash } = await loadStudy(studyPath)
  const domain = checkOnMesh(study, mesh)
  const release = await lockFolder(out)
  const timings = new Map<string, number>()
  const folder = diskFolder(out)
  const progress = timed(cliProgress(options), timings)
  const settle = async (): Promise<Timings> => {
    await addTimings(folder, timings)
    return readTimings(folder)
  }
  const keepStudy = (): Promise<void> => writeJson(folder, 'study.json', study)
  try {
    await sweepFolder(out)
    if ((await folder.read('study.json')) === null) await keepStudy()
    await recipes(
      { study, domain, meshHash, folder, runner: threadRunner(options.workers), progress, signal, timings: settle },
      out,
    )
    await keepStudy()
  } catch (error) {
    throw asFlag(error)
  } finally {
    await addTimings(folder, timings).finally(release)
  }
}

/** What recipes call by its own name is a flag here. */
const asFlag = (error: unknown): unknown =>
  error instanceof InvalidInput
    ? new InvalidInput(error.problems.map((p) => (p.path === 'executor.kind' ? { ...p, path: '--executor' } : p)))
    : error

const tellReport = (options: Options, out: string, report: ReportJson): void => {
  if (options.json) process.stdout.write(`${JSON.stringify({ event: 'report', folder: out, report })}\n`)
  else if (!options.quiet) process.stdout.write(`${headlines(report)}\nreport: ${join(out, 'report.html')}\n`)
}

const wholeJob = async (options: Options, signal: AbortSignal, studyPath: string): Promise<void> => {
  const start = performance.now()
  await withJob(options, signal, studyPath, async (job, out) => {
    await dataset(job)
    await train(job, options.executor)
    tellReport(options, out, await estimate(job))
  })
  if (!options.quiet && !options.json) process.stdout.write(`done in ${duration((performance.now() - start) / 1000)}\n`)
}

/** What the command line can do: parse, call a recipe, present. */
export const VERBS: Readonly<Record<string, Verb>> = {
  demo: (options, signal) => {
    if (options.positionals.length > 0)
      throw InvalidInput.of('demo', 'no study file (demo has its own)', options.positionals[0])
    return wholeJob({ ...options, out: options.out ?? 'out/demo' }, signal, DEMO_STUDY)
  },
  run: (options, signal) => wholeJob(options, signal, theStudy(options)),
  dataset: (options, signal) => withJob(options, signal, theStudy(options), (job) => dataset(job)),
  train: (options, signal) => withJob(options, signal, theStudy(options), (job) => train(job, options.executor)),
  estimate: (options, signal) =>
    withJob(options, signal, theStudy(options), async (job, out) => tellReport(options, out, await estimate(job))),
  simulate: (options, signal) => withJob(options, signal, theStudy(options), (job) => simulate(job, options.sample)),
  sample,
  inspect: (options, signal) => inspect(options, signal),
  model: (options) => model(options),
  schema: async () => {
    process.stdout.write(`${JSON.stringify(studyJsonSchema(), null, 2)}\n`)
  },
  submit,
  watch,
  fetch: fetchJob,
  cancel,
  resume,
  jobs,
}
