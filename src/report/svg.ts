import { escapeText } from './format.ts'

/** Attribute values; undefined leaves the attribute out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>

/** A coordinate with at most one decimal (a tenth of a pixel), never in exponent form. */
export const coordinate = (x: number): string => {
  const text = x.toFixed(1)
  return text.endsWith('.0') ? text.slice(0, -2).replace(/^-0$/, '0') : text
}

const attribute = ([name, value]: readonly [string, string | number | undefined]): string =>
  value === undefined ? '' : ` ${name}="${typeof value === 'number' ? numberText(value) : escapeText(value)}"`
const numberText = (x: number): string => String(Math.round(x * 100) / 100)

/** One element; children are markup already. */
export const element = (name: string, attributes: Attributes, ...children: readonly string[]): string => {
  const open = `<${name}${Object.entries(attributes).map(attribute).join('')}`
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`
}

export const INK = '#1c2733'
export const MUTED = '#5b6875'
export const RULE = '#d9dee4'
const FONT_SIZE = 12

export interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly size?: number
  readonly fill?: string
  readonly weight?: number
  readonly rotate?: number
  /** A white outline, for text over data. */
  readonly halo?: boolean
}

export const text = (x: number, y: number, content: string, style: TextStyle = {}): string =>
  element(
    'text',
    {
      x,
      y,
      'text-anchor': style.anchor,
      'font-size': style.size ?? FONT_SIZE,
      'font-weight': style.weight,
      fill: style.fill ?? INK,
      transform: style.rotate === undefined ? undefined : `rotate(${style.rotate} ${coordinate(x)} ${coordinate(y)})`,
      ...(style.halo ? { stroke: '#fff', 'stroke-width': 3, 'stroke-linejoin': 'round', 'paint-order': 'stroke' } : {}),
    },
    escapeText(content),
  )

/** About how wide a text is drawn in a sans-serif face, px. */
export const textWidth = (content: string, size = FONT_SIZE): number => [...content].length * size * 0.56

/** The text itself, or as much of it as fits the width, ending in an ellipsis. */
export const fitted = (content: string, width: number, size = FONT_SIZE): string => {
  if (textWidth(content, size) <= width) return content
  const room = Math.max(1, Math.floor(width / textWidth('x', size)) - 1)
  return `${[...content].slice(0, room).join('').trimEnd()}…`
}

/** A polyline; a non-finite point is a gap. */
export const linePath = (xs: ArrayLike<number>, ys: ArrayLike<number>): string => {
  let path = ''
  let open = false
  for (let i = 0; i < xs.length; i++) {
    const drawn = Number.isFinite(xs[i]) && Number.isFinite(ys[i])
    if (drawn) path += `${open ? 'L' : 'M'}${coordinate(xs[i])} ${coordinate(ys[i])}`
    open = drawn
  }
  return path
}

/** The area between two curves over the same x; points where either is non-finite are left out. */
export const areaPath = (xs: ArrayLike<number>, lower: ArrayLike<number>, upper: ArrayLike<number>): string => {
  const kept = Array.from(xs, (_, i) => i).filter((i) => [xs[i], lower[i], upper[i]].every(Number.isFinite))
  if (kept.length < 2) return ''
  const point = (i: number, y: ArrayLike<number>): string => `${coordinate(xs[i])} ${coordinate(y[i])}`
  const there = kept.map((i) => point(i, upper))
  const back = kept.toReversed().map((i) => point(i, lower))
  return `M${[...there, ...back].join('L')}Z`
}

export const path = (d: string, attributes: Attributes): string =>
  d === '' ? '' : element('path', { d, fill: 'none', ...attributes })

/** A figure that scales with the page; `title` is what a screen reader says. */
export const figureSvg = (width: number, height: number, title: string, ...children: readonly string[]): string =>
  element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${coordinate(width)} ${coordinate(height)}`, role: 'img' },
    element('title', {}, escapeText(title)),
    ...children,
  )

/** Children clipped to a rectangle, in the same coordinates. */
export const clipped = (x: number, y: number, width: number, height: number, ...children: readonly string[]): string =>
  element(
    'svg',
    { x, y, width, height, viewBox: [x, y, width, height].map(coordinate).join(' '), overflow: 'hidden' },
    ...children,
  )

/** What stands where a figure has nothing finite to show. */
export const emptyFigure = (title: string): string =>
  figureSvg(860, 60, title, text(430, 34, `${title}: no finite data`, { anchor: 'middle', fill: MUTED }))
