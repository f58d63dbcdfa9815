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
export const figure = (svg: string, caption: string, kind: 'full' | 'narrow' = 'full'): Markup =>
  html`<figure class="${kind}">${raw(svg)}<figcaption>${caption}</figcaption></figure>\n`

export interface Column {
  readonly head: string | Markup
  readonly numeric?: boolean
  readonly strong?: boolean
}

const classOf = ({ numeric, strong }: Column): string =>
  [numeric ? 'n' : '', strong ? 'strong' : ''].filter((c) => c).join(' ')

/** A table; a row's first cell is its header. */
export const table = (
  columns: readonly Column[],
  rows: readonly (readonly (string | Markup)[])[],
  caption: Markup = NOTHING,
): Markup => {
  const head = columns.map((c) => html`<th scope="col" class="${classOf(c)}">${c.head}</th>`)
  const body = rows.map((row) => {
    const cells = row.map((cell, i) =>
      i === 0 ? html`<th scope="row">${cell}</th>` : html`<td class="${classOf(columns[i])}">${cell}</td>`,
    )
    return html`<tr>${cells}</tr>\n`
  })
  const title = caption === NOTHING ? NOTHING : html`<caption>${caption}</caption>`
  return html`<div class="wide"><table>${title}<thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>\n`
}
