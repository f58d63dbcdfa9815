import { type Axis, acrossLine, type Box, type Chart, chart, chartGrid, dot, gridHeight, MARGIN } from '../axes.ts'
import { REFERENCE_COLOUR } from '../colour.ts'
import { placedLabels } from '../label-places.ts'
import { diamond, legend } from '../legend.ts'
import type { GranularityRow } from '../report-data.ts'
import { emptyFigure, figureSvg, linePath, path } from '../svg.ts'
import { extent, padded } from '../ticks.ts'

const WIDTH = 860
const HEIGHT = 210
const NESTED = '#0072b2'
const MIXED = '#d55e00'

interface Panel {
  readonly title: string
  readonly label: string
  readonly value: (r: GranularityRow) => number
  /** Whether what real against real gives belongs in the picture. */
  readonly hasFloor?: boolean
}

const PANELS: readonly Panel[] = [
  { title: 'Distance to the real law', label: 'energy distance', value: (r) => r.energyDistance },
  { title: 'Quantities of interest', label: 'mean KS distance', value: (r) => r.meanKs, hasFloor: true },
  { title: 'Agreement with full width', label: 'correlation', value: (r) => r.correlation },
]

interface Point {
  readonly x: number
  readonly y: number
  readonly row: GranularityRow
}

const MIXED_RADIUS = 5

const mark = ({ x, y, row }: Point): string =>
  row.mixed
    ? path(diamond(x, y, MIXED_RADIUS), { stroke: MIXED, 'stroke-width': 1.5, fill: '#fff' })
    : dot(x, y, 5, NESTED)

const panel = (spec: Panel, rows: readonly GranularityRow[], xAxis: Axis, box: Box, floor: number): string => {
  const range = extent([...rows.map(spec.value), spec.hasFloor ? floor : Number.NaN])
  if (range === undefined) return ''
  const c: Chart = chart(box, xAxis, { label: spec.label, unit: '1', domain: padded(range, 0.18) }, spec.title)
  const points = rows
    .map((row) => ({ x: c.x(row.flopsPerSample), y: c.y(spec.value(row)), row }))
    .filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y))
  const nested = points.filter((p) => !p.row.mixed).sort((a, b) => a.x - b.x)
  const joined = linePath(
    nested.map((p) => p.x),
    nested.map((p) => p.y),
  )
  // The nested granularities are labelled first: they are the ones that were trained.
  const ordered = [...nested, ...points.filter((p) => p.row.mixed)]
  return (
    c.frame +
    c.marks(
      spec.hasFloor ? acrossLine(c, floor, REFERENCE_COLOUR) : '',
      path(joined, { stroke: NESTED, 'stroke-width': 1.4, 'stroke-opacity': 0.6 }),
      ...ordered.map(mark),
    ) +
    placedLabels(
      ordered.map(({ x, y, row }) => ({ x, y, label: row.label })),
      box,
      10.5,
      6,
    )
  )
}

/**
 * Cost of one sample against three measures of quality; circles are trained widths, diamonds mixed ones.
 * @param floor mean KS distance of real against real
 */
export const granularityFigure = (rows: readonly GranularityRow[], floor: number): string => {
  const title = 'Granularity of the generator: cost against quality'
  const cost = extent(rows.map((r) => r.flopsPerSample).filter((v) => v > 0))
  if (cost === undefined) return emptyFigure(title)
  const room = Math.max((cost[1] / cost[0]) ** 0.15, 1.05)
  const xAxis: Axis = { label: 'cost per sample', unit: 'FLOP', domain: [cost[0] / room, cost[1] * room], log: true }
  const boxes = chartGrid(WIDTH, PANELS.length, PANELS.length, HEIGHT)
  const bottom = gridHeight(1, 1, HEIGHT)
  const key = legend(
    [
      { label: 'nested width', colour: NESTED, mark: 'dot' },
      ...(rows.some((r) => r.mixed)
        ? [{ label: 'mixed widths (never trained)', colour: MIXED, mark: 'diamond' as const }]
        : []),
    ],
    MARGIN.left,
    bottom + 4,
    WIDTH - 80,
  )
  const panels = PANELS.map((spec, i) => panel(spec, rows, xAxis, boxes[i], floor))
  return figureSvg(WIDTH, bottom + 8 + key.height, title, ...panels, key.svg)
}
