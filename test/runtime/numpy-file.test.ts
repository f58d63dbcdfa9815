import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readNpy, readNpz, writeNpy } from '../../src/numeric/npz.ts'
import { type StreamedMatrix, writeNpyFile, writeNpzFile } from '../../src/runtime/numpy-file.ts'

const root = mkdtempSync(join(tmpdir(), 'nestwave-numpy-'))
afterAll(() => rmSync(root, { recursive: true }))

const numbers = (rows: number, columns: number): Float64Array =>
  Float64Array.from({ length: rows * columns }, (_, at) => Math.sin(at) * 10 ** (at % 7))

/** The matrix in blocks of 10 rows. */
const inBlocks = (rows: number, columns: number, claimed = rows): StreamedMatrix => ({
  shape: [claimed, columns],
  blocks: async function* () {
    const all = numbers(rows, columns)
    for (let at = 0; at < all.length; at += 10 * columns) yield all.subarray(at, at + 10 * columns)
  },
})

describe('matrices written block by block', () => {
  it('are the .npy file that is written at once, byte for byte', async () => {
    const path = join(root, 'a.npy')
    await writeNpyFile(path, inBlocks(37, 5))
    expect(new Uint8Array(readFileSync(path))).toEqual(writeNpy({ shape: [37, 5], data: numbers(37, 5) }))
    expect(readNpy(readFileSync(path), 'a')).toEqual({ shape: [37, 5], data: numbers(37, 5) })
  })

  it('make an .npz file of several, larger than what a stream holds', async () => {
    const path = join(root, 'b.npz')
    await writeNpzFile(path, { large: inBlocks(5000, 9), small: inBlocks(3, 2) })
    const arrays = readNpz(readFileSync(path), 'b')
    expect([...arrays.keys()]).toEqual(['large', 'small'])
    expect(arrays.get('large')).toEqual({ shape: [5000, 9], data: numbers(5000, 9) })
    expect(arrays.get('small')).toEqual({ shape: [3, 2], data: numbers(3, 2) })
  })

  it.each(['c.npy', 'c.npz'])('leave no %s when the blocks do not fill the shape', async (name) => {
    const path = join(root, name)
    const matrix = inBlocks(20, 3, 21)
    const written = name.endsWith('z') ? writeNpzFile(path, { matrix }) : writeNpyFile(path, matrix)
    await expect(written).rejects.toThrow(/shape \[21,3\] does not hold 60 numbers/)
    expect(readdirSync(root).filter((file) => file.startsWith('c'))).toEqual([])
  })
})
