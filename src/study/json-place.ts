const TOKEN =
  /[{}[\],:]|"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/uy
const SPACE = /[ \t\r\n]*/y

const match = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

type Expected = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'next'

const isValue = (token: string): boolean => !'}],:'.includes(token)

/** What may follow a token, or undefined when the token may not stand here. `open` holds the brackets not yet closed. */
const advance = (expected: Expected, token: string, open: string[]): Expected | undefined => {
  const closes = (token === '}' || token === ']') && open.at(-1) === token
  if (closes && (expected === 'next' || expected === (token === '}' ? 'first-key' : 'first-value'))) {
    open.pop()
    return 'next'
  }
  if (expected === 'colon') return token === ':' ? 'value' : undefined
  if (expected === 'next') return token === ',' && open.length > 0 ? (open.at(-1) === '}' ? 'key' : 'value') : undefined
  if (expected === 'key' || expected === 'first-key') return token.startsWith('"') ? 'colon' : undefined
  if (!isValue(token)) return undefined
  if (token === '{') open.push('}')
  if (token === '[') open.push(']')
  return token === '{' ? 'first-key' : token === '[' ? 'first-value' : 'next'
}

/**
 * Where a text stops being JSON: the offset of the first token that cannot stand where it stands, or the text's length. The
 * runtime's own message tells the place of some errors only.
 * @source RFC 8259
 * @verifiedBy test/study/json-place.test.ts
 */
export const jsonStumble = (text: string): number => {
  const open: string[] = []
  let expected: Expected = 'value'
  for (let at = 0; ; ) {
    at += match(SPACE, text, at)!.length
    const token = match(TOKEN, text, at)
    const next: Expected | undefined = token === undefined ? undefined : advance(expected, token, open)
    if (next === undefined) return at
    expected = next
    at += token!.length
  }
}
