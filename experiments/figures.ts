/**
 * Takes the figures out of a report: `npm run --silent figures -- out/demo/report.html docs/images/demo problem-2` writes the second
 * figure of the section `problem`; without names, all of them.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const TAG = /<section id="([\w-]+)">|<svg\b|<\/svg>/g
const FONT = 'font-family="system-ui, sans-serif"'

/** Outermost <svg> elements with a name: section and place in it. */
const figuresOf = (html: string): readonly { readonly name: string; readonly svg: string }[] => {
  const figures: { name: string; svg: string }[] = []
  let section = 'head'
  let place = 0
  let depth = 0
  let start = 0
  for (const { 0: tag, 1: id, index } of html.matchAll(TAG)) {
    if (id !== undefined) {
      section = id
      place = 0
    } else if (tag === '<svg') {
      if (depth++ === 0) start = index
    } else if (--depth === 0)
      figures.push({ name: `${section}-${++place}`, svg: html.slice(start, index + tag.length) })
  }
  return figures
}

/** On white, with a font of its own: the page's style is not there any more. */
const standAlone = (svg: string): string => svg.replace('<svg', `<svg ${FONT} style="background:#fff"`)

const [report, folder, ...names] = process.argv.slice(2)
if (report === undefined || folder === undefined) {
  console.error('usage: figures REPORT.html FOLDER [section-number …]')
  process.exitCode = 2
} else {
  const figures = figuresOf(readFileSync(report, 'utf8')).filter(
    ({ name }) => names.length === 0 || names.includes(name),
  )
  mkdirSync(folder, { recursive: true })
  for (const { name, svg } of figures) writeFileSync(join(folder, `${name}.svg`), standAlone(svg))
  console.log(`${figures.length} figures in ${folder}`)
}
