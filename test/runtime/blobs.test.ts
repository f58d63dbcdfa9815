import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type BlobStore, diskBlobs, TooLarge } from '../../src/runtime/state/blobs.ts'
import { sha256 } from '../../src/study/canonical.ts'

let root: string
let blobs: BlobStore
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nestwave-blobs-'))
  blobs = diskBlobs(root)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const pathOf = (name: string): string => join(root, name.slice(0, 2), name)
const incoming = (): string[] => readdirSync(join(root, 'incoming'))
const textOf = async (stream: Readable): Promise<string> => Buffer.concat(await stream.toArray()).toString()

describe('a blob store', () => {
  it('keeps bytes under their sha256 and gives them back', async () => {
    const blob = await blobs.put(bytes('wave'))
    expect(blob).toEqual({ sha256: sha256('wave'), size: 4 })
    expect(Buffer.from(await blobs.read(blob.sha256)).toString()).toBe('wave')
    expect(readdirSync(join(root, blob.sha256.slice(0, 2)))).toEqual([blob.sha256])
  })

  it('streams in and out, and parts of it', async () => {
    const blob = await blobs.putStream(Readable.from([Buffer.from('wa'), Buffer.from('ve')]), 10)
    expect(blob).toEqual({ sha256: sha256('wave'), size: 4 })
    expect(await textOf(blobs.stream(blob.sha256))).toBe('wave')
    expect(await textOf(blobs.stream(blob.sha256, { start: 1, end: 2 }))).toBe('av')
  })

  it('refuses more than the limit and leaves nothing behind', async () => {
    await expect(blobs.putStream(Readable.from([Buffer.alloc(6), Buffer.alloc(6)]), 10)).rejects.toThrow(TooLarge)
    expect(incoming()).toEqual([])
  })

  it('finds out that the disk changed a blob', async () => {
    const { sha256: name } = await blobs.put(bytes('wave'))
    writeFileSync(pathOf(name), 'wavf')
    await expect(blobs.read(name)).rejects.toThrow('is damaged')
    await expect(blobs.read(name)).rejects.toThrow('is gone')
    await blobs.put(bytes('wave'))
    expect(Buffer.from(await blobs.read(name)).toString()).toBe('wave')
  })

  it('touches a blob that is put again, so that a sweep spares it', async () => {
    const { sha256: name } = await blobs.put(bytes('wave'))
    utimesSync(pathOf(name), 1, 1)
    await blobs.put(bytes('wave'))
    expect(statSync(pathOf(name)).mtimeMs).toBeGreaterThan(Date.now() - 60_000)
  })

  it('lists what it has and takes no other name than a sha256', async () => {
    const { sha256: name } = await blobs.put(bytes('wave'))
    const listed = []
    for await (const blob of blobs.list()) listed.push(blob.sha256)
    expect(listed).toEqual([name])
    await expect(blobs.read('../../etc/passwd')).rejects.toThrow('not a sha256')
    await blobs.remove(name)
    await expect(blobs.read(name)).rejects.toThrow()
  })
})
