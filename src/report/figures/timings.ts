import { formatFixed, formatPercent, formatSeconds } from '../format.ts'
import type { ReportData } from '../report-data.ts'
import { element, emptyFigure, figureSvg, linePath, MUTED, path, RULE, text } from '../svg.ts'
import { linearTicks, tickDecimals } from '../ticks.ts'

const WIDTH = 860
const LEFT = 230
const RIGHT = 150
const ROW = 24

/** Where the time went: one bar per stage, in the order they ran. */
export const timingsFigure = (timings: ReportData['timings']): string => {
  const title = 'Wall-clock time per stage'
  const rows = timings.filter((t) => Number.isFinite(t.seconds) && t.seconds >= 0)
  const total = rows.reduce((sum, t) => sum + t.seconds, 0)
  if (!(total > 0)) return emptyFigure(title)
  const largest = Math.max(...rows.map((t) => t.seconds))
  const x = (s: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * s) / largest
  const bottom = 8 + rows.length * ROW
  const unit = largest >= 120 ? { factor: 60, name: 'min' } : { factor: 1, name: 's' }
  const ticks = linearTicks(0, largest / unit.factor, 5)
  const decimals = tickDecimals(ticks)
  const grid = ticks
    .map((t) => t * unit.factor)
    .map(
      (t) =>
        path(linePath([x(t), x(t)], [4, bottom]), { stroke: RULE, 'stroke-width': 0.8 }) +
        text(x(t), bottom + 16, formatFixed(t / unit.factor, decimals), { anchor: 'middle', size: 11, fill: MUTED }),
    )
  const bars = rows.map(({ stage, seconds }, i) => {
    const y = 8 + i * ROW
    const share = `${formatSeconds(seconds)} · ${formatPercent(seconds / total)}`
    return (
      text(LEFT - 10, y + 14, stage, { anchor: 'end' }) +
      element('rect', {
        x: LEFT,
        y: y + 3,
        width: Math.max(x(seconds) - LEFT, 0.5),
        height: ROW - 8,
        fill: '#0072b2',
      }) +
      text(x(seconds) + 7, y + 15, share, { size: 11, fill: MUTED, halo: true })
    )
  })
  const label = text(
    LEFT + (WIDTH - LEFT - RIGHT) / 2,
    bottom + 34,
    `wall-clock time (${unit.name}), ${formatSeconds(total)} in all`,
    {
      anchor: 'middle',
    },
  )
  return figureSvg(WIDTH, bottom + 42, title, ...grid, ...bars, label)
}
