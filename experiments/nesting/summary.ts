import { GRANULARITIES, type Granularity } from '../../src/generative/gan/granularity.ts'
import { meanInterval } from '../../src/uq/mean.ts'
import { independentName, type NestingConfig } from './config.ts'
import { type Pair, type WidthResult, widthLabel } from './judge.ts'

/** One network of one seed, as it is kept. */
export interface NetworkResult {
  readonly name: string
  readonly seed: number
  readonly widths: readonly WidthResult[]
}

/** Mean over the seeds and half the width of Student's interval of it; NaN with one seed. */
export interface Summary {
  readonly mean: number
  readonly half: number
  readonly seeds: number
}

export const summaryOf = (values: readonly number[], level: number): Summary => {
  if (values.length < 2) return { mean: values[0] ?? Number.NaN, half: Number.NaN, seeds: values.length }
  const { value, interval } = meanInterval(values, level)
  return { mean: value, half: (interval[1] - interval[0]) / 2, seeds: values.length }
}

export type Measure = (width: WidthResult) => number
export const calibratedDistance: Measure = ({ distance }) => distance.calibrated
/** Of the quantities where there are some, else of the modes. */
export const correlation = ({ quantities, modes }: WidthResult): Pair => quantities ?? modes

const widthOf = ({ widths }: NetworkResult, g: Granularity): WidthResult =>
  widths.find(({ granularity }) => granularity === g)!

/** A measure of a nested network's width, per seed. */
export const perSeed = (
  results: readonly NetworkResult[],
  name: string,
  g: Granularity,
  measure: Measure,
): ReadonlyMap<number, number> =>
  new Map(results.filter((r) => r.name === name).map((r) => [r.seed, measure(widthOf(r, g))]))

/** The same of the network of that size that learnt alone. */
export const independentPerSeed = (
  results: readonly NetworkResult[],
  g: Granularity,
  measure: Measure,
): ReadonlyMap<number, number> => perSeed(results, independentName(g), 1, measure)

/** Nested minus independent, seed by seed. */
export const differences = (results: readonly NetworkResult[], name: string, g: Granularity): readonly number[] => {
  const alone = independentPerSeed(results, g, calibratedDistance)
  return [...perSeed(results, name, g, calibratedDistance)].flatMap(([seed, nested]) => {
    const other = alone.get(seed)
    return other === undefined ? [] : [nested - other]
  })
}

export const cell = ({ mean, half, seeds }: Summary, digits: number): string =>
  seeds === 0 ? '' : `${mean.toFixed(digits)}${Number.isNaN(half) ? '' : ` ± ${half.toFixed(digits)}`}`

export const intervalCell = ({ mean, half, seeds }: Summary): string => {
  if (seeds === 0) return ''
  const signed = (x: number): string => `${x >= 0 ? '+' : '−'}${Math.abs(x).toFixed(4)}`
  return Number.isNaN(half) ? signed(mean) : `${signed(mean)} [${signed(mean - half)}, ${signed(mean + half)}]`
}

const table = (first: string, rows: readonly (readonly [string, readonly string[]])[]): string =>
  [
    `| ${first} | ${GRANULARITIES.map(widthLabel).join(' | ')} |`,
    `|---|${GRANULARITIES.map(() => '---').join('|')}|`,
    ...rows.map(([name, cells]) => `| ${name} | ${cells.join(' | ')} |`),
  ].join('\n')

/** The tables of the README. @param floor energy distance of real training pairs */
export const tablesOf = (config: NestingConfig, results: readonly NetworkResult[], floor: number): string => {
  const { level } = config
  const modes = Object.keys(config.modes)
  const cells = (name: string, measure: Measure, digits: number): string[] =>
    GRANULARITIES.map((g) => cell(summaryOf([...perSeed(results, name, g, measure).values()], level), digits))
  const alone = (measure: Measure): string[] =>
    GRANULARITIES.map((g) => cell(summaryOf([...independentPerSeed(results, g, measure).values()], level), 4))
  const of = results.some((r) => r.widths.some((w) => w.quantities)) ? 'quantities of interest' : 'whitened modes'
  return [
    `Energy distance to the validation pairs after calibration (real training pairs: ${floor.toFixed(4)}):`,
    table('training', [
      ...modes.map((name) => [name, cells(name, calibratedDistance, 4)] as const),
      ['independent networks', alone(calibratedDistance)],
    ]),
    'The same before calibration:',
    table('training', [
      ...modes.map((name) => [name, cells(name, ({ distance }) => distance.raw, 4)] as const),
      ['independent networks', alone(({ distance }) => distance.raw)],
    ]),
    'Calibrated energy distance minus that of the independent network of its size, seed by seed, with interval:',
    table(
      'training',
      modes.map((name) => [
        name,
        GRANULARITIES.map((g) => intervalCell(summaryOf(differences(results, name, g), level))),
      ]),
    ),
    `Correlation of the ${of} with the full network's, raw / calibrated:`,
    table(
      'training',
      modes.map((name) => {
        const [raw, calibrated] = (['raw', 'calibrated'] as const).map((kind) =>
          cells(name, (w) => correlation(w)[kind], 3),
        )
        return [name, raw.map((r, i) => `${r} / ${calibrated[i]}`)] as const
      }),
    ),
  ].join('\n\n')
}
