import { NumericalFailure } from '../../numeric/errors.ts'
import type { TensorExecutor } from '../../tensor/executor.ts'
import {
  checkCheckpoint,
  copyCheckpoint,
  type GanCheckpoint,
  initialCheckpoint,
  type TrainingRecord,
} from './checkpoint.ts'
import { trainingDraws } from './draws.ts'
import { evaluator } from './evaluator.ts'
import { stepRunner } from './step-runner.ts'
import type { GanOptions } from './training-options.ts'
import type { WhiteData } from './white-data.ts'

/** One evaluation, with wall-clock times (no part of the checkpoint: they never repeat). */
export interface TrainingProgress extends Required<TrainingRecord> {
  readonly iterations: number
  /** Since this call began. */
  readonly seconds: number
  /** To the end, at the pace of this call. */
  readonly secondsLeft: number
}

export interface TrainingHooks {
  readonly onProgress?: (progress: TrainingProgress) => void
  /** Called after every iteration. */
  readonly onIteration?: () => void
  /** Called every `checkpointEvery` iterations, and when `checkpointSeconds` have passed since the last, with a copy; awaited. */
  readonly onCheckpoint?: (checkpoint: GanCheckpoint) => void | Promise<void>
  /** No number depends on when checkpoints are made; not given: by iterations only. */
  readonly checkpointSeconds?: number
  readonly signal?: AbortSignal
  /** Goes on from here; ends with the bits of an undisturbed run. */
  readonly resume?: GanCheckpoint
}

/** average ← d·average + (1 − d)·weights, with a shorter memory at the start. */
const averageInto = (average: Float32Array, weights: Float32Array, decay: number, iteration: number): void => {
  const d = Math.min(decay, (1 + iteration) / (10 + iteration))
  for (let i = 0; i < average.length; i++) average[i] += (1 - d) * (weights[i] - average[i])
}

/**
 * Trains the conditional WGAN-GP. Judged every `evaluateEvery` iterations on the validation data with the averaged
 * weights; the best of them are kept in `best`.
 * @throws the signal's reason when cancelled; NumericalFailure when the weights leave the finite numbers
 * @verifiedBy test/generative/gan-training.test.ts (resumed and undisturbed runs agree to the last bit)
 */
export const trainGan = async (
  executor: TensorExecutor,
  options: GanOptions,
  training: WhiteData,
  validation: WhiteData,
  hooks: TrainingHooks = {},
): Promise<GanCheckpoint> => {
  const draws = trainingDraws(options.seed)
  const start = hooks.resume ? checkCheckpoint(hooks.resume, options) : initialCheckpoint(options)
  const { average } = start
  let { best } = start
  const history = [...start.history]
  const runner = await stepRunner(executor, options, training, draws, start)
  const { generator, critic } = runner.states
  const judge = await evaluator(executor, options, training, validation, draws)
  const began = performance.now()
  const judgeNow = async (iteration: number): Promise<void> => {
    if (!average.every(Number.isFinite))
      throw new NumericalFailure(
        'non-finite',
        `weights of the generator at iteration ${iteration}: its training diverged`,
      )
    const record = { iteration, ...runner.losses(), ...(await judge.evaluate(average, critic.weights)) }
    history.push(record)
    if (record.validationDistance < best.distance)
      best = { iteration, distance: record.validationDistance, weights: average.slice() }
    const seconds = (performance.now() - began) / 1000
    const secondsLeft = (seconds * (options.iterations - iteration)) / (iteration - start.iteration)
    hooks.onProgress?.({ ...record, iterations: options.iterations, seconds, secondsLeft })
  }
  const state = (iteration: number): GanCheckpoint =>
    copyCheckpoint({ iteration, generator, critic, average, best, history })
  let saved = began
  const checkpointIfDue = async (iteration: number): Promise<void> => {
    const overdue = performance.now() - saved >= 1000 * (hooks.checkpointSeconds ?? Number.POSITIVE_INFINITY)
    if (iteration % options.checkpointEvery !== 0 && !overdue) return
    await hooks.onCheckpoint?.(state(iteration))
    saved = performance.now()
  }
  try {
    for (let iteration = start.iteration; iteration < options.iterations; iteration++) {
      hooks.signal?.throwIfAborted()
      for (let step = 0; step < options.criticSteps; step++) await runner.criticStep(iteration, step)
      await runner.generatorStep(iteration)
      averageInto(average, generator.weights, options.averaging, iteration)
      const done = iteration + 1
      if (done % options.evaluateEvery === 0 || done === options.iterations) await judgeNow(done)
      hooks.onIteration?.()
      await checkpointIfDue(done)
    }
    return state(options.iterations)
  } finally {
    await Promise.all([runner.release(), judge.release()])
  }
}
