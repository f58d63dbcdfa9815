import type { Box } from './axes.ts'
import { linePath, MUTED, path, text, textWidth } from './svg.ts'

/** A point in pixels and what is to be written beside it. */
export interface Labelled {
  readonly x: number
  readonly y: number
  readonly label: string
}

interface Rectangle {
  readonly x0: number
  readonly y0: number
  readonly x1: number
  readonly y1: number
}

const hits = (a: Rectangle, b: Rectangle): boolean => a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1
const inside = (a: Rectangle, { x, y, width, height }: Box): boolean =>
  a.x0 >= x && a.x1 <= x + width && a.y0 >= y && a.y1 <= y + height

/** Right above, left above, right below, left below, above, below, right, left. */
const DIRECTIONS = [
  [1, -1],
  [-1, -1],
  [1, 1],
  [-1, 1],
  [0, -1],
  [0, 1],
  [1, 0],
  [-1, 0],
] as const
/** Distances from the point's edge, px; farther ones get a line to their point. */
const DISTANCES = [0, 12, 24, 38, 54]

/** Where a label may stand around its point, in the order of preference. */
const candidates = ({ x, y, label }: Labelled, size: number, radius: number): readonly Rectangle[] => {
  const width = textWidth(label, size)
  return DISTANCES.flatMap((distance) =>
    DIRECTIONS.map(([dx, dy]) => {
      const away = radius + 2 + distance * (dx !== 0 && dy !== 0 ? 0.7 : 1)
      const left = dx === 0 ? x - width / 2 : dx > 0 ? x + away : x - away - width
      const middle = y + dy * (dx === 0 ? away + size / 2 : away)
      return { x0: left, y0: middle - size / 2 - 1, x1: left + width, y1: middle + size / 2 + 1 }
    }),
  )
}

const leader = ({ x, y }: Labelled, { x0, y0, x1, y1 }: Rectangle, radius: number): string => {
  const end = [Math.min(Math.max(x, x0), x1), Math.min(Math.max(y, y0), y1)] as const
  const distance = Math.hypot(end[0] - x, end[1] - y)
  if (distance < radius + 8) return ''
  const start = [x + ((end[0] - x) * radius) / distance, y + ((end[1] - y) * radius) / distance] as const
  return path(linePath([start[0], end[0]], [start[1], end[1]]), { stroke: MUTED, 'stroke-width': 0.7 })
}

/** Labels placed one after the other where they touch no point and no earlier label; one that finds no place is left out. */
export const placedLabels = (points: readonly Labelled[], box: Box, size: number, radius: number): string => {
  const taken: Rectangle[] = points.map(({ x, y }) => ({
    x0: x - radius,
    y0: y - radius,
    x1: x + radius,
    y1: y + radius,
  }))
  const drawn = points.map((p) => {
    const spot = candidates(p, size, radius).find((r) => inside(r, box) && !taken.some((t) => hits(r, t)))
    if (spot === undefined) return ''
    taken.push(spot)
    return leader(p, spot, radius) + text(spot.x0, spot.y1 - size * 0.24, p.label, { size, halo: true })
  })
  return drawn.join('')
}
