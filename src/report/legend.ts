import { element, figureSvg, linePath, path, text, textWidth } from './svg.ts'

export interface LegendEntry {
  readonly label: string
  readonly colour: string
  readonly mark: 'line' | 'band' | 'square' | 'outline' | 'dot' | 'diamond'
  readonly dash?: string
  readonly opacity?: number
}

const GLYPH = 24
const GAP = 20
const ROW = 20

const glyph = ({ colour, mark, dash, opacity }: LegendEntry, x: number, y: number): string => {
  switch (mark) {
    case 'line':
      return path(linePath([x, x + GLYPH], [y, y]), {
        stroke: colour,
        'stroke-width': 2.2,
        'stroke-dasharray': dash || undefined,
      })
    case 'band':
      return element('rect', { x, y: y - 6, width: GLYPH, height: 12, fill: colour, 'fill-opacity': opacity ?? 0.25 })
    case 'square':
      return element('rect', { x: x + 6, y: y - 6, width: 12, height: 12, fill: colour, 'fill-opacity': opacity })
    case 'outline':
      return element('rect', {
        x: x + 6,
        y: y - 6,
        width: 12,
        height: 12,
        fill: 'none',
        stroke: colour,
        'stroke-width': 1.6,
      })
    case 'dot':
      return element('circle', { cx: x + 12, cy: y, r: 5, fill: colour })
    case 'diamond':
      return path(diamond(x + 12, y, 6), { stroke: colour, 'stroke-width': 1.6, fill: '#fff' })
  }
}

/** A square on its corner. */
export const diamond = (x: number, y: number, r: number): string =>
  `${linePath([x, x + r, x, x - r], [y - r, y, y + r, y])}Z`

const widthOf = ({ label }: LegendEntry): number => GLYPH + 6 + textWidth(label) + GAP

/** Entries in rows that fit `width`; gives the markup and the height used. */
export const legend = (
  entries: readonly LegendEntry[],
  x: number,
  y: number,
  width: number,
): { readonly svg: string; readonly height: number } => {
  let left = 0
  let row = 0
  const parts = entries.map((entry) => {
    const wide = widthOf(entry)
    if (left > 0 && left + wide - GAP > width) {
      left = 0
      row++
    }
    const at = { x: x + left, y: y + row * ROW + 10 }
    left += wide
    return glyph(entry, at.x, at.y) + text(at.x + GLYPH + 6, at.y + 4, entry.label)
  })
  return { svg: parts.join(''), height: entries.length === 0 ? 0 : (row + 1) * ROW }
}

/** A legend that stands by itself over several pictures. */
export const legendFigure = (entries: readonly LegendEntry[], width: number): string => {
  const key = legend(entries, 2, 2, width - 4)
  return figureSvg(width, Math.max(key.height, 1) + 4, 'Legend', key.svg)
}
