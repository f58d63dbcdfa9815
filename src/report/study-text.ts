/** JSON as a person lays it out: what fits a line stays on it, the rest has one entry a line. */
const laidOut = (value: unknown, indent: string, width: number): string => {
  const flat = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ')
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= width) return flat
  const inner = `${indent}  `
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const entries = Array.isArray(value)
    ? value.map((v) => laidOut(v, inner, width))
    : Object.entries(value).map(([key, v]) => `${JSON.stringify(key)}: ${laidOut(v, inner, width)}`)
  return `${open}\n${entries.map((e) => inner + e).join(',\n')}\n${indent}${close}`
}

/** The study file for reading, in lines of about `width` characters; text that is not JSON is shown as it is. */
export const studyText = (study: string, width = 92): string => {
  try {
    return laidOut(JSON.parse(study), '', width)
  } catch {
    return study
  }
}
