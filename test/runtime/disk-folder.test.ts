import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { diskFolder, sweepFolder } from '../../src/runtime/disk-folder.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nestwave-folder-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('a folder on disk', () => {
  it('gives back what was written, makes folders as needed, replaces', async () => {
    const folder = diskFolder(root)
    await folder.write('a/b/c.bin', Uint8Array.of(1, 2, 3))
    expect([...(await folder.read('a/b/c.bin'))!]).toEqual([1, 2, 3])
    await folder.write('a/b/c.bin', 'text')
    expect(String(await folder.read('a/b/c.bin'))).toBe('text')
    expect(readdirSync(join(root, 'a/b'))).toEqual(['c.bin'])
  })

  it('says null, none and nothing of what is not there', async () => {
    const folder = diskFolder(root)
    expect(await folder.read('no/file')).toBeNull()
    expect(await folder.list('no')).toEqual([])
    await expect(folder.remove('no/file')).resolves.toBeUndefined()
  })

  it('removes a file', async () => {
    const folder = diskFolder(root)
    await folder.write('a', 'x')
    await folder.remove('a')
    expect(await folder.read('a')).toBeNull()
  })

  it('lists in ascending order, without what is still being written', async () => {
    const folder = diskFolder(root)
    for (const name of ['10', '02', '1']) await folder.write(`chunks/${name}`, name)
    writeFileSync(join(root, 'chunks/03.77.part'), 'half')
    expect(await folder.list('chunks')).toEqual(['02', '1', '10'])
  })

  it('keeps the old file, and nothing else, when a write fails half way', async () => {
    const folder = diskFolder(root)
    await folder.write('a', 'old')
    const half = {
      *[Symbol.iterator]() {
        yield Buffer.from('new, but only the first half')
        throw new Error('interrupted')
      },
    }
    await expect(folder.write('a', half as unknown as string)).rejects.toThrow('interrupted')
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('old')
    expect(readdirSync(root)).toEqual(['a'])
  })

  it('tells which file could not be written', async () => {
    mkdirSync(join(root, 'a'))
    await expect(diskFolder(root).write('a', 'x')).rejects.toThrow(/EISDIR|EEXIST|ENOTEMPTY|EPERM/)
    expect(readdirSync(root)).toEqual(['a'])
  })

  it('is swept of what killed processes were writing', async () => {
    const folder = diskFolder(root)
    await folder.write('x/whole.bin', 'x')
    writeFileSync(join(root, 'x/whole.bin.4711.part'), 'half')
    await sweepFolder(root)
    expect(readdirSync(join(root, 'x'))).toEqual(['whole.bin'])
  })
})
