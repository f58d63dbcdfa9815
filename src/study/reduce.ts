import { InvalidInput, type Problem } from '../numeric/errors.ts'
import type { ReductionRow } from '../report/report-data.ts'
import { causalReduction, causalWindow, cutOf } from '../trace/causality.ts'
import { towardsQuantities } from '../trace/goal-oriented.ts'
import { energyFraction, type Reduction, type ReductionOptions, truncateReduction } from '../trace/reduction.ts'
import { earliestArrivals } from './arrival-window.ts'
import { completeSeries } from './chunks.ts'
import { fitTraces } from './fit-traces.ts'
import { setupOf } from './full-domain-task.ts'
import type { Job } from './job.ts'
import { column, type QuantityTable, readTable } from './quantity-table.ts'
import { replaySeries } from './replay.ts'
import type { Study } from './schema.ts'
import { modesAmong, sensitivity } from './sensitivity.ts'
import type { TraceSource } from './trace-source.ts'

export interface ChosenReduction {
  readonly reduction: Reduction
  readonly rows: readonly ReductionRow[]
  /** Whether the chosen number of modes meets the study's tolerance. */
  readonly withinTolerance: boolean
  /** Share of the validation traces' energy that lies before the earliest arrival, where generated traces are held at zero. */
  readonly beforeArrival: number
}

/** Validation traces that judge the candidates. */
export const JUDGES = 128

/**
 * What never moves, or always says the same, has no law to learn and no relative error.
 * @throws InvalidInput naming every such quantity
 * @verifiedBy test/study/reduce.test.ts
 */
export const checkVarying = (quantities: Study['quantities'], real: QuantityTable): void => {
  const problems = quantities.flatMap(({ name }, q): Problem[] => {
    const distinct = new Set(column(real, q).filter(Number.isFinite))
    if (distinct.size > 1) return []
    const received = distinct.size === 0 ? 'no value in any' : `${[...distinct][0]} in all`
    return [
      {
        path: `quantities[${q}]`,
        expected: 'a quantity that varies over the validation runs',
        received: `'${name}', ${received}`,
      },
    ]
  })
  if (problems.length > 0) throw new InvalidInput(problems)
}

/** Mean over quantities of ‖Q_reduced − Q‖₁ / ‖Q‖₁, over the samples that succeeded in both. */
export const relativeError = (real: QuantityTable, reduced: QuantityTable): number => {
  let sum = 0
  for (let q = 0; q < real.quantities; q++) {
    const a = column(real, q)
    const b = column(reduced, q)
    let difference = 0
    let size = 0
    a.forEach((value, n) => {
      if (!Number.isFinite(value) || !Number.isFinite(b[n])) return
      difference += Math.abs(b[n] - value)
      size += Math.abs(value)
    })
    sum += difference / size
  }
  return sum / real.quantities
}

const shareBefore = async (validation: TraceSource, window: Float64Array): Promise<number> => {
  let taken = 0
  let total = 0
  for await (const block of validation.blocks()) {
    const cut = cutOf(block, window)
    taken += cut.taken
    total += cut.total
  }
  return taken / total
}

/** The plain reduction has more modes where others are chosen among them. */
const fitOptions = (study: Study): ReductionOptions => {
  const { norm, modes } = study.reduction
  return norm === 'quantities'
    ? { modes: modesAmong(study), seed: study.seed }
    : { modes: modes.at(-1)!, seed: study.seed, norm }
}

const weighted = async (job: Job, reduction: Reduction, train: TraceSource): Promise<Reduction> => {
  const { norm, modes } = job.study.reduction
  if (norm !== 'quantities') return reduction
  return towardsQuantities(reduction, await sensitivity(job, reduction, train), modes.at(-1)!)
}

const windowOf = ({ study, domain }: Job, { grid }: TraceSource): Float64Array =>
  causalWindow(grid, earliestArrivals(study, domain))

/** POD of training traces in the study's norm, causal, with as many modes as its last candidate has. */
export const largestReduction = async (job: Job, train: TraceSource): Promise<Reduction> =>
  weighted(job, causalReduction(await fitTraces(job, train, fitOptions(job.study)), windowOf(job, train)), train)

/**
 * POD of the training traces, causal, with as many modes as the quantities of interest need: the first candidate whose error on
 * validation traces (reduced, then run through the submodel) is within the tolerance. Energy is no guide to that.
 */
export const reduce = async (job: Job, train: TraceSource, validation: TraceSource): Promise<ChosenReduction> => {
  const { study, folder, runner, progress, signal } = job
  const candidates = study.reduction.modes
  const reduction = await largestReduction(job, train)
  const beforeArrival = await shareBefore(validation, windowOf(job, train))
  const ranks = [...new Set(candidates.map((modes) => Math.min(modes, reduction.modeCount)))]
  if (ranks[0] < study.generator.latent)
    throw InvalidInput.of(
      'generator.latent',
      `at most ${ranks[0]}, the directions that the training traces span`,
      study.generator.latent,
    )
  const series = [
    replaySeries(study, 'validation', validation, 'model/reduction/real', JUDGES),
    ...ranks.map((rank) =>
      replaySeries(study, 'validation', validation, `model/reduction/${rank}-modes`, JUDGES, { reduction, rank }),
    ),
  ]
  const setup = { ...setupOf(job), reduction }
  await completeSeries({ folder, runner, progress, signal, task: 'submodel', setup, series, stage: 'choice of modes' })
  const tables = await Promise.all(series.map((s) => readTable(folder, s.path, s.total, study.quantities.length)))
  checkVarying(study.quantities, tables[0])
  const rows = ranks.map((modes, k) => ({
    modes,
    energy: energyFraction(reduction, modes),
    quantityError: relativeError(tables[0], tables[k + 1]),
  }))
  const chosen = rows.find((row) => row.quantityError <= study.reduction.tolerance)
  const best = chosen ?? rows.reduce((a, b) => (b.quantityError < a.quantityError ? b : a))
  return {
    ...{ reduction: truncateReduction(reduction, best.modes), rows },
    ...{ withinTolerance: chosen !== undefined, beforeArrival },
  }
}
