import type { Box } from './axes.ts'
import { type RampName, rampColour } from './colour.ts'
import { formatFixed, shownUnit } from './format.ts'
import { element, linePath, MUTED, path, text } from './svg.ts'
import { linearTicks, tickDecimals } from './ticks.ts'

const STEPS = 32

/** A horizontal colour bar with ticks and `label (unit)` before it. */
export const colourBar = (
  box: Box,
  [low, high]: readonly [number, number],
  label: string,
  unit: string,
  ramp: RampName,
): string => {
  const shown = shownUnit(Math.max(Math.abs(low), Math.abs(high)), unit)
  const step = box.width / STEPS
  const blocks = Array.from({ length: STEPS }, (_, i) =>
    element('rect', {
      x: box.x + i * step,
      y: box.y,
      width: step + 0.3,
      height: box.height,
      fill: rampColour(ramp, (i + 0.5) / STEPS),
    }),
  )
  const border = element('rect', { ...box, fill: 'none', stroke: MUTED, 'stroke-width': 0.6 })
  const ticks = linearTicks(low / shown.factor, high / shown.factor, 5)
  const decimals = tickDecimals(ticks)
  const marks = ticks.map((t) => {
    const x = box.x + (high > low ? ((t * shown.factor - low) / (high - low)) * box.width : 0)
    return (
      path(linePath([x, x], [box.y + box.height, box.y + box.height + 4]), { stroke: MUTED }) +
      text(x, box.y + box.height + 16, formatFixed(t, decimals), { anchor: 'middle', size: 11, fill: MUTED })
    )
  })
  const title = text(box.x - 12, box.y + box.height - 2, `${label} (${shown.unit || '–'})`, { anchor: 'end' })
  return [...blocks, border, ...marks, title].join('')
}
