import { acrossLine, chart, chartGrid, columnsFor, gridHeight, MARGIN } from '../axes.ts'
import { REFERENCE_COLOUR } from '../colour.ts'
import { legend } from '../legend.ts'
import type { EstimateRow, QuantityPanel } from '../report-data.ts'
import { areaPath, element, emptyFigure, figureSvg, linePath, path } from '../svg.ts'
import { extent, padded } from '../ticks.ts'

const WIDTH = 860
const HEIGHT = 200
const MODEL = '#0072b2'

const meanOf = (rows: readonly EstimateRow[], qoi: string): EstimateRow | undefined =>
  rows.find((r) => r.qoi === qoi && r.statistic === 'mean')

type Drawn = { readonly quantity: QuantityPanel; readonly reference: EstimateRow | undefined }

/** Early intervals are wide; the axis shows them from this n on in full, and cuts the earlier ones. */
const SHOWN_FROM = 30

const valuesShown = ({ quantity, reference }: Drawn): number[] => [
  ...quantity.convergence
    .filter((c) => c.n >= Math.min(SHOWN_FROM, quantity.convergence.at(-1)!.n))
    .flatMap((c) => [c.low, c.high]),
  ...(reference === undefined ? [] : [reference.value, ...reference.interval]),
]

const panel = (drawn: Drawn, box: ReturnType<typeof chartGrid>[number]): string => {
  const { quantity, reference } = drawn
  const { convergence } = quantity
  const range = extent(valuesShown(drawn))
  if (range === undefined) return ''
  const span: readonly [number, number] = [convergence[0].n, Math.max(convergence.at(-1)!.n, convergence[0].n + 1)]
  const c = chart(
    box,
    { label: 'samples', unit: '1', domain: span, log: true },
    { label: 'mean', unit: quantity.unit, domain: padded(range, 0.08) },
    quantity.label,
  )
  const xs = convergence.map((p) => c.x(p.n))
  const at = (key: 'mean' | 'low' | 'high'): number[] => convergence.map((p) => c.y(p[key]))
  const band =
    reference === undefined
      ? ''
      : element('rect', {
          x: box.x,
          y: c.y(reference.interval[1]),
          width: box.width,
          height: Math.max(c.y(reference.interval[0]) - c.y(reference.interval[1]), 0),
          fill: REFERENCE_COLOUR,
          'fill-opacity': 0.12,
        })
  return (
    c.frame +
    c.marks(
      band,
      path(areaPath(xs, at('low'), at('high')), { fill: MODEL, 'fill-opacity': 0.2 }),
      reference === undefined ? '' : acrossLine(c, reference.value, REFERENCE_COLOUR),
      path(linePath(xs, at('mean')), { stroke: MODEL, 'stroke-width': 2 }),
    )
  )
}

/** Running mean of each quantity by the recommended model with its interval, beside the reference's mean and interval. */
export const convergenceFigure = (
  quantities: readonly QuantityPanel[],
  reference: readonly EstimateRow[],
  recommended: string,
): string => {
  const title = 'Convergence of the estimated means'
  const drawn = quantities
    .filter((q) => q.convergence.length > 0)
    .map((quantity) => ({ quantity, reference: meanOf(reference, quantity.name) }))
  if (drawn.every((d) => extent(valuesShown(d)) === undefined)) return emptyFigure(title)
  const columns = columnsFor(
    WIDTH,
    drawn.map((d) => d.quantity.label),
  )
  const boxes = chartGrid(WIDTH, drawn.length, columns, HEIGHT)
  const bottom = gridHeight(drawn.length, columns, HEIGHT)
  const key = legend(
    [
      { label: `running mean, ${recommended}`, colour: MODEL, mark: 'line' },
      { label: 'its interval', colour: MODEL, mark: 'band', opacity: 0.2 },
      { label: 'full-domain reference', colour: REFERENCE_COLOUR, mark: 'line', dash: '5 3' },
      { label: 'its interval', colour: REFERENCE_COLOUR, mark: 'band', opacity: 0.12 },
    ],
    MARGIN.left,
    bottom + 4,
    WIDTH - 80,
  )
  return figureSvg(WIDTH, bottom + 8 + key.height, title, ...drawn.map((d, i) => panel(d, boxes[i])), key.svg)
}
