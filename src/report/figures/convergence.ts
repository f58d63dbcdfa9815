import { acrossLine, type Box, chart, MARGIN } from '../axes.ts'
import { REFERENCE_COLOUR } from '../colour.ts'
import { legendFigure } from '../legend.ts'
import type { EstimateRow, QuantityPanel } from '../report-data.ts'
import { areaPath, element, emptyFigure, figureSvg, linePath, path } from '../svg.ts'
import { extent, padded } from '../ticks.ts'

const WIDTH = 430
const HEIGHT = 104
const BOX: Box = { x: MARGIN.left, y: MARGIN.top, width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT }
const MODEL = '#0072b2'

/** Earlier intervals are so wide that the rest would look flat. */
const SHOWN_FROM = 30

const meanOf = (rows: readonly EstimateRow[], qoi: string): EstimateRow | undefined =>
  rows.find((r) => r.qoi === qoi && r.statistic === 'mean')

const shownPoints = ({ convergence }: QuantityPanel): QuantityPanel['convergence'] => {
  const late = convergence.filter((c) => c.n >= SHOWN_FROM)
  return late.length > 1 ? late : convergence
}

const band = (c: ReturnType<typeof chart>, [low, high]: readonly [number, number]): string =>
  Number.isFinite(low) && Number.isFinite(high)
    ? element('rect', {
        x: BOX.x,
        y: c.y(high),
        width: BOX.width,
        height: Math.max(c.y(low) - c.y(high), 0),
        fill: REFERENCE_COLOUR,
        'fill-opacity': 0.14,
      })
    : ''

/** Running mean of one quantity by the estimated model with its interval, beside the reference's mean and interval. */
export const convergenceFigure = (quantity: QuantityPanel, references: readonly EstimateRow[]): string => {
  const title = `Convergence of the mean: ${quantity.label}`
  const points = shownPoints(quantity)
  const reference = meanOf(references, quantity.name)
  const known = reference === undefined ? [] : [reference.value, ...reference.interval]
  const range = extent([...points.flatMap((p) => [p.low, p.high]), ...known])
  const span = extent(points.map((p) => p.n))
  if (range === undefined || span === undefined) return emptyFigure(title)
  const c = chart(
    BOX,
    { label: 'samples', unit: '1', domain: [span[0], Math.max(span[1], span[0] + 1)], log: true },
    { label: 'mean', unit: quantity.unit, domain: padded(range, 0.06), ticks: 4 },
    quantity.label,
  )
  const xs = points.map((p) => c.x(p.n))
  const at = (key: 'mean' | 'low' | 'high'): number[] => points.map((p) => c.y(p[key]))
  const marks = c.marks(
    reference === undefined ? '' : band(c, reference.interval),
    path(areaPath(xs, at('low'), at('high')), { fill: MODEL, 'fill-opacity': 0.2 }),
    reference === undefined || !Number.isFinite(reference.value)
      ? ''
      : acrossLine(c, reference.value, REFERENCE_COLOUR),
    path(linePath(xs, at('mean')), { stroke: MODEL, 'stroke-width': 2 }),
  )
  return figureSvg(WIDTH, BOX.y + HEIGHT + MARGIN.bottom, title, c.frame, marks)
}

export const convergenceLegend = (model: string): string =>
  legendFigure(
    [
      { label: `running mean, ${model}`, colour: MODEL, mark: 'line' },
      { label: 'its interval', colour: MODEL, mark: 'band', opacity: 0.2 },
      { label: 'full-domain reference', colour: REFERENCE_COLOUR, mark: 'line', dash: '5 3' },
      { label: 'its interval', colour: REFERENCE_COLOUR, mark: 'band', opacity: 0.14 },
    ],
    2 * WIDTH,
  )
