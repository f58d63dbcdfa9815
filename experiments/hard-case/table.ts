/** Table and figure of the experiment, from the judgements alone. */
import { chart, chartGrid, gridHeight } from '../../src/report/axes.ts'
import { REFERENCE_COLOUR } from '../../src/report/colour.ts'
import { element, figureSvg, linePath, path } from '../../src/report/svg.ts'
import type { ModelName } from '../../src/study/schema.ts'
import { proportionInterval } from '../../src/uq/exceedance.ts'
import { meanInterval } from '../../src/uq/mean.ts'
import { BINS, type Judgement } from './judge.ts'

export interface Row {
  readonly size: number
  readonly model: ModelName
  readonly rounds: readonly Judgement[]
}

export interface RealRow extends Pick<Judgement, 'gapShare' | 'crackedShare' | 'scores'> {
  readonly count: number
}

export interface Results {
  readonly rows: readonly Row[]
  readonly real: RealRow
  readonly gap: readonly [number, number]
  /** Models that the product recommends, round by round. */
  readonly recommended: readonly { readonly size: number; readonly models: readonly ModelName[] }[]
  readonly level: number
}

const cell = (values: readonly number[], level: number, digits: number, factor = 1): string => {
  const { value, interval } = meanInterval(values, level)
  const [v, low, high] = [value, ...interval].map((x) => (factor * x).toFixed(digits))
  return `${v} [${low}, ${high}]`
}

const COLUMNS: readonly (readonly [string, keyof Judgement, number, number])[] = [
  ['energy distance, excess', 'energyExcess', 4, 1],
  ['KS, excess', 'ksExcess', 4, 1],
  ['squared error of the conditional mean, %', 'meanError', 2, 100],
  ['in-between samples, %', 'gapShare', 2, 100],
  ['on the side of the crack, %', 'crackedShare', 1, 100],
]

const realCells = ({ gapShare, crackedShare, count }: RealRow, level: number): string[] =>
  [gapShare, crackedShare].map((share, k) => {
    const { interval } = proportionInterval(Math.round(share * count), count, level)
    const [v, low, high] = [share, ...interval].map((x) => (100 * x).toFixed(2 - k))
    return `${v} [${low}, ${high}]`
  })

const tableOf = ({ rows, real, recommended, level }: Results, size: number): string[] => {
  const counts = recommended.find((r) => r.size === size)!.models
  const times = (model: ModelName): string => `${counts.filter((m) => m === model).length} of ${counts.length}`
  return [
    `| N = ${size} | ${COLUMNS.map(([title]) => title).join(' | ')} | recommended |`,
    `|---|${COLUMNS.map(() => '---|').join('')}---|`,
    `| real runs | 0 | 0 | 0 | ${realCells(real, level).join(' | ')} |  |`,
    ...rows
      .filter((row) => row.size === size)
      .map(({ model, rounds }) => {
        const cells = COLUMNS.map(([, key, digits, factor]) =>
          cell(
            rounds.map((j) => j[key] as number),
            level,
            digits,
            factor,
          ),
        )
        return `| ${model} | ${cells.join(' | ')} | ${times(model)} |`
      }),
  ]
}

/** One table per N, as Markdown. */
export const tablesOf = (results: Results): string => {
  const sizes = [...new Set(results.rows.map(({ size }) => size))]
  return `${sizes.map((size) => tableOf(results, size).join('\n')).join('\n\n')}\n`
}

const GENERATED = '#d55e00'
const WIDTH = 860
const HEIGHT = 110

const density = (counts: readonly number[]): number[] => {
  const total = counts.reduce((a, b) => a + b, 0)
  const width = (BINS.high - BINS.low) / BINS.count
  return counts.map((c) => c / total / width)
}

const summed = (rounds: readonly Judgement[]): number[] =>
  rounds[0].scores.map((_, k) => rounds.reduce((sum, { scores }) => sum + scores[k], 0))

/** Densities of the score: real runs filled, each model's samples over them, the gap shaded. */
export const scoreFigure = ({ rows, real, gap }: Results, size: number): string => {
  const shown = rows.filter((row) => row.size === size)
  const reference = density(real.scores)
  const curves = shown.map(({ rounds }) => density(summed(rounds)))
  const top = 1.08 * Math.max(...reference, ...curves.flat())
  const step = (BINS.high - BINS.low) / BINS.count
  const stairs = (values: readonly number[], x: (v: number) => number, y: (v: number) => number): string => {
    const at = values.flatMap((_, k) => [BINS.low + k * step, BINS.low + (k + 1) * step])
    return linePath([BINS.low, ...at, BINS.high].map(x), [0, ...values.flatMap((v) => [v, v]), 0].map(y))
  }
  const panels = chartGrid(WIDTH, shown.length, 2, HEIGHT).map((box, k) => {
    const c = chart(
      box,
      { label: 'score: −1 whole, +1 cracked', unit: '1', domain: [BINS.low, BINS.high] },
      { label: 'density', unit: '1', domain: [0, top], ticks: 4 },
      `${shown[k].model}, N = ${size}`,
    )
    const band = { x: c.x(gap[0]), y: box.y, width: c.x(gap[1]) - c.x(gap[0]), height: box.height }
    return (
      c.frame +
      c.marks(
        element('rect', { ...band, fill: '#e69f00', 'fill-opacity': 0.25 }),
        path(stairs(reference, c.x, c.y), { fill: REFERENCE_COLOUR, 'fill-opacity': 0.2 }),
        path(stairs(curves[k], c.x, c.y), { stroke: GENERATED, 'stroke-width': 1.6 }),
      )
    )
  })
  const title = `Score of cracked against whole: real runs (grey), generated samples (line), gap (band), N = ${size}`
  return figureSvg(WIDTH, gridHeight(shown.length, 2, HEIGHT), title, ...panels)
}
