import { formatFixed, formatNumber, type ShownUnit, shownUnit } from './format.ts'
import { clipped, element, fitted, INK, linePath, MUTED, path, RULE, text, textWidth } from './svg.ts'
import { linearTicks, logTicks, tickDecimals } from './ticks.ts'

export interface Axis {
  readonly label: string
  /** SI; '1' dimensionless, '%' a fraction shown in percent. */
  readonly unit: string
  readonly domain: readonly [number, number]
  readonly log?: boolean
  /** About how many ticks. */
  readonly ticks?: number
  /** Grid lines only: a neighbouring chart carries tick labels and title. */
  readonly bare?: boolean
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A drawn coordinate system: `x`, `y` map data to pixels. */
export interface Chart {
  readonly box: Box
  readonly x: (v: number) => number
  readonly y: (v: number) => number
  /** Grid, axis lines, tick labels, axis titles. */
  readonly frame: string
  /** Marks clipped to the box, over the frame. */
  readonly marks: (...children: readonly string[]) => string
}

const scale = ({ domain: [low, high], log }: Axis, from: number, to: number): ((v: number) => number) =>
  log
    ? (v) => (v > 0 ? from + ((to - from) * Math.log(v / low)) / Math.log(high / low) : Number.NaN)
    : (v) => from + ((to - from) * (v - low)) / (high - low)

interface Tick {
  readonly value: number
  readonly label: string
}

const ticksOf = (axis: Axis, shown: ShownUnit): readonly Tick[] => {
  const [low, high] = axis.domain.map((v) => v / shown.factor)
  const values = axis.log ? logTicks(low, high) : linearTicks(low, high, axis.ticks ?? 5)
  const decimals = tickDecimals(values)
  const label = axis.log ? (v: number) => logLabel(v) : (v: number) => formatFixed(v, decimals)
  return values.map((v) => ({ value: v * shown.factor, label: label(v) }))
}

const logLabel = (v: number): string => formatNumber(v, Number(v.toPrecision(1)) === Number(v.toPrecision(6)) ? 1 : 2)

const titleOf = (axis: Axis, shown: ShownUnit): string => `${axis.label} (${shown.unit === '' ? '–' : shown.unit})`

const unitOf = ({ domain, unit }: Axis): ShownUnit => shownUnit(Math.max(...domain.map(Math.abs)), unit)

const horizontal = (axis: Axis, { x, y, width, height }: Box, map: (v: number) => number): string => {
  const shown = unitOf(axis)
  const bottom = y + height
  const ticks = ticksOf(axis, shown).map(({ value, label }) => {
    const at = map(value)
    return (
      path(linePath([at, at], [y, bottom]), { stroke: RULE, 'stroke-width': 0.8 }) +
      (axis.bare ? '' : text(at, bottom + 16, label, { anchor: 'middle', size: 11, fill: MUTED }))
    )
  })
  return (
    ticks.join('') + (axis.bare ? '' : text(x + width / 2, bottom + 34, titleOf(axis, shown), { anchor: 'middle' }))
  )
}

/** From the axis to the nearest edge of its title, behind the widest tick label. */
const titleGap = (labels: readonly string[]): number =>
  Math.max(30, Math.max(...labels.map((l) => textWidth(l, 11)), 0) + 15)

const vertical = (axis: Axis, { x, y, width, height }: Box, map: (v: number) => number): string => {
  const shown = unitOf(axis)
  const ticks = ticksOf(axis, shown).map(({ value, label }) => {
    const at = map(value)
    return (
      path(linePath([x, x + width], [at, at]), { stroke: RULE, 'stroke-width': 0.8 }) +
      (axis.bare ? '' : text(x - 7, at + 4, label, { anchor: 'end', size: 11, fill: MUTED }))
    )
  })
  if (axis.bare) return ticks.join('')
  const title = text(x - titleGap(ticksOf(axis, shown).map((t) => t.label)), y + height / 2, titleOf(axis, shown), {
    anchor: 'middle',
    rotate: -90,
  })
  return ticks.join('') + title
}

/** Room that the axes need around the box, px. */
export const MARGIN = { left: 68, right: 18, top: 26, bottom: 44 } as const

/** Draws the axes of a chart in `box` (the plotting area itself). */
export const chart = (box: Box, xAxis: Axis, yAxis: Axis, title = ''): Chart => {
  const x = scale(xAxis, box.x, box.x + box.width)
  const y = scale(yAxis, box.y + box.height, box.y)
  const corner = linePath([box.x, box.x, box.x + box.width], [box.y, box.y + box.height, box.y + box.height])
  const frame = [
    horizontal(xAxis, box, x),
    vertical(yAxis, box, y),
    path(corner, { stroke: INK, 'stroke-width': 1 }),
    title === '' ? '' : text(box.x, box.y - 9, fitted(title, box.width + MARGIN.right), { weight: 600 }),
  ].join('')
  const marks = (...children: readonly string[]): string => clipped(box.x, box.y, box.width, box.height, ...children)
  return { box, x, y, frame, marks }
}

/** Boxes of a grid of charts with room for their axes; `height` is that of one plotting area. */
export const chartGrid = (width: number, count: number, columns: number, height: number, top = 0): readonly Box[] => {
  const cell = width / columns
  const row = MARGIN.top + height + MARGIN.bottom
  return Array.from({ length: count }, (_, i) => ({
    x: (i % columns) * cell + MARGIN.left,
    y: top + Math.floor(i / columns) * row + MARGIN.top,
    width: cell - MARGIN.left - MARGIN.right,
    height,
  }))
}

export const gridHeight = (count: number, columns: number, height: number): number =>
  Math.ceil(count / columns) * (MARGIN.top + height + MARGIN.bottom)

/** A horizontal or vertical reference line across the box with a label at its end. */
export const acrossLine = (c: Chart, value: number, colour: string, dash = '5 3'): string => {
  const at = c.y(value)
  return path(linePath([c.box.x, c.box.x + c.box.width], [at, at]), {
    stroke: colour,
    'stroke-width': 1.4,
    'stroke-dasharray': dash,
  })
}

export const dot = (x: number, y: number, radius: number, fill: string, stroke = '#fff'): string =>
  Number.isFinite(x) && Number.isFinite(y)
    ? element('circle', { cx: x, cy: y, r: radius, fill, stroke, 'stroke-width': 1.2 })
    : ''
