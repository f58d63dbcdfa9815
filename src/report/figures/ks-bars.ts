import { FLOOR_COLOUR, type ModelStyle, REFERENCE_COLOUR } from '../colour.ts'
import { formatFixed } from '../format.ts'
import { legend } from '../legend.ts'
import type { ModelPanel } from '../report-data.ts'
import { element, emptyFigure, figureSvg, linePath, MUTED, path, RULE, text } from '../svg.ts'
import { extent, linearTicks, tickDecimals } from '../ticks.ts'

const WIDTH = 860
const LEFT = 150
const RIGHT = 56
const BAR = 16
const HEADING = 20
const GROUP_GAP = 14

interface Layout {
  readonly x: (v: number) => number
  readonly groupHeight: number
  readonly top: number
}

const ksOf = (panel: ModelPanel, qoi: string): number => panel.ksByQuantity.find((q) => q.qoi === qoi)?.ks ?? Number.NaN

const bar = (layout: Layout, y: number, ks: number, colour: string): string =>
  Number.isFinite(ks)
    ? element('rect', { x: LEFT, y, width: Math.max(layout.x(ks) - LEFT, 0), height: BAR - 2, fill: colour }) +
      text(layout.x(ks) + 5, y + BAR - 3, formatFixed(ks, 3), { size: 10, fill: MUTED })
    : text(LEFT + 5, y + BAR - 3, 'no value', { size: 10, fill: MUTED })

interface Group {
  readonly qoi: string
  readonly label: string
  readonly floor: ModelPanel
  readonly models: readonly ModelPanel[]
}

const group = (layout: Layout, index: number, g: Group, styles: ReadonlyMap<string, ModelStyle>): string => {
  const top = layout.top + index * (layout.groupHeight + GROUP_GAP)
  const y = top + HEADING
  const at = layout.x(ksOf(g.floor, g.qoi))
  const row = (m: ModelPanel, i: number): string =>
    text(LEFT - 8, y + i * BAR + BAR - 4, m.name, { anchor: 'end', size: 11 }) +
    bar(layout, y + i * BAR, ksOf(m, g.qoi), styles.get(m.name)?.colour ?? FLOOR_COLOUR)
  return [
    text(LEFT, top + 13, g.label, { weight: 600, halo: true }),
    ...g.models.map(row),
    path(linePath([at, at], [y - 3, y + g.models.length * BAR + 1]), { stroke: REFERENCE_COLOUR, 'stroke-width': 2 }),
  ].join('')
}

const axis = (layout: Layout, largest: number, bottom: number): string => {
  const ticks = linearTicks(0, largest, 6)
  const decimals = tickDecimals(ticks)
  return ticks
    .map(
      (t) =>
        path(linePath([layout.x(t), layout.x(t)], [layout.top - 6, bottom]), { stroke: RULE, 'stroke-width': 0.8 }) +
        text(layout.x(t), bottom + 15, formatFixed(t, decimals), { anchor: 'middle', size: 11, fill: MUTED }),
    )
    .join('')
}

/** Kolmogorov-Smirnov distance to the held-out runs, per quantity and model, with what real against real gives. */
export const ksFigure = (
  floor: ModelPanel,
  models: readonly ModelPanel[],
  labels: ReadonlyMap<string, string>,
  styles: ReadonlyMap<string, ModelStyle>,
): string => {
  const title = 'Kolmogorov-Smirnov distance per quantity and model'
  const range = extent([floor, ...models].flatMap((m) => m.ksByQuantity.map((q) => q.ks)))
  if (range === undefined) return emptyFigure(title)
  const qois = [...new Set([floor, ...models].flatMap((m) => m.ksByQuantity.map((q) => q.qoi)))]
  const largest = range[1] > 0 ? range[1] : 1
  const x = (v: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * v) / largest
  const layout = { x, groupHeight: HEADING + models.length * BAR, top: 4 }
  const bottom = layout.top + qois.length * (layout.groupHeight + GROUP_GAP) - GROUP_GAP + 8
  const key = legend(
    [{ label: 'floor: real against real', colour: REFERENCE_COLOUR, mark: 'line' }],
    LEFT,
    bottom + 44,
    WIDTH,
  )
  return figureSvg(
    WIDTH,
    bottom + 50 + key.height,
    title,
    axis(layout, largest, bottom),
    ...qois.map((qoi, i) => group(layout, i, { qoi, label: labels.get(qoi) ?? qoi, floor, models }, styles)),
    text(LEFT + (WIDTH - LEFT - RIGHT) / 2, bottom + 34, 'Kolmogorov-Smirnov distance to held-out runs (–)', {
      anchor: 'middle',
    }),
    key.svg,
  )
}
