import { escapeText } from './format.ts'

/** HTML that is safe to insert: the only way to make one from a string is {@link html} (which escapes) or `raw`. */
export interface Markup {
  readonly markup: string
}

export const raw = (markup: string): Markup => ({ markup })

type Part = string | number | Markup | readonly Markup[]

const partText = (part: Part): string => {
  if (typeof part === 'string') return escapeText(part)
  if (typeof part === 'number') return escapeText(String(part))
  return 'markup' in part ? part.markup : part.map((p) => p.markup).join('')
}

/** A template whose values are escaped, unless they are markup already. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  raw(strings.map((s, i) => s + (i < parts.length ? partText(parts[i]) : '')).join(''))

export const NOTHING = raw('')

/** A figure with its caption; `svg` comes from `figures/`. */
export const figure = (svg: string, caption: string, kind: 'plain' | 'tall' = 'plain'): Markup =>
  html`<figure class="${kind}">${raw(svg)}<figcaption>${caption}</figcaption></figure>\n`

const IN_ROW = { halves: 2, full: 1 } as const

/** Many small pictures under one legend and caption; a page may break between their rows, not before the first one. */
export const figureGrid = (
  legend: string,
  pictures: readonly string[],
  caption: string,
  kind: keyof typeof IN_ROW = 'halves',
): Markup => {
  const count = Math.ceil(pictures.length / IN_ROW[kind])
  const rows = Array.from({ length: count }, (_, i) => pictures.slice(i * IN_ROW[kind], (i + 1) * IN_ROW[kind]))
  const row = (svgs: readonly string[]): Markup => html`<div class="${kind}">${raw(svgs.join('\n'))}</div>\n`
  return html`<figure class="grid"><div class="first">${raw(legend)}<figcaption>${caption}</figcaption>${rows.slice(0, 1).map(row)}</div>${rows.slice(1).map(row)}</figure>\n`
}

export interface Column {
  readonly head: string | Markup
  readonly numeric?: boolean
  readonly strong?: boolean
}

const classOf = ({ numeric, strong }: Column): string =>
  [numeric ? 'n' : '', strong ? 'strong' : ''].filter((c) => c).join(' ')

type Rows = readonly (readonly (string | Markup)[])[]

/** Rows that belong together, under a line of their own where they have a name. */
export interface RowGroup {
  readonly name?: Markup
  readonly rows: Rows
}

const rowOf = (columns: readonly Column[], row: Rows[number]): Markup => {
  const cells = row.map((cell, i) =>
    i === 0 ? html`<th scope="row">${cell}</th>` : html`<td class="${classOf(columns[i])}">${cell}</td>`,
  )
  return html`<tr>${cells}</tr>\n`
}

const groupBody = (columns: readonly Column[], { name, rows }: RowGroup): Markup => {
  const head =
    name === undefined
      ? NOTHING
      : html`<tr class="group"><th scope="rowgroup" colspan="${columns.length}">${name}</th></tr>\n`
  return html`<tbody>${head}${rows.map((row) => rowOf(columns, row))}</tbody>`
}

/** A table of groups of rows; a row's first cell is its header. */
export const groupedTable = (
  columns: readonly Column[],
  groups: readonly RowGroup[],
  kind: string,
  caption: Markup = NOTHING,
): Markup => {
  const head = columns.map((c) => html`<th scope="col" class="${classOf(c)}">${c.head}</th>`)
  const title = caption === NOTHING ? NOTHING : html`<caption>${caption}</caption>`
  return html`<div class="wide"><table class="${kind}">${title}<thead><tr>${head}</tr></thead>${groups.map((g) => groupBody(columns, g))}</table></div>\n`
}

/** A table of one group of rows. */
export const table = (columns: readonly Column[], rows: Rows, caption: Markup = NOTHING): Markup =>
  groupedTable(columns, [{ rows }], '', caption)
