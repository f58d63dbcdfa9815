import { readFile } from 'node:fs/promises'
import { writeWhole } from '../src/runtime/disk-folder.ts'

const BEGIN = '<!-- results -->'
const END = '<!-- end of results -->'

/** Replaces what stands between the two comments of a README. */
export const publishTable = async (readme: string, table: string): Promise<void> => {
  const text = await readFile(readme, 'utf8')
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`${readme} has no ${BEGIN} … ${END}`)
  await writeWhole(readme, `${text.slice(0, from + BEGIN.length)}\n\n${table.trim()}\n\n${text.slice(to)}`)
}

/** A figure that stands alone: on white, with a font of its own. */
export const standAlone = (svg: string): string =>
  svg.replace('<svg', '<svg font-family="system-ui, sans-serif" style="background:#fff"')
