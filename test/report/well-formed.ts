/** A small check that markup is well-formed XML: tags nest and close, attributes are quoted and unique, no stray & or <. */

const TAG = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y
const TEXT = /[^<]+/y
const ENTITY = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/

const attributeProblem = (attributes: string): string | undefined => {
  const names = [...attributes.matchAll(/([\w:-]+)="/g)].map((m) => m[1])
  if (new Set(names).size < names.length) return `repeated attribute in ${attributes}`
  return ENTITY.test(attributes) ? `bare & in ${attributes}` : undefined
}

/** What is wrong with the markup, or undefined when it is well-formed with exactly one root. */
export const xmlProblem = (markup: string): string | undefined => {
  const open: string[] = []
  let roots = 0
  let at = 0
  while (at < markup.length) {
    TEXT.lastIndex = at
    const text = TEXT.exec(markup)
    if (text !== null) {
      if (ENTITY.test(text[0])) return `bare & in text: ${text[0].slice(0, 40)}`
      if (open.length === 0 && text[0].trim() !== '') return `text outside the root: ${text[0].slice(0, 40)}`
      at = TEXT.lastIndex
      continue
    }
    TAG.lastIndex = at
    const tag = TAG.exec(markup)
    if (tag === null) return `not a tag: ${markup.slice(at, at + 60)}`
    const [, closing, name, attributes, selfClosing] = tag
    const problem = attributeProblem(attributes)
    if (problem !== undefined) return problem
    if (closing === '/') {
      const expected = open.pop()
      if (expected !== name) return `</${name}> closes <${expected}>`
    } else {
      if (open.length === 0) roots++
      if (selfClosing === '') open.push(name)
    }
    at = TAG.lastIndex
  }
  if (open.length > 0) return `unclosed <${open.at(-1)}>`
  return roots === 1 ? undefined : `${roots} roots`
}

const VOID = /<(meta|br|link|hr|img|input)((?:\s+[\w:-]+="[^"<]*")*)\s*>/g

/** The same for one of our HTML pages: void elements, doctype, and the insides of style and script set aside. */
export const pageProblem = (page: string): string | undefined =>
  xmlProblem(
    page
      .replace(/^<!doctype html>\s*/, '')
      .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '<$1/>')
      .replace(VOID, '<$1$2/>'),
  )
