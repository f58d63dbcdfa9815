/** One event of a stream, as it was sent: `event` is 'message' where the stream names none. */
export interface ServerSentEvent {
  /** The last id that the stream gave, this event's or an earlier one's. */
  readonly id: string
  readonly event: string
  readonly data: string
}

const LINE_END = /\r\n|\r|\n/

/** Bytes to lines. A chunk may end anywhere: inside a letter, or between the two halves of a line's end. */
const lineReader = (): ((bytes: Uint8Array) => string[]) => {
  const decoder = new TextDecoder()
  let rest = ''
  let afterReturn = false
  return (bytes) => {
    const text = decoder.decode(bytes, { stream: true })
    if (text === '') return []
    // A carriage return ended its line at once; waiting for its line feed would hold the event back until the next one.
    const fresh = afterReturn && text.startsWith('\n') ? text.slice(1) : text
    afterReturn = text.endsWith('\r')
    const lines = (rest + fresh).split(LINE_END)
    rest = lines.pop()!
    return lines
  }
}

/** `name: value`, one blank after the colon belonging to neither; a line without a colon is a name. */
const fieldOf = (line: string): readonly [name: string, value: string] => {
  const colon = line.indexOf(':')
  return colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')]
}

/**
 * Feed it the bytes of a stream as they come; it returns the events they finish. `retry` is left to the caller's own patience.
 * An event that is named but carries no data is given too: `event: end` alone says enough.
 * @source HTML Living Standard, 9.2.6 Interpreting an event stream
 * @verifiedBy test/client/sse.test.ts
 */
export const sseParser = (): ((bytes: Uint8Array) => ServerSentEvent[]) => {
  const linesOf = lineReader()
  let id = ''
  let event = ''
  let data: string[] = []
  const take = (line: string): ServerSentEvent[] => {
    if (line === '') {
      const finished = event !== '' || data.length > 0 ? [{ id, event: event || 'message', data: data.join('\n') }] : []
      event = ''
      data = []
      return finished
    }
    const [name, value] = fieldOf(line)
    if (name === 'data') data.push(value)
    if (name === 'event') event = value
    if (name === 'id' && !value.includes('\0')) id = value
    return []
  }
  return (bytes) => linesOf(bytes).flatMap(take)
}
