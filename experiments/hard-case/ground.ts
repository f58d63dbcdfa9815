/** The real runs that models learn from and are judged by. */
import { type ConditionalLaw, fitConditionalLaw, standardise, whiten } from '../../src/generative/conditional-law.ts'
import { type Discriminant, fitDiscriminant, scoresOf, widestGap } from '../../src/generative/discriminant.ts'
import { columnDeviations, sampleOf } from '../../src/generative/distances.ts'
import type { TrainingData } from '../../src/generative/training-data.ts'
import { type LoadedTraces, loadTraces } from '../../src/study/dataset.ts'
import { defectSampler } from '../../src/study/defect.ts'
import type { Job } from '../../src/study/job.ts'
import type { LoadSample } from '../../src/study/law.ts'
import { findReduction, saveReduction } from '../../src/study/model-files.ts'
import { reduce } from '../../src/study/reduce.ts'
import { samplesOf } from '../../src/study/replay.ts'
import type { Split } from '../../src/study/schema.ts'
import { trainingDataOf } from '../../src/study/train.ts'
import type { Reduction } from '../../src/trace/reduction.ts'
import type { Comparison } from './setting.ts'

/** A split in reduced coordinates, with what is hidden in each run. */
export interface RealRuns {
  readonly data: TrainingData
  readonly samples: readonly LoadSample[]
  readonly indices: readonly number[]
  readonly cracked: readonly boolean[]
}

/** What is learnt from, and what the judging is made of: all of it from training and validation runs. */
export interface Ground {
  readonly reduction: Reduction
  readonly training: RealRuns
  readonly validation: RealRuns
  readonly law: ConditionalLaw
  /** Tells cracked runs from whole ones by their leading whitened modes given θ. */
  readonly discriminant: Discriminant
  /** Scores between the two modes, where few training runs are. */
  readonly gap: readonly [number, number]
  /** Standard deviation of each mode over the training runs. */
  readonly scale: Float64Array
}

const runsOf = ({ study }: Job, split: Split, loaded: LoadedTraces, reduction: Reduction): RealRuns => {
  const crack = defectSampler(study, split)
  return {
    data: trainingDataOf(study, split, loaded, reduction),
    samples: samplesOf(study, split, loaded),
    indices: loaded.indices,
    cracked: loaded.indices.map((i) => crack(i) !== null),
  }
}

/** Scores of coefficients at their conditions. */
export const scoresAt = (
  { law, discriminant }: Pick<Ground, 'law' | 'discriminant'>,
  { conditions, coefficients, count }: TrainingData,
): Float64Array => scoresOf(discriminant, leadingWhite(law, conditions, coefficients, count, discriminant))

const leadingWhite = (
  law: ConditionalLaw,
  conditions: Float64Array,
  coefficients: Float64Array,
  n: number,
  { direction: { length: width } }: { readonly direction: { readonly length: number } },
) => {
  const white = whiten(law, standardise(law, conditions, coefficients, n), n)
  const rows = new Float64Array(n * width)
  for (let i = 0; i < n; i++) rows.set(white.subarray(i * law.modes, i * law.modes + width), i * width)
  return sampleOf(rows, width)
}

const reducedOnce = async (job: Job, train: LoadedTraces, validation: LoadedTraces): Promise<Reduction> => {
  const found = await findReduction(job.folder)
  if (found !== null) return found.reduction
  const chosen = await reduce(job, train, validation)
  await saveReduction(job.folder, chosen)
  return chosen.reduction
}

export const groundOf = async (job: Job, { discriminantModes, gapShare }: Comparison): Promise<Ground> => {
  const [train, held] = [await loadTraces(job, 'train'), await loadTraces(job, 'validation')]
  const reduction = await reducedOnce(job, train, held)
  const training = runsOf(job, 'train', train, reduction)
  const law = fitConditionalLaw(training.data)
  const { conditions, coefficients, count } = training.data
  const rows = leadingWhite(law, conditions, coefficients, count, { direction: { length: discriminantModes } })
  const discriminant = fitDiscriminant(rows, training.cracked)
  return {
    ...{ reduction, training, validation: runsOf(job, 'validation', held, reduction), law, discriminant },
    gap: widestGap(scoresOf(discriminant, rows), gapShare),
    scale: columnDeviations(sampleOf(coefficients, training.data.modes)),
  }
}

/** The held-out runs. Nothing but the table may open them. */
export const openTest = async (job: Job, reduction: Reduction): Promise<RealRuns> =>
  runsOf(job, 'test', await loadTraces(job, 'test'), reduction)
