/**
 * Trace models against the number of training runs: `node experiments/training-set-size/run.ts [--publish] [--smoke] [--out DIR]
 * [--workers N] [--study FILE] [--config FILE]`. What is finished is found in DIR (default out/training-set-size) and not computed again.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeWhole } from '../../src/runtime/disk-folder.ts'
import { threadRunner } from '../../src/runtime/threads.ts'
import { hashOf } from '../../src/study/canonical.ts'
import { dataset } from '../../src/study/dataset.ts'
import { writeJson } from '../../src/study/folder.ts'
import type { Job } from '../../src/study/job.ts'
import { datasetInputs, modelInputs } from '../../src/study/stage.ts'
import { serialRunner } from '../../src/study/task.ts'
import { TASKS } from '../../src/study/tasks.ts'
import { executorOf } from '../../src/study/train.ts'
import { checkCanonical } from '../canonical-load.ts'
import { openJob, smallStudy } from '../open-job.ts'
import { publishTable, standAlone } from '../publish.ts'
import { checkSizes, partsOf, readConfig, type SizeConfig, SMOKE, smokeConfig } from './config.ts'
import { sizeFigure } from './figure.ts'
import { floorOf, type Ground, groundOf } from './ground.ts'
import { judgePart, type PartResult } from './judge.ts'
import { type Results, tablesOf } from './table.ts'

const HERE = import.meta.dirname
const STUDY = join(HERE, 'study.json')
const CONFIG = join(HERE, 'config.json')

/** Everything that a judgement depends on: other settings find nothing of these. */
const openGround = async (job: Job, config: SizeConfig): Promise<Ground> => {
  checkCanonical(job.study)
  checkSizes(config, job.study)
  await dataset(job)
  const executor = await executorOf(job)
  const { validationShare, submodelRuns, resamples } = config
  const inputs = modelInputs(job.study, datasetInputs(job.study, job.meshHash), executor.name)
  const settings = { ...inputs, test: job.study.dataset.test, validationShare, submodelRuns, resamples }
  return groundOf({ job, config, executor, root: `sizes-${hashOf(settings).slice(0, 12)}` })
}

const present = async ({ job, root }: Ground, results: Results, publish: boolean): Promise<string> => {
  const tables = tablesOf(results)
  const figure = standAlone(sizeFigure(results))
  await writeJson(job.folder, `${root}/results.json`, results)
  await job.folder.write('tables.md', tables)
  await job.folder.write('training-set-size.svg', figure)
  if (publish) {
    await publishTable(join(HERE, 'README.md'), `${tables}\n![Error against training runs](training-set-size.svg)`)
    await writeWhole(join(HERE, 'training-set-size.svg'), figure)
  }
  return tables
}

/** @param told is given the name of each judgement that is made in this run */
const experiment = async (job: Job, config: SizeConfig, publish: boolean, told: (made: string) => void) => {
  const ground = await openGround(job, config)
  const floor = floorOf(ground)
  const parts: PartResult[] = []
  for (const part of partsOf(config)) parts.push(await judgePart(ground, part, told))
  return present(ground, { parts, floor }, publish)
}

/** In this thread: starting others takes longer than all there is to do. */
const smoke = async (): Promise<void> => {
  const out = await mkdtemp(join(tmpdir(), 'training-set-size-'))
  const config = smokeConfig(readConfig(CONFIG))
  const { job, release } = await openJob(smallStudy(STUDY, out, SMOKE.study), out, serialRunner(TASKS))
  try {
    const made: string[] = []
    const tables = await experiment(job, config, false, (one) => made.push(one))
    const first = made.length
    const again = await experiment(job, config, false, (one) => made.push(one))
    if (first !== config.models.length * partsOf(config).length) throw new Error(`made only ${made.join(', ')}`)
    if (again !== tables || made.length !== first) throw new Error('the second run made something again')
    process.stdout.write(tables)
  } finally {
    await release()
    await rm(out, { recursive: true })
  }
}

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    publish: { type: 'boolean', default: false },
    study: { type: 'string', default: STUDY },
    config: { type: 'string', default: CONFIG },
    out: { type: 'string', default: 'out/training-set-size' },
    workers: { type: 'string' },
  },
})

const whole = async (): Promise<void> => {
  const runner = threadRunner(values.workers ? Number(values.workers) : undefined)
  const { job, release } = await openJob(values.study, resolve(values.out), runner)
  const told = (made: string): void => job.progress.note(made)
  try {
    process.stdout.write(await experiment(job, readConfig(values.config), values.publish, told))
  } finally {
    await release()
  }
}

await (values.smoke ? smoke() : whole())
