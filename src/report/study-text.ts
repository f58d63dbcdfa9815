const flat = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(flat).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, v]) => `${JSON.stringify(key)}: ${flat(v)}`)
  return `{${entries.join(', ')}}`
}

/** What fits a line of `width` behind `before` characters stays on it, the rest has one entry a line. */
const laidOut = (value: unknown, indent: string, before: number, width: number): string => {
  const line = flat(value)
  if (typeof value !== 'object' || value === null || before + line.length < width) return line
  const inner = `${indent}  `
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const entries = Array.isArray(value)
    ? value.map((v) => laidOut(v, inner, inner.length, width))
    : Object.entries(value).map(([key, v]) => {
        const name = `${JSON.stringify(key)}: `
        return name + laidOut(v, inner, inner.length + name.length, width)
      })
  return `${open}\n${entries.map((e) => inner + e).join(',\n')}\n${indent}${close}`
}

/** The study file for reading, in lines of about `width` characters; text that is not JSON is shown as it is. */
export const studyText = (study: string, width = 124): string => {
  try {
    return laidOut(JSON.parse(study), '', 0, width)
  } catch {
    return study
  }
}
