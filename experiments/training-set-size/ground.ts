/** What all training sets share: the real runs, one reduction and one whitening that everything is measured in, and the floors. */
import { type ConditionalLaw, fitConditionalLaw } from '../../src/generative/conditional-law.ts'
import { excessEnergyDistance } from '../../src/generative/excess-energy.ts'
import { whitened } from '../../src/generative/joint-rows.ts'
import { selectPairs, type TrainingData } from '../../src/generative/training-data.ts'
import { pack, unpack } from '../../src/numeric/container.ts'
import { conditionalMeanError, type RunsAt } from '../../src/study/conditional-mean.ts'
import type { StudyFolder } from '../../src/study/folder.ts'
import type { Job } from '../../src/study/job.ts'
import type { LoadSample } from '../../src/study/law.ts'
import { average, ksByQuantity, type QuantityTable, readTable, tableRows } from '../../src/study/quantity-table.ts'
import { largestReduction } from '../../src/study/reduce.ts'
import { samplesOf } from '../../src/study/replay.ts'
import type { Split } from '../../src/study/schema.ts'
import { openTraces, splitPath, type TraceSource } from '../../src/study/trace-source.ts'
import { encodedDataOf } from '../../src/study/train.ts'
import type { TensorExecutor } from '../../src/tensor/executor.ts'
import type { Reduction } from '../../src/trace/reduction.ts'
import type { Part, SizeConfig } from './config.ts'

/** Good runs of a split: traces on disk, θ and quantities in memory. */
export interface RealRuns {
  readonly source: TraceSource
  readonly samples: readonly LoadSample[]
  readonly table: QuantityTable
}

export interface Ground {
  readonly job: Job
  readonly config: SizeConfig
  readonly executor: TensorExecutor
  /** Folder of everything that was computed with these settings. */
  readonly root: string
  readonly train: RealRuns
  readonly validation: RealRuns
  readonly test: RealRuns
  /** Of all training runs. */
  readonly reference: Reduction
  /** The law of all training runs: the units of the energy distance. */
  readonly law: ConditionalLaw
  /** Test runs in the reference, whitened. */
  readonly white: TrainingData
}

/** The three numbers of one table of the README, for a model or for real runs. */
export interface Numbers {
  /** KS distance of the quantities to those of the test runs, mean over the quantities. */
  readonly ks: number
  /** Error of E[Q | θ]; null where θ does not vary. */
  readonly meanError: number | null
  /** Energy distance of all whitened (w, θ), unbiased: zero for equal laws. */
  readonly energy: number
}

const within = (folder: StudyFolder, path: string): StudyFolder => ({
  read: (file) => folder.read(`${path}/${file}`),
  write: (file, bytes) => folder.write(`${path}/${file}`, bytes),
  list: (file) => folder.list(`${path}/${file}`),
  remove: (file) => folder.remove(`${path}/${file}`),
})

/** A job that keeps what it makes in a folder inside that of another. */
export const jobWithin = (job: Job, path: string): Job => ({ ...job, folder: within(job.folder, path) })

export const runsOf = async (job: Job, split: Split): Promise<RealRuns> => {
  const { study, folder } = job
  const source = await openTraces(job, split)
  const all = await readTable(folder, splitPath(split), study.dataset[split], study.quantities.length)
  return { source, samples: samplesOf(study, split, source), table: tableRows(all, source.indices) }
}

const REFERENCE = 'reference.bin'

/** Of all training runs; from the folder where it is there. */
export const referenceOf = async (job: Job, root: string, train: RealRuns): Promise<Reduction> => {
  const { folder } = job
  const found = await folder.read(`${root}/${REFERENCE}`)
  if (found !== null) return unpack(found, REFERENCE) as Reduction
  const reference = await largestReduction(jobWithin(job, `${root}/reference`), train.source)
  await folder.write(`${root}/${REFERENCE}`, pack(reference))
  return reference
}

/** Reference, law and test runs in them. */
export const groundOf = async (opened: Pick<Ground, 'job' | 'config' | 'executor' | 'root'>): Promise<Ground> => {
  const { job, root } = opened
  const [train, validation, test] = [
    await runsOf(job, 'train'),
    await runsOf(job, 'validation'),
    await runsOf(job, 'test'),
  ]
  const reference = await referenceOf(job, root, train)
  const law = fitConditionalLaw(await encodedDataOf(job.study, 'train', train.source, reference))
  const white = whitened(law, await encodedDataOf(job.study, 'test', test.source, reference))
  return { ...opened, train, validation, test, reference, law, white }
}

const from = (start: number, count: number): number[] => Array.from({ length: count }, (_, k) => start + k)

/** Samples from `start` on, with the θ they were made at. */
const someRuns = ({ table, samples }: RunsAt, start: number, count: number): RunsAt => ({
  table: tableRows(table, from(start, count)),
  samples: samples.slice(start, start + count),
})

/** Test runs at whose θ the models are run: the first ones. */
export const judgedRuns = ({ config, test }: Ground): RunsAt => someRuns(test, 0, config.submodelRuns)

/** Against the other test runs: what a model has at the θ of the first ones beside what real runs have there. */
export const quantityNumbers = (ground: Ground, made: RunsAt): Pick<Numbers, 'ks' | 'meanError'> => {
  const { job, test, config } = ground
  const others = someRuns(test, config.submodelRuns, test.table.count - config.submodelRuns)
  return {
    ks: average(ksByQuantity(made.table, others.table)),
    meanError: conditionalMeanError(job.study, made, others)?.value ?? null,
  }
}

/** The two halves of the test runs against each other. */
const energyFloor = ({ white, config: { resamples } }: Ground): number => {
  const half = Math.floor(white.count / 2)
  const [a, b] = [0, half].map((start) => selectPairs(white, from(start, half)))
  return excessEnergyDistance(a, b, undefined, { resamples }).excess
}

/** Real runs in the place of a model's, at the same θ. */
export const floorOf = (ground: Ground): Numbers => ({
  ...quantityNumbers(ground, judgedRuns(ground)),
  energy: energyFloor(ground),
})

export const partName = ({ size, replicate }: Part): string => `${size}-${replicate}`
