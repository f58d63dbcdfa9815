import { describe, expect, it } from 'vitest'
import { type ServerSentEvent, sseParser } from '../../src/client/sse.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What a stream gives when it comes in pieces of `size` bytes. */
const parsed = (text: string, size = Number.POSITIVE_INFINITY): ServerSentEvent[] => {
  const parse = sseParser()
  const all = bytes(text)
  const found: ServerSentEvent[] = []
  for (let at = 0; at < all.length; at += size) found.push(...parse(all.subarray(at, at + size)))
  return found
}

const STREAM = [
  ': keep-alive',
  '',
  'id: 1',
  'event: state',
  'data: {"state":"queued"}',
  '',
  'id: 2',
  'event: note',
  'data: première ligne – Δt = 2 µs 🌊',
  'data:  second line, one blank more',
  '',
  ':',
  'event: end',
  'data: {}',
  '',
  '',
].join('\n')

const EVENTS = [
  { id: '1', event: 'state', data: '{"state":"queued"}' },
  { id: '2', event: 'note', data: 'première ligne – Δt = 2 µs 🌊\n second line, one blank more' },
  { id: '2', event: 'end', data: '{}' },
]

describe('a stream of server-sent events', () => {
  it.each([
    ['\n', 'line feeds'],
    ['\r\n', 'both'],
    ['\r', 'carriage returns'],
  ])('with lines that end in %j, in pieces of any size', (end) => {
    const text = STREAM.replaceAll('\n', end)
    for (let size = 1; size <= bytes(text).length; size++) expect(parsed(text, size)).toEqual(EVENTS)
  })

  it('cut in two at every place', () => {
    const all = bytes(STREAM.replaceAll('\n', '\r\n'))
    for (let cut = 0; cut <= all.length; cut++) {
      const parse = sseParser()
      expect([...parse(all.subarray(0, cut)), ...parse(all.subarray(cut))]).toEqual(EVENTS)
    }
  })

  it('gives an event as soon as it is whole, without waiting for the line feed after a carriage return', () => {
    const parse = sseParser()
    expect(parse(bytes('data: a\r\n\r'))).toEqual([{ id: '', event: 'message', data: 'a' }])
    expect(parse(bytes('\ndata: b\r\n\r\n'))).toEqual([{ id: '', event: 'message', data: 'b' }])
  })

  it.each<readonly [string, string, readonly ServerSentEvent[]]>([
    ['an event that is not finished', 'data: a\n', []],
    ['comments and blank lines only', ':\n\n: x\n\n\n', []],
    ['an id alone, which later events keep', 'id: 7\n\ndata: a\n\n', [{ id: '7', event: 'message', data: 'a' }]],
    ['a field without a colon', 'data\ndata\n\n', [{ id: '', event: 'message', data: '\n' }]],
    ['no blank after the colon', 'data:a:b\n\n', [{ id: '', event: 'message', data: 'a:b' }]],
    ['fields that it does not know', 'retry: 10\nfoo: 1\n\ndata: a\n\n', [{ id: '', event: 'message', data: 'a' }]],
    ['a named event without data', 'event: end\n\n', [{ id: '', event: 'end', data: '' }]],
    [
      'a name that does not stay',
      'event: x\ndata:\n\ndata:\n\n',
      [
        { id: '', event: 'x', data: '' },
        { id: '', event: 'message', data: '' },
      ],
    ],
    ['a byte order mark', '\uFEFFdata: a\n\n', [{ id: '', event: 'message', data: 'a' }]],
    ['an id with a null, which is ignored', 'id: 1\nid: a\0b\ndata: a\n\n', [{ id: '1', event: 'message', data: 'a' }]],
  ])('with %s', (_, text, events) => {
    expect(parsed(text)).toEqual(events)
    expect(parsed(text, 1)).toEqual(events)
  })
})
