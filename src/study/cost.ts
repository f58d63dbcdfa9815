import { fitGan } from '../generative/gan/gan-state.ts'
import { isFull } from '../generative/gan/granularity.ts'
import type { TrainingData } from '../generative/training-data.ts'
import { LANES } from '../numeric/kernels/lanes.ts'
import { randomStream } from '../numeric/random.ts'
import { createExecutor } from '../tensor/executor.ts'
import type { Reduction } from '../trace/reduction.ts'
import { traceSize } from '../trace/trace.ts'
import { runFullDomain } from '../wave/full-domain.ts'
import { type Domain, fullDomainOf } from './domain.ts'
import { combinationsOf } from './estimate.ts'
import { factorsOf } from './full-domain-task.ts'
import { generatorOptions } from './generator-options.ts'
import { conditionCount, loadSampler } from './law.ts'
import { JUDGES } from './reduce.ts'
import { MODEL_NAMES, type Study } from './schema.ts'
import { submodelTask, traceGridOf } from './submodel-task.ts'

/** What a stage is expected to take on this machine. */
export interface StageCost {
  readonly stage: string
  /** Runs, or training iterations. */
  readonly count: number
  readonly of: string
  readonly seconds: number
}

export interface Cost {
  readonly workers: number
  readonly stages: readonly StageCost[]
  readonly seconds: number
  /** Bytes on disk of a finished folder. */
  readonly bytes: number
  /** How the numbers came about. */
  readonly basis: string
}

const elapsed = (action: () => unknown): number => {
  const start = performance.now()
  action()
  return (performance.now() - start) / 1000
}

const WARM_UP_STEPS = 40
/** Enough for the timer, s. */
const ENOUGH = 1

/** Seconds of one full-domain run: a batch over its first steps, after a shorter one that warms up. */
const fullDomainSeconds = (study: Study, domain: Domain): number => {
  const { step, steps } = domain.spec.time
  const { keepEvery } = domain.spec
  const frames = (wanted: number): number => Math.min(steps, keepEvery * Math.max(1, Math.ceil(wanted / keepEvery)))
  const sample = loadSampler(study, 'train')
  const batch = (count: number): number => {
    const part = { ...domain, spec: { ...domain.spec, time: { step, steps: count } } }
    const full = fullDomainOf(part)
    const load = Array.from({ length: full.lanes }, (_, lane) => ({ ...sample(lane), arrival: 0 }))
    const modulusFactor = factorsOf({ study, domain: part, full }, 'train', 0, full.lanes)
    return elapsed(() => runFullDomain(full, { count: full.lanes, load, modulusFactor }))
  }
  const warm = frames(WARM_UP_STEPS)
  const timed = frames(Math.max(warm, (warm * ENOUGH) / batch(warm)))
  return ((batch(timed) / timed) * steps) / LANES
}

/** A reduction of the largest size that the study may choose, with modes that mean nothing. */
const standInReduction = (study: Study, domain: Domain): Reduction => {
  const grid = traceGridOf(domain)
  const size = traceSize(grid)
  const modeCount = study.reduction.modes.at(-1)!
  const modes = new Float64Array(modeCount * size).map((_, at) => Math.sin(at) / Math.sqrt(size))
  const singularValues = new Float64Array(modeCount).fill(1)
  return {
    grid,
    modeCount,
    mean: new Float64Array(size),
    modes,
    singularValues,
    totalEnergy: modeCount,
    count: study.dataset.train,
  }
}

/** Seconds of one submodel run, decoding included: the second of two batches. */
const submodelSeconds = (study: Study, domain: Domain): number => {
  const reduction = standInReduction(study, domain)
  const prepared = submodelTask.prepare({ study, mesh: domain.mesh, time: domain.spec.time, reduction })
  const count = prepared.submodel.lanes
  const rank = reduction.modeCount
  const coefficients = new Float64Array(count * rank).map((_, at) => 1e-6 * Math.cos(at))
  const input = {
    path: '',
    start: 0,
    count,
    rank,
    coefficients,
    scale: new Float64Array(count).fill(1),
    arrival: new Float64Array(count),
  }
  const batch = (): number => elapsed(() => submodelTask.run(prepared, input))
  batch()
  return batch() / count
}

/** Normal numbers in the shape of a study's training data. */
const standInData = (study: Study, count: number): TrainingData => {
  const modes = study.reduction.modes[0]
  const p = conditionCount(study)
  const normals = (length: number, purpose: string): Float64Array => {
    const values = new Float64Array(length)
    randomStream(0, `cost/${purpose}`).normalsInto(values, 0)
    return values
  }
  const conditions = normals(count * p, 'conditions').map((x) => Math.tanh(x))
  return { count, conditionCount: p, conditions, modes, coefficients: normals(count * modes, 'coefficients') }
}

const CHECKPOINT = 20
const TIMED = 100

/**
 * Seconds of setting up and of one iteration of training: a short training on normal numbers, timed from its first to its
 * last checkpoint.
 */
const trainingSeconds = async (
  study: Study,
  signal: AbortSignal,
): Promise<{ readonly setUp: number; readonly iteration: number }> => {
  const executor = await createExecutor({ kind: 'auto', threads: 1 })
  const data = standInData(study, study.dataset.train)
  const validation = standInData(study, study.dataset.validation)
  const short = { iterations: CHECKPOINT + TIMED, checkpointEvery: CHECKPOINT, seed: 0 }
  const options = { ...generatorOptions(study), ...short }
  const marks: number[] = []
  const start = performance.now()
  await fitGan(data, validation, executor, options, { signal, onCheckpoint: () => void marks.push(performance.now()) })
  const iteration = (marks.at(-2)! - marks[0]) / 1000 / (TIMED - CHECKPOINT)
  return { setUp: (performance.now() - start) / 1000 - (CHECKPOINT + TIMED) * iteration, iteration }
}

/** Submodel runs after training. */
const estimateRuns = (study: Study): number => {
  const { samples, comparisonSamples } = study.estimate
  const models = MODEL_NAMES.length + combinationsOf(study).filter((g) => !isFull(g)).length
  const replays = study.dataset.validation + Math.min(comparisonSamples, study.dataset.train)
  return models * comparisonSamples + replays + Math.max(0, samples - comparisonSamples)
}

const datasetRuns = ({ dataset: { train, validation, test } }: Study): number => train + validation + test

/** Traces, quantities, modes, the coefficients that four models keep. */
const bytesOf = (study: Study, domain: Domain): number => {
  const size = traceSize(traceGridOf(domain))
  const modes = study.reduction.modes.at(-1)!
  const results = 8 * study.quantities.length
  return (
    datasetRuns(study) * (4 * size + results) +
    8 * modes * (size + 4 * study.dataset.train) +
    estimateRuns(study) * results
  )
}

const BASIS =
  'measured now, one thread: a batch of full-domain runs over their first steps, a batch of submodel runs with the largest number of modes, ' +
  'and a short training on random numbers. Not counted: fitting the reduction and the baselines, judging the models, the report'

/**
 * What each stage of a study would take here, from small measurements.
 * @param domain the study on its mesh
 * @verifiedBy test/cli/inspect.test.ts
 */
export const costOf = async (study: Study, domain: Domain, workers: number, signal: AbortSignal): Promise<Cost> => {
  const full = fullDomainSeconds(study, domain)
  const sub = submodelSeconds(study, domain)
  const training = await trainingSeconds(study, signal)
  const { iterations } = study.generator
  const judged = (1 + study.reduction.modes.length) * Math.min(JUDGES, study.dataset.validation)
  const stages: StageCost[] = [
    {
      stage: 'dataset',
      count: datasetRuns(study),
      of: 'full-domain runs',
      seconds: (datasetRuns(study) * full) / workers,
    },
    { stage: 'train: choice of modes', count: judged, of: 'submodel runs', seconds: (judged * sub) / workers },
    {
      stage: 'train: generator',
      count: iterations,
      of: 'iterations',
      seconds: training.setUp + iterations * training.iteration,
    },
    {
      stage: 'estimate',
      count: estimateRuns(study),
      of: 'submodel runs',
      seconds: (estimateRuns(study) * sub) / workers,
    },
  ]
  return {
    workers,
    stages,
    seconds: stages.reduce((sum, stage) => sum + stage.seconds, 0),
    bytes: bytesOf(study, domain),
    basis: BASIS,
  }
}
