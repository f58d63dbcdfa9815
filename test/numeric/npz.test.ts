import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import type { NpyArray } from '../../src/numeric/npz.ts'
import { readNpy, readNpz, writeNpy, writeNpz } from '../../src/numeric/npz.ts'

const FOLDER = resolve(import.meta.dirname, '../fixtures/numpy')
interface Fixture {
  readonly made: { readonly script: string; readonly sha256: string }
  readonly values: Record<string, { readonly shape: readonly number[]; readonly data: readonly string[] }>
  readonly npy: Record<string, string>
  readonly npz: string
  readonly compressed: string
}
const fixture = JSON.parse(readFileSync(join(FOLDER, 'numpy.json'), 'utf8')) as Fixture
const bytesOf = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))
const names = Object.keys(fixture.values)

const expectValues = (name: string, array: NpyArray | undefined): void => {
  const { shape, data } = fixture.values[name]
  expect(array?.shape).toEqual(shape)
  const wanted =
    array?.data instanceof BigInt64Array
      ? data.map(BigInt)
      : array?.data instanceof Float32Array
        ? data.map((v) => Math.fround(Number(v)))
        : data.map(Number)
  expect([...(array?.data ?? [])]).toEqual(wanted)
}

describe('npz', () => {
  it('is checked against files of the script beside them', () => {
    const script = readFileSync(join(FOLDER, fixture.made.script))
    expect(createHash('sha256').update(script).digest('hex')).toBe(fixture.made.sha256)
  })

  it.each(names)("reads NumPy's %s array", (name) => expectValues(name, readNpy(bytesOf(fixture.npy[name]), name)))

  it.each(['npz', 'compressed'] as const)("reads NumPy's %s file", (kind) => {
    const arrays = readNpz(bytesOf(fixture[kind]), 'a.npz')
    expect([...arrays.keys()]).toEqual(names)
    for (const name of names) expectValues(name, arrays.get(name))
  })

  it.each(names)('writes the %s array as NumPy does, byte for byte', (name) => {
    const bytes = bytesOf(fixture.npy[name])
    expect(writeNpy(readNpy(bytes, name))).toEqual(bytes)
  })

  it('writes equal bytes for equal arrays, and reads them back', () => {
    const arrays = { a: { shape: [2, 2], data: Float64Array.of(1, Number.NaN, -0, Infinity) } }
    expect(writeNpz(arrays)).toEqual(writeNpz(arrays))
    expect([...readNpz(writeNpz(arrays), 'a.npz')]).toEqual([['a', arrays.a]])
  })

  it.each([
    ['fortran', 'C order'],
    ['big-endian', '<f4'],
    ['complex', '<f4'],
    ['text', '<f4'],
  ])('refuses %s arrays', (name, expected) => {
    expect(() => readNpy(bytesOf(fixture.npy[name]), 'a.npy')).toThrow(InvalidInput)
    expect(() => readNpy(bytesOf(fixture.npy[name]), 'a.npy')).toThrow(`a.npy: expected `)
    expect(() => readNpy(bytesOf(fixture.npy[name]), 'a.npy')).toThrow(expected)
  })

  it('refuses other files, truncated files and shapes that do not fit', () => {
    expect(() => readNpy(new Uint8Array(200), 'a.npy')).toThrow(/another kind of file/)
    expect(() => readNpy(bytesOf(fixture.npy.f8).slice(0, -1), 'a.npy')).toThrow(/truncated/)
    expect(() => readNpz(new Uint8Array(200), 'a.npz')).toThrow(/a\.npz: expected an \.npz file/)
    expect(() => readNpz(bytesOf(fixture.npz).slice(0, 300), 'a.npz')).toThrow(InvalidInput)
    expect(() => writeNpy({ shape: [3], data: new Float32Array(2) })).toThrow(RangeError)
  })

  it('writes what NumPy loads', ({ skip }) => {
    const python = '/usr/bin/python3'
    try {
      execFileSync(python, ['-c', 'import numpy'], { stdio: 'ignore' })
    } catch {
      console.log('skipped: NPZ read by NumPy')
      return skip()
    }
    const file = join(mkdtempSync(join(tmpdir(), 'nestwave-npz-')), 'a.npz')
    const values = Float32Array.of(0.5, 1, 2, 4, 8, 16)
    writeFileSync(
      file,
      writeNpz({ traces: { shape: [1, 3, 2], data: values }, n: { shape: [], data: BigInt64Array.of(5n) } }),
    )
    const script =
      'import sys, numpy; a = numpy.load(sys.argv[1]); print(a["traces"].tolist(), a["traces"].dtype, a["n"], a["n"].dtype)'
    const printed = execFileSync(python, ['-c', script, file], { encoding: 'utf8' }).trim()
    expect(printed).toBe('[[[0.5, 1.0], [2.0, 4.0], [8.0, 16.0]]] float32 5 int64')
  })
})
