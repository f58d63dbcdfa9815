import type { Problem } from '../numeric/errors.ts'
import { jsonStumble } from '../study/json-place.ts'
import { Refusal } from './problem.ts'

export const MAX_DEPTH = 64

const malformed = (detail: string): Refusal => new Refusal(400, 'malformed-json', 'The body is not JSON', detail)

/** line:column of an offset, both from 1. */
const placeOf = (text: string, at: number): string => {
  const before = text.slice(0, at).split('\n')
  return `${before.length}:${before.at(-1)!.length + 1}`
}

const decode = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw malformed('the bytes are not UTF-8')
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const opens = (code: number): boolean => code === 0x5b || code === 0x7b
const closes = (code: number): boolean => code === 0x5d || code === 0x7d

/** Where brackets first nest deeper than allowed, or -1. Told before parsing: every later step may recurse. */
const tooDeepAt = (text: string): number => {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quoted && code === BACKSLASH) at++
    else if (code === QUOTE) quoted = !quoted
    else if (!quoted && opens(code) && ++depth > MAX_DEPTH) return at
    else if (!quoted && closes(code)) depth--
  }
  return -1
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed(`${placeOf(text, jsonStumble(text))}: not JSON from here on`)
  }
}

/** `constructor.prototype` and `__proto__`, as nested keys or within one dotted key. */
const HARMFUL = /(?:^|\.)(?:__proto__|constructor\.prototype)(?:\.|$)/

const below = (path: string, key: string | number): string =>
  typeof key === 'number' ? `${path}[${key}]` : path ? `${path}.${key}` : key

/** A key by which a careless merge would reach the prototype of every object. */
const isHarmful = (parent: string | number, key: string): boolean =>
  (key.includes('__proto__') || key.includes('prototype')) && HARMFUL.test(`${parent}.${key}`)

/** Every key that is there to change prototypes. They are unknown to every schema, yet free-form parts would let them by. */
export const harmfulKeys = (value: unknown, path = '', parent: string | number = ''): Problem[] => {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap((item, k) => harmfulKeys(item, below(path, k), k))
  return Object.keys(value).flatMap((key) =>
    isHarmful(parent, key)
      ? [{ path: below(path, key), expected: 'no such key (unknown)', received: JSON.stringify(key) }]
      : harmfulKeys((value as Record<string, unknown>)[key], below(path, key), key),
  )
}

/**
 * The JSON value that bytes of a request hold.
 * @throws Refusal 400 for bytes that are not UTF-8 or not JSON (with line:column), and for nesting deeper than {@link MAX_DEPTH}
 * @source RFC 8259
 * @verifiedBy test/service/mount.test.ts
 */
export const jsonOf = (bytes: Uint8Array): unknown => {
  const text = decode(bytes)
  if (text.trim() === '') throw malformed('the body is empty')
  const deep = tooDeepAt(text)
  if (deep >= 0) throw malformed(`${placeOf(text, deep)}: nested deeper than ${MAX_DEPTH}`)
  return parse(text)
}
