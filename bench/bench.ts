import { availableParallelism, cpus } from 'node:os'
import { turnsOf } from './brief.ts'

/** One number that a bench measured. A ratio says how many times faster we are than the reference of the same run. */
export interface Figure {
  readonly key: string
  readonly value: number
  readonly unit: string
}

export interface Outcome {
  readonly figures: readonly Figure[]
  /** What was compared, what was left out. */
  readonly notes: readonly string[]
}

export interface Bench {
  /** One line for the list. */
  readonly about: string
  readonly run: () => Outcome | Promise<Outcome>
}

/** The same shape as the last line of `--json`. */
export interface BenchRecord {
  readonly name: string
  readonly figures: Readonly<Record<string, number>>
  readonly machine: { readonly cpu: string; readonly cores: number; readonly node: string; readonly platform: string }
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
}

/** Seconds of every case in each of `repeats` rounds ({@link turnsOf}), after one that is not counted. */
const secondsInTurns = async <K extends string>(
  cases: Readonly<Record<K, () => unknown>>,
  repeats: number,
): Promise<ReadonlyMap<K, number[]>> => {
  const names = Object.keys(cases) as K[]
  const seconds = new Map(names.map((name) => [name, [] as number[]]))
  for (let round = 0; round <= turnsOf(repeats); round++) {
    for (const name of names) {
      const start = performance.now()
      await cases[name]()
      if (round > 0) seconds.get(name)!.push((performance.now() - start) / 1000)
    }
  }
  return seconds
}

const summary = <K extends string>(
  seconds: ReadonlyMap<K, number[]>,
  of: (values: readonly number[]) => number,
): Record<K, number> =>
  Object.fromEntries([...seconds].map(([name, values]) => [name, of(values)])) as Record<K, number>

/**
 * Median seconds of every case over `repeats` rounds, after one that is not counted. The cases take turns, so that a busy
 * spell of the machine meets all of them.
 */
export const medianSeconds = async <K extends string>(
  cases: Readonly<Record<K, () => unknown>>,
  repeats: number,
): Promise<Record<K, number>> => summary(await secondsInTurns(cases, repeats), median)

/** The same with the shortest turn of each: other work on the machine only ever adds to it. For short turns and many rounds. */
export const shortestSeconds = async <K extends string>(
  cases: Readonly<Record<K, () => unknown>>,
  repeats: number,
): Promise<Record<K, number>> => summary(await secondsInTurns(cases, repeats), (values) => Math.min(...values))

/** A bench whose contestants do not compute the same measures nothing. */
export const mustAgree = (what: string, a: ArrayLike<number>, b: ArrayLike<number>, tolerance: number): string => {
  let [difference, largest] = [0, 0]
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs(a[i] - b[i]))
    largest = Math.max(largest, Math.abs(b[i]))
  }
  if (a.length === b.length && largest > 0 && difference <= tolerance * largest)
    return `${what} agree to ${(difference / largest).toExponential(1)} of the largest value`
  throw new Error(`${what} differ by ${difference} beside ${largest}; allowed ${tolerance} of it`)
}

const shown = (value: number): string => (value >= 1000 ? value.toFixed(0) : value.toPrecision(4))

/** Key, number and unit in columns. */
export const table = ({ figures, notes }: Outcome): string => {
  const width = Math.max(0, ...figures.map(({ key }) => key.length))
  const lines = figures.map(({ key, value, unit }) => `  ${key.padEnd(width)}  ${shown(value).padStart(9)}  ${unit}`)
  return [...lines, ...notes.map((note) => `  ${note}`)].join('\n')
}

export const recordOf = (name: string, figures: readonly Figure[]): BenchRecord => ({
  name,
  figures: Object.fromEntries(figures.map(({ key, value }) => [key, value])),
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
  },
})
