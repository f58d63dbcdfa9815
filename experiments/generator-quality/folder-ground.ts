/** Training, validation and held-out runs of a dataset folder. */
import { join } from 'node:path'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { diskFolder } from '../../src/runtime/disk-folder.ts'
import { hashOf } from '../../src/study/canonical.ts'
import { withCanonicalLoad } from '../../src/study/canonical-load.ts'
import { completeSeries } from '../../src/study/chunks.ts'
import { dataset } from '../../src/study/dataset.ts'
import { domainOf } from '../../src/study/domain.ts'
import { setupOf } from '../../src/study/full-domain-task.ts'
import type { Job } from '../../src/study/job.ts'
import { findReduction, saveReduction } from '../../src/study/model-files.ts'
import { type QuantityTable, readTable, tableRows } from '../../src/study/quantity-table.ts'
import { reduce } from '../../src/study/reduce.ts'
import { replaySeries, samplesOf } from '../../src/study/replay.ts'
import { datasetInputs, openStage } from '../../src/study/stage.ts'
import type { TaskRunner } from '../../src/study/task.ts'
import { traceMoments } from '../../src/study/trace-moments.ts'
import { openTraces, type TraceSource } from '../../src/study/trace-source.ts'
import { encodedDataOf } from '../../src/study/train.ts'
import type { Reduction } from '../../src/trace/reduction.ts'
import { submodelQuantities } from '../coefficient-series.ts'
import { hashed } from '../experiment-data.ts'
import type { Ground, Held, HeldSplit } from './held.ts'

export type ThreadedJob = Omit<Job, 'runner'> & { readonly runner: TaskRunner }

interface Learnt {
  readonly job: ThreadedJob
  /** Where the folder is. */
  readonly out: string
  readonly reduction: Reduction
  readonly training: TraceSource
  readonly validation: TraceSource
}

/** @throws InvalidInput when the folder has no dataset, or one of another study */
const checkDataset = async ({ study, meshHash, folder }: ThreadedJob, out: string): Promise<void> => {
  if ((await folder.list('dataset/train/chunks')).length === 0)
    throw InvalidInput.of(
      '--out',
      'a folder made by `nestwave dataset experiments/generator-quality/study.json --out FOLDER`',
      `${out}, which has no dataset`,
    )
  await openStage(folder, 'dataset', datasetInputs(study, meshHash))
}

/** Fitted once per choice of the study, in a folder of its own. */
const reducedOnce = async (
  job: ThreadedJob,
  out: string,
  training: TraceSource,
  validation: TraceSource,
): Promise<Reduction> => {
  const { study, meshHash } = job
  const { train, validation: held } = study.dataset
  const hash = hashOf({ ...datasetInputs(study, meshHash), reduction: study.reduction, train, held })
  const folder = diskFolder(join(out, 'reduction', hash.slice(0, 16)))
  const found = await findReduction(folder)
  if (found !== null) return found.reduction
  const chosen = await reduce({ ...job, folder }, training, validation)
  await saveReduction(folder, chosen)
  return chosen.reduction
}

/** Quantities of real runs under their own loads: the submodel, driven by their whole traces. */
const replayed = async (
  { job, reduction }: Learnt,
  split: 'train' | 'validation',
  source: TraceSource,
): Promise<QuantityTable> => {
  const series = replaySeries(job.study, split, source, `real/${split}`, source.count)
  const setup = { ...setupOf(job), reduction }
  await completeSeries({ ...job, task: 'submodel', setup, series: [series], stage: `submodel runs, real ${split}` })
  return readTable(job.folder, series.path, series.total, job.study.quantities.length)
}

/**
 * Traces of the held-out runs as models make them. Held-out runs have amplitudes and arrivals of their own, and shifting a trace back
 * would lose its end; so the same runs are made again with the canonical pulse.
 */
const canonicalTest = async ({ job, out }: Learnt): Promise<TraceSource> => {
  const study = withCanonicalLoad(job.study)
  const { mesh, spec } = job.domain
  const folder = diskFolder(join(out, 'canonical'))
  const canonical = { ...job, study, folder, domain: domainOf(study, mesh, spec.time) }
  await dataset(canonical, ['test'])
  return openTraces(canonical, 'test')
}

/** Quantities that the full-domain runs themselves recorded. */
const recorded = async ({ job: { folder, study } }: Learnt, { indices }: TraceSource): Promise<QuantityTable> =>
  tableRows(await readTable(folder, 'dataset/test', study.dataset.test, study.quantities.length), indices)

const opened = async (learnt: Learnt, split: HeldSplit): Promise<Held> => {
  const { job, reduction, training, validation } = learnt
  const source = split === 'test' ? await canonicalTest(learnt) : validation
  const held = split === 'test' ? await recorded(learnt, source) : await replayed(learnt, split, source)
  return {
    split,
    runs: await encodedDataOf(job.study, split, source, reduction),
    fields: reduction,
    moments: { training: await traceMoments(training.blocks()), held: await traceMoments(source.blocks()) },
    tables: { training: await replayed(learnt, 'train', training), held },
    quantities: submodelQuantities(job, reduction, samplesOf(job.study, split, source)),
  }
}

/** @throws InvalidInput when the folder has no dataset, or one of another study */
export const folderGround = async (job: ThreadedJob, out: string): Promise<Ground> => {
  const { study, meshHash } = job
  await checkDataset(job, out)
  const [training, validation] = [await openTraces(job, 'train'), await openTraces(job, 'validation')]
  const reduction = await reducedOnce(job, out, training, validation)
  const learnt: Learnt = { job, out, reduction, training, validation }
  return {
    data: hashed({
      training: await encodedDataOf(study, 'train', training, reduction),
      validation: await encodedDataOf(study, 'validation', validation, reduction),
    }),
    hash: hashOf({ study, meshHash }),
    open: (split) => opened(learnt, split),
  }
}
