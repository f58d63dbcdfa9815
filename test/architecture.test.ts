import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const SRC = resolve(import.meta.dirname, '../src')

/** The floors of docs/architecture.md: imports point down only; rooms on one floor do not import one another. */
const FLOORS: readonly (readonly string[])[] = [
  ['numeric'],
  ['mesh', 'time', 'tensor'],
  ['fem'],
  ['wave', 'trace'],
  ['submodel', 'generative', 'uq', 'report'],
  ['study'],
  ['runtime', 'client'],
  ['cli', 'service', 'web'],
]
const TENSOR_RUNTIMES = /^(onnxruntime|@tensorflow\/)/

const floorOf = (room: string): number => FLOORS.findIndex((rooms) => rooms.includes(room))
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'))
const importsOf = (file: string): string[] =>
  [...readFileSync(join(SRC, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map((m) => m[1])

/** [importing room, imported room] pairs of a file, within src. */
const roomsOf = (file: string): [string, string][] =>
  importsOf(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => relative(SRC, resolve(SRC, dirname(file), name)).split('/')[0])
    .map((target): [string, string] => [file.split('/')[0], target])
    .filter(([from, to]) => from !== to)

/** Tensors serve the generator only (and the doors that choose an executor go through recipes). */
const MAY_USE_TENSOR = new Set(['generative', 'study', 'runtime'])

describe('architecture', () => {
  it('finds the source', () => expect(files.length).toBeGreaterThan(5))

  it('has a floor for every room', () => {
    const rooms = new Set(files.filter((f) => f.includes('/')).map((f) => f.split('/')[0]))
    expect([...rooms].filter((room) => floorOf(room) < 0)).toEqual([])
  })

  it.each(files.filter((f) => f.includes('/')))('%s imports downwards only', (file) => {
    expect(roomsOf(file).filter(([from, to]) => floorOf(to) >= floorOf(from))).toEqual([])
  })

  it('keeps tensor runtimes inside tensor/', () => {
    const offenders = files.filter((f) => !f.startsWith('tensor/') && importsOf(f).some((i) => TENSOR_RUNTIMES.test(i)))
    expect(offenders).toEqual([])
  })

  it('lets only the generator and the recipes see tensors', () => {
    const offenders = files.filter((f) => roomsOf(f).some(([from, to]) => to === 'tensor' && !MAY_USE_TENSOR.has(from)))
    expect(offenders).toEqual([])
  })

  it('has no barrel files but the public one', () => {
    expect(files.filter((f) => f.endsWith('index.ts') && f !== 'index.ts')).toEqual([])
  })
})
