import { type Axis, type Box, type Chart, chart, MARGIN } from '../axes.ts'
import { type ModelStyle, REFERENCE_COLOUR } from '../colour.ts'
import { fieldName } from '../format.ts'
import { type LegendEntry, legendFigure } from '../legend.ts'
import type { TraceFan } from '../report-data.ts'
import { pointwiseQuantiles } from '../statistics.ts'
import { areaPath, emptyFigure, figureSvg, linePath, path, text } from '../svg.ts'
import { extent, padded } from '../ticks.ts'

const WIDTH = 860
const HEIGHT = 132
const HEADING = 20
const GAP = 24
const MOST_COLUMNS = 4
const BAND = [0.05, 0.5, 0.95] as const
const MOST_HISTORIES = 40

type Histories = readonly ArrayLike<number>[]

const pixels = (map: (v: number) => number, values: ArrayLike<number>): Float64Array => Float64Array.from(values, map)

const lines = (c: Chart, times: ArrayLike<number>, histories: Histories, colour: string): string => {
  const xs = pixels(c.x, times)
  const d = histories.slice(0, MOST_HISTORIES).map((h) => linePath(xs, pixels(c.y, h)))
  return path(d.join(''), { stroke: colour, 'stroke-width': 0.6, 'stroke-opacity': 0.35 })
}

const band = (c: Chart, times: ArrayLike<number>, histories: Histories, colour: string): string => {
  const xs = pixels(c.x, times)
  const [low, median, high] = pointwiseQuantiles(histories, times.length, BAND).map((q) => pixels(c.y, q))
  return (
    path(areaPath(xs, low, high), { fill: colour, 'fill-opacity': 0.22 }) +
    path(linePath(xs, median), { stroke: colour, 'stroke-width': 2 })
  )
}

/** The real band's limits as dashed lines, so that a generated band can be compared where it is drawn. */
const realLimits = (c: Chart, fan: TraceFan): string => {
  const xs = pixels(c.x, fan.times)
  const [low, , high] = pointwiseQuantiles(fan.real, fan.times.length, BAND).map((q) => pixels(c.y, q))
  const style = { stroke: REFERENCE_COLOUR, 'stroke-width': 1.1, 'stroke-dasharray': '4 3' }
  return path(linePath(xs, low), style) + path(linePath(xs, high), style)
}

const ENTRIES: readonly LegendEntry[] = [
  { label: 'single histories', colour: '#5b6875', mark: 'line' },
  { label: '5–95 % band and median of the panel', colour: '#5b6875', mark: 'band' },
  { label: '5 and 95 % of the real histories', colour: REFERENCE_COLOUR, mark: 'line', dash: '4 3' },
]

/** The key of all fans. */
export const fanLegend = (): string => legendFigure(ENTRIES, WIDTH)

/** Up to four panels in a row, which share the axis at its left end. */
const boxesOf = (count: number): readonly Box[] => {
  const columns = Math.min(count, MOST_COLUMNS)
  const width = (WIDTH - MARGIN.left - MARGIN.right - GAP * (columns - 1)) / columns
  return Array.from({ length: count }, (_, i) => ({
    x: MARGIN.left + (i % columns) * (width + GAP),
    y: HEADING + MARGIN.top + Math.floor(i / columns) * (MARGIN.top + HEIGHT + MARGIN.bottom),
    width,
    height: HEIGHT,
  }))
}

/** Real histories of one interface value beside each model's, on the same axes. */
export const fanFigure = (fan: TraceFan, styles: ReadonlyMap<string, ModelStyle>): string => {
  const title = `Histories of ${fan.label}: real and generated`
  const everything = [fan.real, ...fan.generated.map((g) => g.histories)].flatMap((set) => set.slice(0, MOST_HISTORIES))
  const range = extent(everything.flatMap((h) => Array.from(h)))
  const times = extent(Array.from(fan.times))
  if (range === undefined || times === undefined || times[0] === times[1]) return emptyFigure(title)
  const xAxis: Axis = { label: 'time', unit: 's', domain: times, ticks: 4 }
  const yAxis: Axis = { label: fieldName(fan.unit), unit: fan.unit, domain: padded(range), ticks: 4 }
  const panels = [
    { name: 'real (validation)', histories: fan.real, colour: REFERENCE_COLOUR },
    ...fan.generated.map((g) => ({
      name: g.model,
      histories: g.histories,
      colour: styles.get(g.model)?.colour ?? REFERENCE_COLOUR,
    })),
  ]
  const boxes = boxesOf(panels.length)
  const drawn = panels.map(({ name, histories, colour }, i) => {
    const c = chart(boxes[i], xAxis, { ...yAxis, bare: i % MOST_COLUMNS > 0 }, name)
    const content = [lines(c, fan.times, histories, colour), band(c, fan.times, histories, colour)]
    return c.frame + c.marks(...content, i === 0 ? '' : realLimits(c, fan))
  })
  return figureSvg(
    WIDTH,
    boxes[boxes.length - 1].y + HEIGHT + MARGIN.bottom,
    title,
    text(MARGIN.left, 14, fan.label, { weight: 600, size: 13 }),
    ...drawn,
  )
}
