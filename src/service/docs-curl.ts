/** One word of a POSIX shell: nothing in it is expanded but a variable that an address begins with. */
export const shellWord = (text: string): string => {
  if (/^\$\w+[\w@%+=:,./-]*$/.test(text)) return `"${text}"`
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

export interface Curl {
  readonly method: string
  readonly url: string
  readonly withKey: boolean
  readonly body?: { readonly contentType: string; readonly value?: unknown }
}

/** JSON to read: lists of plain values on one line. A raw line break stands between values only, never within a text. */
const pretty = (value: unknown): string =>
  JSON.stringify(value, null, 2).replaceAll(/\[\n[^[\]{}]*\n\s*\]/g, (list) =>
    list.replaceAll(/\n\s*/g, ' ').replace(/^\[ (.*) \]$/, '[$1]'),
  )

const dataOf = ({ contentType, value }: NonNullable<Curl['body']>): string[] => {
  const type = `-H ${shellWord(`Content-Type: ${contentType}`)}`
  return [type, value === undefined ? '--data-binary @FILE' : `-d ${shellWord(pretty(value))}`]
}

/** A request as a command to paste; the key comes from the environment and never stands in the page. */
export const curlOf = ({ method, url, withKey, body }: Curl): string =>
  [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${shellWord(url)}`,
    ...(withKey ? ['-H "Authorization: Bearer $NESTWAVE_KEY"'] : []),
    ...(body === undefined ? [] : dataOf(body)),
  ].join(' \\\n  ')
