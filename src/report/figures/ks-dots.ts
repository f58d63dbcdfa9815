import { type ModelStyle, REFERENCE_COLOUR } from '../colour.ts'
import { formatFixed } from '../format.ts'
import { legend } from '../legend.ts'
import type { ModelPanel } from '../report-data.ts'
import { element, emptyFigure, figureSvg, fitted, linePath, MUTED, path, RULE, text } from '../svg.ts'
import { extent, linearTicks, tickDecimals } from '../ticks.ts'

const WIDTH = 860
const LEFT = 262
const RIGHT = 20
const TOP = 10
/** Models stand a little below one another within a row, so that equal values do not cover each other. */
const STEP = 5
const GAP = 12

const ksOf = (panel: ModelPanel, qoi: string): number => panel.ksByQuantity.find((q) => q.qoi === qoi)?.ks ?? Number.NaN

interface Layout {
  readonly x: (v: number) => number
  readonly row: number
  readonly bottom: number
}

const grid = ({ x, bottom }: Layout, largest: number): string => {
  const ticks = linearTicks(0, largest, 8)
  const decimals = tickDecimals(ticks)
  return ticks
    .map(
      (t) =>
        path(linePath([x(t), x(t)], [TOP, bottom]), { stroke: RULE, 'stroke-width': 0.8 }) +
        text(x(t), bottom + 16, formatFixed(t, decimals), { anchor: 'middle', size: 11, fill: MUTED }),
    )
    .join('')
}

/** Kolmogorov-Smirnov distance to the held-out runs: a row per quantity, a dot per model, a bar where real against real is. */
export const ksFigure = (
  floor: ModelPanel,
  models: readonly ModelPanel[],
  labels: ReadonlyMap<string, string>,
  styles: ReadonlyMap<string, ModelStyle>,
): string => {
  const title = 'Kolmogorov-Smirnov distance per quantity and model'
  const range = extent([floor, ...models].flatMap((m) => m.ksByQuantity.map((q) => q.ks)))
  if (range === undefined) return emptyFigure(title)
  const ordered = [...styles.values()].flatMap((style) => models.filter((m) => m.name === style.name))
  const qois = [...new Set([floor, ...models].flatMap((m) => m.ksByQuantity.map((q) => q.qoi)))]
  const largest = (range[1] > 0 ? range[1] : 1) * 1.04
  const row = Math.max(ordered.length * STEP + GAP, 24)
  const layout: Layout = {
    x: (v) => LEFT + ((WIDTH - LEFT - RIGHT) * v) / largest,
    row,
    bottom: TOP + qois.length * row,
  }
  const dots = (qoi: string, top: number): string =>
    ordered
      .map((m, i) => {
        const ks = ksOf(m, qoi)
        if (!Number.isFinite(ks)) return ''
        const cy = top + row / 2 + (i - (ordered.length - 1) / 2) * STEP
        return element('circle', {
          cx: layout.x(ks),
          cy,
          r: i < 2 ? 5 : 4,
          fill: styles.get(m.name)!.colour,
          stroke: '#fff',
          'stroke-width': 0.8,
        })
      })
      .join('')
  const rows = qois.map((qoi, i) => {
    const top = TOP + i * row
    const at = layout.x(ksOf(floor, qoi))
    return [
      text(LEFT - 10, top + row / 2 + 4, fitted(labels.get(qoi) ?? qoi, LEFT - 12), { anchor: 'end' }),
      path(linePath([0, WIDTH - RIGHT], [top + row, top + row]), { stroke: RULE, 'stroke-width': 0.8 }),
      path(linePath([at, at], [top + 4, top + row - 4]), { stroke: REFERENCE_COLOUR, 'stroke-width': 2.4 }),
      dots(qoi, top),
    ].join('')
  })
  const key = legend(
    [
      { label: 'floor', colour: REFERENCE_COLOUR, mark: 'line' },
      ...ordered.map((m) => ({ label: m.name, colour: styles.get(m.name)!.colour, mark: 'dot' as const })),
    ],
    20,
    layout.bottom + 44,
    WIDTH - 40,
  )
  return figureSvg(
    WIDTH,
    layout.bottom + 48 + key.height,
    title,
    grid(layout, largest),
    ...rows,
    text(LEFT + (WIDTH - LEFT - RIGHT) / 2, layout.bottom + 34, 'Kolmogorov-Smirnov distance to held-out runs (–)', {
      anchor: 'middle',
    }),
    key.svg,
  )
}
