import type { Problem } from '../numeric/errors.ts'
import { InvalidInput } from '../numeric/errors.ts'

export interface TimeSpec {
  /** Δt, s; default: courant × the stable limit. */
  readonly step?: number | undefined
  /** Share of the stable limit taken as step; default .9. */
  readonly courant?: number | undefined
  /** Number of steps; or */
  readonly steps?: number | undefined
  /** Length of the run, s. */
  readonly duration?: number | undefined
}

export interface TimeGrid {
  /** Δt, s */
  readonly step: number
  /** A multiple of keepEvery. */
  readonly steps: number
  readonly keepEvery: number
  /** steps/keepEvery + 1, the first at rest */
  readonly frames: number
}

const COURANT = 0.9

const problemsOf = (
  { step, courant = COURANT, steps, duration }: TimeSpec,
  keepEvery: number,
  limit: number,
): Problem[] => {
  const problems: Problem[] = []
  const check = (ok: boolean, path: string, expected: string, received: unknown): void => {
    if (!ok) problems.push({ path, expected, received: String(received) })
  }
  if (step !== undefined)
    check(step > 0 && step <= limit, 'time.step', `> 0 and ≤ ${limit.toPrecision(4)} s, the stable limit`, `${step} s`)
  check(courant > 0 && courant <= 1, 'time.courant', 'a share of the stable limit in (0, 1]', courant)
  check(
    (steps === undefined) !== (duration === undefined),
    'time',
    "either 'steps' or 'duration'",
    steps === undefined ? 'neither' : 'both',
  )
  check(Number.isInteger(keepEvery) && keepEvery > 0, 'keepEvery', 'an integer > 0', keepEvery)
  if (steps !== undefined) {
    check(Number.isInteger(steps) && steps > 0, 'time.steps', 'an integer > 0', steps)
    check(steps % keepEvery === 0, 'time.steps', `a multiple of keepEvery (${keepEvery})`, steps)
  }
  if (duration !== undefined)
    check(duration > 0 && Number.isFinite(duration), 'time.duration', 'a duration > 0 s', duration)
  return problems
}

/**
 * Settles step and number of steps. A duration is cut into a multiple of keepEvery steps: exactly, where the step is free; with a
 * given step the run ends at or up to keepEvery steps after it.
 * @param limit stable step, s
 * @throws InvalidInput for a step over the limit, and any other contradiction
 */
export const timeGrid = (spec: TimeSpec, keepEvery: number, limit: number): TimeGrid => {
  const problems = problemsOf(spec, keepEvery, limit)
  if (problems.length > 0) throw new InvalidInput(problems)
  const wanted = spec.step ?? (spec.courant ?? COURANT) * limit
  const kept =
    spec.steps === undefined ? Math.ceil(spec.duration! / (wanted * keepEvery) - 1e-9) : spec.steps / keepEvery
  const steps = kept * keepEvery
  const step = spec.step ?? (spec.duration === undefined ? wanted : spec.duration / steps)
  return { step, steps, keepEvery, frames: kept + 1 }
}
