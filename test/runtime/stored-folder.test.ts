import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mountedFolder, storedFolder } from '../../src/runtime/state/stored-folder.ts'
import { type Opened, openState } from './state.ts'

let opened: Opened
beforeAll(async () => {
  opened = await openState()
})
afterAll(() => opened.remove())

const folder = (id = randomUUID(), fence?: () => Promise<void>) =>
  storedFolder(opened.state.database, opened.state.blobs, id, fence)
const text = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString()

describe('a stored folder', () => {
  it('behaves like one on disk', async () => {
    const one = folder()
    await one.write('a.json', '1')
    await one.write('b/x/2.bin', new Uint8Array([1, 2]))
    await one.write('b/x/10.bin', new Uint8Array([3]))
    await one.write('a.json', '2')
    expect(text(await one.read('a.json'))).toBe('2')
    expect(await one.read('none')).toBeNull()
    expect(await one.list('')).toEqual(['a.json', 'b'])
    expect(await one.list('b/x')).toEqual(['10.bin', '2.bin'])
    expect(await one.list('b/y')).toEqual([])
    await one.remove('b/x/2.bin')
    await one.remove('b/x/2.bin')
    expect(await one.list('b/x')).toEqual(['10.bin'])
  })

  it('keeps folders apart', async () => {
    await folder().write('a', '1')
    expect(await folder().list('')).toEqual([])
  })

  it('writes nothing once its fence refuses', async () => {
    const id = randomUUID()
    const refusing = folder(id, () => Promise.reject(new Error('lost')))
    await expect(refusing.write('a', '1')).rejects.toThrow('lost')
    await folder(id).write('b', '1')
    await expect(refusing.remove('b')).rejects.toThrow('lost')
    expect(await folder(id).list('')).toEqual(['b'])
  })
})

describe('a mounted folder', () => {
  it('puts paths into the folder that their first name stands for', async () => {
    const [own, dataset] = [folder(), folder()]
    const mounted = mountedFolder(own, { dataset })
    await mounted.write('dataset/train/1.bin', 'a')
    await mounted.write('report.json', 'b')
    expect(await dataset.list('train')).toEqual(['1.bin'])
    expect(await own.list('')).toEqual(['report.json'])
    expect(await mounted.list('dataset/train')).toEqual(['1.bin'])
    expect(text(await mounted.read('dataset/train/1.bin'))).toBe('a')
    await mounted.remove('dataset/train/1.bin')
    expect(await dataset.list('')).toEqual([])
  })
})
