import { InvalidInput } from '../numeric/errors.ts'

/** Reads the lines of one section in turn; every error names its line as `file.msh:12`. */
export interface Cursor {
  /** The numbers of the next line: at least `count` of them; NaN where a token is not a number. */
  readonly numbers: (count: number, meaning: string) => number[]
  /** The same, all whole numbers. */
  readonly integers: (count: number, meaning: string) => number[]
  /** The next line as it is. */
  readonly text: (meaning: string) => string
  /** `file.msh:12` of the line read last. */
  readonly path: () => string
  /** Line number (from 1) of the line read last. */
  readonly line: () => number
}

export type Sections = ReadonlyMap<string, Cursor>

/**
 * Splits an .msh text into its sections, `$Nodes … $EndNodes` and so on, known or not. Of a name that comes twice the first
 * counts.
 * @throws InvalidInput for a section without its end: the file is truncated
 */
export const sectionsOf = (text: string, file: string): Sections => {
  const lines = text.split(/\r?\n/)
  const sections = new Map<string, Cursor>()
  for (let i = 0; i < lines.length; i++) {
    if (!lines[i].startsWith('$')) continue
    const name = lines[i].slice(1).trim()
    const end = lines.findIndex((line, k) => k > i && line.trimEnd() === `$End${name}`)
    if (end < 0) {
      const last = lines.at(-1) === '' ? lines.length - 1 : lines.length
      throw InvalidInput.of(
        `${file}:${last}`,
        `'$End${name}' (section opened on line ${i + 1})`,
        'the end of a truncated file',
      )
    }
    if (!sections.has(name)) sections.set(name, cursorOf(lines, i + 1, end, file))
    i = end
  }
  return sections
}

const cursorOf = (lines: readonly string[], start: number, end: number, file: string): Cursor => {
  let next = start
  const path = (): string => `${file}:${next}`
  const text = (meaning: string): string => {
    while (next < end && lines[next].trim() === '') next++
    const line = lines[next++]
    if (next > end) throw InvalidInput.of(path(), meaning, `'${line.trim()}', the end of a section that is too short`)
    return line.trim()
  }
  const numbers = (count: number, meaning: string): number[] => {
    const line = text(meaning)
    const found = line.split(/\s+/).map(Number)
    if (found.length < count) throw InvalidInput.of(path(), `${meaning} (${count} numbers)`, `'${shown(line)}'`)
    return found
  }
  const integers = (count: number, meaning: string): number[] => {
    const found = numbers(count, meaning)
    if (!found.every(Number.isSafeInteger)) {
      throw InvalidInput.of(path(), `${meaning} (whole numbers)`, `'${shown(lines[next - 1].trim())}'`)
    }
    return found
  }
  return { numbers, integers, text, path, line: () => next }
}

/** A line for a message, cut to a readable length. */
export const shown = (line: string): string => (line.length > 60 ? `${line.slice(0, 60)}…` : line)
