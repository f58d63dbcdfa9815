import type { Chance } from './fuzz-chance.ts'

type Mutation<T> = (value: T, chance: Chance) => T

/** What JSON.stringify would not write: the text between the marks goes into the document as it is. */
const MARK = '\uE000'
const raw = (text: string): string => `${MARK}${text}${MARK}`
const RAW = new RegExp(`"${MARK}([^${MARK}]*)${MARK}"`, 'g')

const nested = (depth: number, open: string, core: string, close: string): string =>
  raw(open.repeat(depth) + core + close.repeat(depth))

const DEPTHS = [63, 64, 65, 1000, 10_000] as const
const NUMBERS =
  '1e999 -1e999 NaN Infinity -Infinity 01 1. .5 0x10 1e-400 -0 9007199254740993 1e308 -1e308 2147483648 4294967296 5e-324'.split(
    ' ',
  )

const TEXTS: readonly string[] = [
  ...[
    '',
    ' ',
    '\0',
    'a\0b',
    '\ud800',
    'x\udfff',
    '\ufeff',
    '\u202eabc',
    'é',
    '\u0065\u0301',
    '👩‍👩‍👧',
    'ﬃ',
    '\u2028',
    '\x1b[31m',
  ],
  ...[
    'NaN',
    'null',
    'true',
    '0',
    '1e999',
    '-1',
    '__proto__',
    'constructor',
    'toString',
    '%00',
    '%s%n',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the very text is sent
    '${7*7}',
    '{{7*7}}',
  ],
  ...[
    "'; drop table nestwave.job; --",
    '<script>alert(1)</script>',
    '\r\nX-Evil: 1',
    '../../etc/passwd',
    'C:\\x',
    '/etc/passwd',
  ],
]

const KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  '\0',
  'a.b',
  'a[0]',
  '~',
  '/',
  '0',
  '-1',
  'length',
]

/** JSON.parse makes own properties of any name, as a request's parser does. */
const withKey = (object: object, key: string, value: unknown): object =>
  Object.fromEntries([...Object.entries(object), [key, value]])

const POLLUTIONS: readonly (readonly [key: string, value: unknown])[] = [
  ['__proto__', { polluted: true }],
  ['constructor', { prototype: { polluted: true } }],
  ['prototype', { polluted: true }],
  ['__proto__.polluted', true],
  ['constructor.prototype.polluted', true],
]

/** Anything that may stand where something else belongs. */
export const oddValue = (chance: Chance): unknown => {
  const values: readonly (() => unknown)[] = [
    () => chance.pick([null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, 1e300, [], {}, [[]], [null], { value: 1 }]),
    () => raw(chance.pick(NUMBERS)),
    () => raw(`${'9'.repeat(chance.pick([40, 400, 20_000]))}`),
    () => chance.pick(TEXTS),
    () => chance.pick(TEXTS) + chance.pick(TEXTS),
    () => 'x'.repeat(chance.pick([200, 201, 5000, 70_000])),
    () => Array.from({ length: chance.pick([1, 3, 1000]) }, () => chance.pick<unknown>([0, 'x', null, {}])),
    () => nested(chance.pick(DEPTHS), '[', '', ']'),
    () => nested(chance.pick(DEPTHS), '{"a":', '0', '}'),
    () => withKey({}, ...chance.pick(POLLUTIONS)),
  ]
  return chance.pick(values)()
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const changeObject: Mutation<Record<string, unknown>> = (object, chance) => {
  const keys = Object.keys(object)
  const changes: readonly (() => object)[] = [
    () => Object.fromEntries(Object.entries(object).filter(([key]) => key !== chance.pick(keys))),
    () => withKey(object, chance.pick(KEYS), oddValue(chance)),
    () => withKey(object, ...chance.pick(POLLUTIONS)),
    () =>
      Object.fromEntries(
        Object.entries(object).map(([key, value]) => [chance.is(0.2) ? chance.pick(KEYS) : key, value]),
      ),
  ]
  return chance.pick(changes)() as Record<string, unknown>
}

const changeNumber: Mutation<unknown> = (number, chance) =>
  chance.pick([
    () => -(number as number),
    () => (number as number) * 10 ** (chance.below(40) - 20),
    () => oddValue(chance),
  ])()

const SPLINTERS = ['\0', '\ud800', '\udc00', '0', '9', '-', '/', '.', ' ', '\n', '\u00e9', '__proto__']

const changeText: Mutation<unknown> = (value, chance) => {
  const text = value as string
  const at = chance.below(text.length + 1)
  return chance.pick([
    () => text.slice(0, at) + chance.pick(SPLINTERS) + text.slice(at),
    () => text.replaceAll(/\d/g, chance.pick(['0', '9'])),
    () => (text.length < 5000 ? text.repeat(chance.pick([0, 2, 100])) : ''),
    () => oddValue(chance),
  ])()
}

const changeLeaf: Mutation<unknown> = (value, chance) => {
  if (typeof value === 'number') return changeNumber(value, chance)
  return typeof value === 'string' ? changeText(value, chance) : oddValue(chance)
}

/** One place of a document changed, at any depth. */
export const changed: Mutation<unknown> = (value, chance) => {
  if (Array.isArray(value) && value.length > 0 && chance.is(0.7)) {
    const at = chance.below(value.length)
    return chance.is(0.2) ? [...value, ...value] : value.with(at, changed(value[at], chance))
  }
  if (!isObject(value)) return changeLeaf(value, chance)
  const keys = Object.keys(value)
  if (keys.length === 0 || chance.is(0.15)) return changeObject(value, chance)
  if (chance.is(0.05)) return oddValue(chance)
  const key = chance.pick(keys)
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, k === key ? changed(v, chance) : v]))
}

export const jsonText = (value: unknown): string =>
  (JSON.stringify(value) ?? 'undefined').replaceAll(RAW, (_, text) => JSON.parse(`"${text}"`))

const insertAt = (text: string, at: number, more: string): string => text.slice(0, at) + more + text.slice(at)

/** The text itself garbled: it is not JSON any more, or barely. */
const garbled: Mutation<string> = (text, chance) => {
  const at = chance.below(text.length + 1)
  return chance.pick([
    () => text.slice(0, at),
    () => text.slice(at),
    () =>
      insertAt(text, at, chance.pick(['\0', '\ufeff', ',', '}', ']', '"', '\\', '\\u', '\\ud800', '/*x*/', '\n', '{'])),
    () => text.replace('{', '{"kind":"run","kind":"dataset",'),
    () => text + text,
    () => `\ufeff${text}`,
    () => '',
    () => '['.repeat(chance.pick(DEPTHS)),
    () => text.replaceAll('"', "'"),
    () => `"${'x'.repeat(1 << 20)}"`,
    () => `[${'0,'.repeat(chance.pick([1000, 200_000]))}0]`,
    () => `{${Array.from({ length: chance.pick([100, 20_000]) }, (_, k) => `"k${k}":0`).join()}}`,
  ])()
}

const badBytes: Mutation<Buffer> = (bytes, chance) => {
  // Many names stand near the beginning of a file.
  const copy = Buffer.from(bytes)
  if (chance.is(0.5) && copy.length > 0) copy[chance.below(Math.min(copy.length, 200))] = 0
  for (let k = 1 + chance.below(4); k > 0 && copy.length > 0; k--) copy[chance.below(copy.length)] = chance.below(256)
  return chance.is(0.3) ? Buffer.concat([copy, Buffer.from([0xff, 0xfe, 0xc0, 0x80])]) : copy
}

/** A document as bytes: as it is, changed, garbled, or no UTF-8 at all. */
export const jsonBytes = (document: unknown, chance: Chance): Buffer => {
  let value = document
  if (chance.is(0.8)) for (let k = 1 + chance.below(3); k > 0; k--) value = changed(value, chance)
  const text = jsonText(value)
  if (chance.is(0.1)) return badBytes(Buffer.from(text), chance)
  return Buffer.from(chance.is(0.15) ? garbled(text, chance) : text)
}

const NOT_NUMBERS = ['-1', '0', '1e9', '99999999999999999999', 'x', '', '1 1', 'NaN', '4294967297', '0.5', '\0']

const changeWord = (line: string, chance: Chance): string => {
  const words = line.split(' ')
  return words.with(chance.below(words.length), chance.pick(NOT_NUMBERS)).join(' ')
}

/** A mesh file with lines lost, doubled, exchanged, or other numbers in them; or no mesh at all. */
export const meshBytes = (text: string, chance: Chance): Buffer => {
  if (chance.is(0.05))
    return Buffer.from(chance.pick(['', '\0', '$MeshFormat', 'x'.repeat(1 << 20), '$MeshFormat\n4.1 1 8\n']))
  let lines = text.split('\n')
  for (let k = chance.below(4); k > 0; k--) {
    const at = chance.below(lines.length)
    lines = chance.pick([
      () => lines.toSpliced(at, 1),
      () => lines.toSpliced(at, 0, lines[at]),
      () => lines.with(at, changeWord(lines[at], chance)),
      () => lines.with(at, changeWord(lines[at], chance)),
      () => lines.with(at, lines[chance.below(lines.length)]),
      () => lines.slice(0, at),
    ])()
    if (lines.length === 0) break
  }
  const bytes = Buffer.from(lines.join('\n'))
  return chance.is(0.1) ? badBytes(bytes, chance) : bytes
}

/** Ways out of a folder, by which a careless server would leave its own. `MARKER` makes what they made findable. */
export const pathOut = (chance: Chance, marker: string): string => {
  const up = chance.pick([
    '../',
    '..%2f',
    '%2e%2e/',
    '%2e%2e%2f',
    '..\\',
    '..%5c',
    '%252e%252e%252f',
    '..%c0%af',
    '....//',
    '..;/',
    '.%2e/',
  ])
  const start = chance.pick(['', '/', '%2f', 'dataset/', 'x/', '%00', 'file:///', 'C:%5c', '//', '~/'])
  const end = chance.pick([
    'canary/a.txt',
    `${marker}.msh`,
    'etc/passwd',
    'data/postgres/password',
    `${marker}.msh%00`,
    `${marker}`,
    '',
  ])
  return start + up.repeat(1 + chance.below(6)) + end
}

/** A query's or path's text. */
export const oddText = (chance: Chance): string => {
  const text = chance.is(0.1) ? 'x'.repeat(chance.pick([300, 3000, 9000])) : chance.pick(TEXTS)
  return chance.is(0.3) ? text.replaceAll(/[\0-\x20\x7f-\uffff#?%]/g, '%zz') : encodeURIComponent(text.toWellFormed())
}
