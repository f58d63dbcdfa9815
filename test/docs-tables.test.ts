import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { USAGE, VERB_HELP } from '../src/cli/help.ts'
import { DEFAULT_GAN } from '../src/generative/gan/training-options.ts'
import { VARIABLES } from '../src/service/config.ts'
import { JOB_KINDS } from '../src/study/job-kinds.ts'
import { studyJsonSchema } from '../src/study/schema.ts'

/** What the pages say in tables is what the program does. */
const ROOT = resolve(import.meta.dirname, '..')
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((m) => m[1])
/** What a cell sets in code type. */
const codes = (cell: string): string[] => all(cell, /`([^`]+)`/g)

/** The cells of every table row of a page. */
const rowsOf = (page: string): string[][] =>
  textOf(page)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )

interface Schema {
  readonly unit?: string
  readonly default?: unknown
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | false
  readonly prefixItems?: readonly Schema[]
  readonly items?: Schema | false
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}
type Child = readonly [suffix: string, schema: Schema, required: boolean]

const variantsOf = (schema: Schema): readonly Schema[] => schema.anyOf ?? schema.oneOf ?? []
const unitOf = (schema: Schema): string | undefined =>
  schema.unit ??
  schema.prefixItems?.[0].unit ??
  variantsOf(schema)
    .map(unitOf)
    .find((unit) => unit !== undefined)

const under = (suffix: string, schema: Schema | false | undefined): Child[] =>
  schema ? childrenOf(schema).map(([rest, inner, required]) => [suffix + rest, inner, required]) : []
/** Fields inside: `[]` stands for a list's entry, `NAME` for a key of one's own. Nothing is required of one variant among others. */
const childrenOf = (schema: Schema): Child[] => [
  ...Object.entries(schema.properties ?? {}).map(
    ([key, inner]): Child => [`.${key}`, inner, schema.required?.includes(key) ?? false],
  ),
  ...variantsOf(schema).flatMap((variant) => childrenOf(variant).map(([s, inner]): Child => [s, inner, false])),
  ...under('[]', schema.items),
  ...under('.NAME', schema.additionalProperties),
]

interface Field {
  readonly path: string
  readonly unit: string
  readonly value: string | undefined
}
/** A law is one field of the table; its numbers have a table of their own. */
const LAW = /^\.(load\.(amplitude|arrival|position|width)|uncertainty\.defect\.(centre|length))$/

const fieldsOf = (schema: Schema, path: string, required: boolean): Field[] => {
  const children = LAW.test(path) ? [] : childrenOf(schema)
  const value = schema.default === undefined ? (required ? 'required' : undefined) : JSON.stringify(schema.default)
  const own = children.length === 0 || (schema.default !== undefined && !schema.properties)
  return [
    ...(own ? [{ path: path.slice(1), unit: unitOf(schema) ?? '–', value }] : []),
    ...children.flatMap(([suffix, inner, needed]) => fieldsOf(inner, path + suffix, needed)),
  ]
}

describe('docs/study-file.md', () => {
  const { NestwaveStudy } = (studyJsonSchema() as { $defs: Record<string, Schema> }).$defs
  const fields = fieldsOf(NestwaveStudy, '', true)
  /** Rows of the tables of fields, which have four columns. */
  const rows = new Map(
    rowsOf('docs/study-file.md')
      .filter((row) => row.length === 4)
      .flatMap((row) => codes(row[0]).map((path) => [path, row] as const)),
  )

  it('is compared with a schema that has fields', () => expect(fields.length).toBeGreaterThan(50))

  it.each(fields)('has the row of $path, unit $unit, default $value', ({ path, unit, value }) => {
    const [, shownUnit, shownDefault] = rows.get(path) ?? []
    expect(shownUnit).toBe(unit)
    if (value !== undefined) expect(shownDefault.replaceAll(/[`\s]/g, '')).toBe(value)
  })

  it('has no row of a field that is gone', () => {
    const known = new Set(fields.map(({ path }) => path))
    expect([...rows.keys()].filter((path) => !known.has(path))).toEqual([])
  })
})

describe('docs/command-line.md', () => {
  const page = rowsOf('docs/command-line.md').flatMap((row) => codes(row[0]))

  it('has every verb and every flag', () => {
    const flags = all(USAGE, /(--[a-z]+)/g).filter((flag) => flag !== '--out')
    expect([...Object.keys(VERB_HELP), '--out', ...flags].filter((word) => !page.includes(word))).toEqual([])
  })

  it('has no others', () => {
    expect(page.filter((word) => !(word in VERB_HELP) && !USAGE.includes(word))).toEqual([])
  })
})

describe('docs/results.md', () => {
  const shown = new Set(rowsOf('docs/results.md').flatMap((row) => row.flatMap(codes).flatMap((c) => c.split(/\W+/))))

  it('names every field of report.json', () => {
    const fields = ['src/study/report-json.ts', 'src/uq/estimate.ts'].flatMap((file) =>
      all(textOf(file).replace(/export interface QuantitySample[\s\S]*/, ''), /readonly (\w+)\??:/g),
    )
    expect(fields.length).toBeGreaterThan(40)
    expect(fields.filter((field) => !shown.has(field))).toEqual([])
  })

  it('names every section of report.html, in order', () => {
    const titles = all(textOf('src/report/sections.ts'), /^ {2,4}title: '([^']+)'/gm)
    const sections = rowsOf('docs/results.md').map((row) => row[0])
    expect(titles.length).toBeGreaterThan(5)
    expect(titles.filter((title) => !sections.includes(title))).toEqual([])
  })
})

describe('docs/generator.md', () => {
  const FROM_STUDY = ['mode', 'iterations', 'batch', 'checkpointEvery', 'seed']
  const shown = new Map(
    rowsOf('docs/generator.md').flatMap(([names, values]) => {
      const given = codes(values ?? '')
      return codes(names).map((name, i) => [name, given[i]] as const)
    }),
  )

  it.each(
    Object.entries(DEFAULT_GAN).filter(([key]) => !FROM_STUDY.includes(key)),
  )('has the value of %s', (key, value) => {
    expect(JSON.parse(shown.get(key) ?? 'null')).toEqual(value)
  })
})

describe('docs/service.md', () => {
  it('has a row for every setting, with its variable', () => {
    const rows = rowsOf('docs/service.md').map(([setting, variable]) => [codes(setting)[0], codes(variable ?? '')[0]])
    for (const [setting, variable] of Object.entries(VARIABLES)) expect(rows).toContainEqual([setting, variable])
  })

  it('has a row for every kind of job', () => {
    const kinds = rowsOf('docs/service.md').map(([kind]) => codes(kind)[0])
    for (const kind of JOB_KINDS) expect(kinds).toContain(kind)
  })
})
