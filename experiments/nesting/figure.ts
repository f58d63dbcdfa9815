import { GRANULARITIES } from '../../src/generative/gan/granularity.ts'
import { TRAINING_MODES, type TrainingMode } from '../../src/generative/gan/training-options.ts'
import { type Axis, acrossLine, type Box, chart, chartGrid, dot, gridHeight } from '../../src/report/axes.ts'
import { modelStyles, REFERENCE_COLOUR } from '../../src/report/colour.ts'
import type { LegendEntry } from '../../src/report/legend.ts'
import { linePath, path } from '../../src/report/svg.ts'
import { extent, padded } from '../../src/report/ticks.ts'
import { figureWithKey } from '../figure-with-key.ts'
import type { NestingConfig } from './config.ts'
import {
  calibratedDistance,
  correlation,
  independentPerSeed,
  type NetworkResult,
  perSeed,
  type Summary,
  summaryOf,
} from './summary.ts'

const WIDTH = 1000
const HEIGHT = 210
/** Series stand a little beside one another, so that their bars do not cover each other. */
const DODGE = 1.06

/** What is special about a training, by its name. */
const variantOf = (name: string): string => name.split(', ')[1] ?? 'shared critic'

interface Series {
  readonly name: string
  readonly colour: string
  readonly dash: string
  readonly values: readonly Summary[]
}

const low = ({ mean, half }: Summary): number => mean - (Number.isNaN(half) ? 0 : half)
const high = ({ mean, half }: Summary): number => mean + (Number.isNaN(half) ? 0 : half)

const panel = (title: string, series: readonly Series[], yAxis: Axis, box: Box, floor?: number): string => {
  const xAxis: Axis = { label: 'granularity', unit: '1', domain: [0.1, 1.25], log: true }
  const c = chart(box, xAxis, yAxis, title)
  const drawn = series.map(({ colour, dash, values }, at) => {
    const xs = GRANULARITIES.map((g) => c.x(g * DODGE ** (at - (series.length - 1) / 2)))
    const bars = values.map((v, i) => path(linePath([xs[i], xs[i]], [c.y(low(v)), c.y(high(v))]), { stroke: colour }))
    const line = path(
      linePath(
        xs,
        values.map((v) => c.y(v.mean)),
      ),
      { stroke: colour, 'stroke-width': 1.4, 'stroke-dasharray': dash || undefined },
    )
    return [...bars, line, ...values.map((v, i) => dot(xs[i], c.y(v.mean), 3.5, colour))].join('')
  })
  return c.frame + c.marks(floor === undefined ? '' : acrossLine(c, floor, REFERENCE_COLOUR), ...drawn)
}

const rangeOf = (series: readonly (readonly Series[])[], extra: readonly number[]): readonly [number, number] =>
  extent([...series.flat().flatMap(({ values }) => values.flatMap((v) => [low(v), high(v)])), ...extra]) ?? [0, 1]

/** A column per training mode: calibrated distance above, calibrated correlation with the full network below; bars are intervals over seeds. */
export const nestingFigure = (config: NestingConfig, results: readonly NetworkResult[], floor: number): string => {
  const modeOf = (name: string): TrainingMode => config.modes[name].mode ?? 'distillation'
  const columns = TRAINING_MODES.map((mode) => ({
    mode,
    names: Object.keys(config.modes).filter((name) => modeOf(name) === mode),
  })).filter(({ names }) => names.length > 0)
  /** The same colour for the same variant in every column. */
  const styles = modelStyles([...new Set(Object.keys(config.modes).map(variantOf))], variantOf(columns[0].names[0]))
  const { level } = config
  const alone: Series = {
    ...{ name: 'independent networks', colour: REFERENCE_COLOUR, dash: '2 3' },
    values: GRANULARITIES.map((g) =>
      summaryOf([...independentPerSeed(results, g, calibratedDistance).values()], level),
    ),
  }
  const seriesOf = (names: readonly string[], measure: Parameters<typeof perSeed>[3]): Series[] =>
    names.map((name) => ({
      ...styles.get(variantOf(name))!,
      name,
      values: GRANULARITIES.map((g) => summaryOf([...perSeed(results, name, g, measure).values()], level)),
    }))
  const distances = columns.map(({ names }) => [...seriesOf(names, calibratedDistance), alone])
  const correlations = columns.map(({ names }) => seriesOf(names, (w) => correlation(w).calibrated))
  const boxes = chartGrid(WIDTH, 2 * columns.length, columns.length, HEIGHT)
  const yDistance: Axis = { label: 'energy distance', unit: '1', domain: padded(rangeOf(distances, [floor]), 0.08) }
  const yCorrelation: Axis = {
    ...{ label: 'correlation with full width', unit: '1', domain: padded(rangeOf(correlations, [1]), 0.05) },
  }
  const bottom = gridHeight(2 * columns.length, columns.length, HEIGHT)
  const entries: readonly LegendEntry[] = [
    ...[...styles.values()].map(({ name, colour, dash }) => ({ label: name, colour, dash, mark: 'line' as const })),
    { label: alone.name, colour: alone.colour, dash: alone.dash, mark: 'line' },
    { label: 'real training pairs', colour: REFERENCE_COLOUR, dash: '5 3', mark: 'line' },
  ]
  return figureWithKey(WIDTH, bottom, 'Training modes: distance and correlation of each granularity', entries, [
    ...columns.map(({ mode }, i) => panel(mode, distances[i], yDistance, boxes[i], floor)),
    ...columns.map(({ mode }, i) => panel(mode, correlations[i], yCorrelation, boxes[columns.length + i])),
  ])
}
