import type { Problem } from '../numeric/errors.ts'
import { jsonStumble } from '../study/json-place.ts'
import { Refusal } from './problem.ts'

export const MAX_DEPTH = 64
/** Separated by commas, at any depth: a study has hundreds. */
export const MAX_VALUES = 50_000

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

const COMMA = 0x2c

export interface Excess {
  readonly at: number
  readonly what: 'depth' | 'values'
}

/**
 * Where a text first nests deeper, or holds more values, than allowed. Told before parsing: every later step may recurse, and
 * checks cost far more than a value's bytes.
 */
export const excessIn = (text: string): Excess | null => {
  let depth = 0
  let values = 1
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quoted && code === BACKSLASH) at++
    else if (code === QUOTE) quoted = !quoted
    else if (quoted) continue
    else if (opens(code) && ++depth > MAX_DEPTH) return { at, what: 'depth' }
    else if (closes(code)) depth--
    else if (code === COMMA && ++values > MAX_VALUES) return { at, what: 'values' }
  }
  return null
}

const excessive = (text: string, { at, what }: Excess): Refusal =>
  what === 'depth'
    ? malformed(`${placeOf(text, at)}: nested deeper than ${MAX_DEPTH}`)
    : new Refusal(413, 'too-large', 'The body is too large', `${placeOf(text, at)}: more than ${MAX_VALUES} values`)

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

/** What a database of UTF-8 texts cannot keep: NUL, and half of a surrogate pair. */
const isKeepable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

const shownText = (text: string): string => JSON.stringify(text.slice(0, 60))

type Tell = (problem: Problem) => void

const checkText = (text: string, path: string, tell: Tell): void => {
  if (!isKeepable(text)) tell({ path, expected: 'a text without NUL and lone surrogates', received: shownText(text) })
}

const checkKey = (parent: string | number, key: string, path: string, tell: Tell): void => {
  checkText(key, path, tell)
  if (isHarmful(parent, key)) tell({ path, expected: 'no such key (unknown)', received: shownText(key) })
}

const walk = (value: unknown, path: string, parent: string | number, tell: Tell): void => {
  if (typeof value === 'string') checkText(value, path, tell)
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const [k, item] of value.entries()) if (typeof item !== 'number') walk(item, below(path, k), k, tell)
    return
  }
  for (const [key, inner] of Object.entries(value)) {
    checkKey(parent, key, below(path, key), tell)
    walk(inner, below(path, key), key, tell)
  }
}

/**
 * What no document may hold anywhere, free-form parts included: keys that are there to change prototypes, which every schema
 * finds unknown but free-form parts would let by, and texts that could not be stored.
 */
export const unwelcomeParts = (value: unknown, path = ''): Problem[] => {
  const problems: Problem[] = []
  walk(value, path, '', (problem) => problems.push(problem))
  return problems
}

/**
 * The JSON value that bytes of a request hold.
 * @throws Refusal 400 for bytes that are not UTF-8 or not JSON (with line:column), and for nesting deeper than {@link MAX_DEPTH};
 * 413 for more than {@link MAX_VALUES}
 * @source RFC 8259
 * @verifiedBy test/service/mount.test.ts
 */
export const jsonOf = (bytes: Uint8Array): unknown => {
  const text = decode(bytes)
  if (text.trim() === '') throw malformed('the body is empty')
  const excess = excessIn(text)
  if (excess !== null) throw excessive(text, excess)
  return parse(text)
}
