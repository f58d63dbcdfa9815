import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { openZipFolder } from '../../src/runtime/zip-folder.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'nestwave-'))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const FILES: Readonly<Record<string, string>> = {
  'study.json': '{"nestwave": 1}',
  'dataset/train/chunks/000064-64.bin': 'b',
  'dataset/train/chunks/000000-64.bin': 'a'.repeat(10_000),
  'dataset/test/chunks/000000-60.bin': 'c',
  'dataset/manifest.json': '{}',
  'model/gan.bin': '',
}

const zipped = async (files: Readonly<Record<string, string>>, name: string, compress = true): Promise<string> => {
  const zip = new ZipFile()
  for (const [path, text] of Object.entries(files)) zip.addBuffer(Buffer.from(text), path, { compress })
  zip.end()
  writeFileSync(join(root, name), await buffer(zip.outputStream))
  return join(root, name)
}

const problemOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => null,
    (refused: unknown) => refused,
  )
  expect(error).toBeInstanceOf(InvalidInput)
  return (error as InvalidInput).problems[0]
}

describe('a zipped study folder', () => {
  it.each([
    ['at the top', ''],
    ['below a folder, as programs that pack again leave it', 'job 7/'],
  ])('%s is read as the folder that it was', async (_, below) => {
    const files = Object.fromEntries(Object.entries(FILES).map(([path, text]) => [below + path, text]))
    const zip = await openZipFolder(await zipped({ 'README.txt': 'x', ...files }, 'job.zip'))
    for (const [path, text] of Object.entries(FILES)) expect(String(Buffer.from((await zip.read(path))!))).toBe(text)
    expect(await zip.read('report.json')).toBeNull()
    expect(await zip.read('dataset')).toBeNull()
    expect(await zip.list('dataset/train/chunks')).toEqual(['000000-64.bin', '000064-64.bin'])
    expect(await zip.list('dataset')).toEqual(['manifest.json', 'test', 'train'])
    expect(await zip.list('estimate')).toEqual([])
    zip.close()
  })

  it('cannot be written', async () => {
    const zip = await openZipFolder(await zipped(FILES, 'job.zip'))
    await expect(zip.write('study.json', '')).rejects.toThrow('only read')
    await expect(zip.remove('study.json')).rejects.toThrow('only read')
    zip.close()
  })

  it('of nothing holds nothing', async () => {
    const zip = await openZipFolder(await zipped({}, 'empty.zip'))
    expect([await zip.read('study.json'), await zip.list('dataset')]).toEqual([null, []])
    zip.close()
  })

  it('that is damaged is refused, naming what is', async () => {
    const path = await zipped(FILES, 'job.zip', false)
    const bytes = readFileSync(path)
    bytes[bytes.indexOf('aaaa') + 100] ^= 1
    writeFileSync(path, bytes)
    const zip = await openZipFolder(path)
    expect(await problemOf(zip.read('dataset/train/chunks/000000-64.bin'))).toEqual({
      path: 'inspect',
      expected: 'a zip file as it was exported',
      received: `${path} (dataset/train/chunks/000000-64.bin has another checksum)`,
    })
    expect(await zip.read('study.json')).not.toBeNull()
    zip.close()
  })

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 40)],
    ['no zip at all', () => Buffer.from('hello')],
    ['empty', () => Buffer.alloc(0)],
    [
      'with a path that leaves it',
      (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replaceAll('model/gan.bin', '../../gan.bin'), 'latin1'),
    ],
  ])('%s is refused', async (_, change) => {
    const path = await zipped(FILES, 'bad.zip')
    writeFileSync(path, change(readFileSync(path)))
    expect((await problemOf(openZipFolder(path))).expected).toBe('a zip file as it was exported')
  })
})
