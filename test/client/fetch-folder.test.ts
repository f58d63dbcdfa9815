import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type NestwaveClient, nestwaveClient } from '../../src/client/client.ts'
import { download } from '../../src/client/download.ts'
import { allArtifacts, fetchFolder } from '../../src/client/fetch-folder.ts'
import { artifactOf, ID, json, problem, type Reply, type StandIn, standIn, stream } from './stand-in.ts'

let server: StandIn
let client: NestwaveClient
let root: string
beforeAll(async () => {
  server = await standIn()
  client = nestwaveClient({ url: server.url, patience: 2 })
})
afterAll(() => server.close())
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nestwave-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const BYTES = Buffer.from(Array.from({ length: 50_000 }, (_, k) => (k * 7919) % 251))
const FILE = artifactOf('dataset/train/chunks/000000-64.bin', BYTES)
const place = (): string => join(root, 'chunk.bin')
const thrown = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'nothing',
    (error: unknown) => error,
  )

const whole: Reply = (response) => void response.writeHead(200).end(BYTES)
/** What a range asks for; all of it where the tag is another's. */
const ranged: Reply = (response, { headers }) => {
  const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
  const partial = headers['if-range'] === `"${FILE.sha256}"`
  response.writeHead(partial ? 206 : 200).end(BYTES.subarray(partial ? from : 0))
}
/** The first `count` bytes of what was asked for, then nothing more. */
const cut =
  (count: number): Reply =>
  (response, { headers }) => {
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0)
    const piece = BYTES.subarray(from, from + count)
    return stream(
      [piece],
      false,
      { 'content-length': String(BYTES.length - from) },
      from > 0 ? 206 : 200,
    )(response, {} as never)
  }

describe('an artifact', () => {
  it('arrives whole, with nothing beside it', async () => {
    server.answer(whole)
    await download(client, ID, FILE, join(root, 'a/b/chunk.bin'))
    expect(readFileSync(join(root, 'a/b/chunk.bin')).equals(BYTES)).toBe(true)
    expect(existsSync(join(root, 'a/b/chunk.bin.part'))).toBe(false)
    expect(server.asked[0].path).toBe(`/v1/jobs/${ID}/artifacts/dataset/train/chunks/000000-64.bin`)
    expect(server.asked[0].headers.range).toBeUndefined()
  })

  it('arrives over connections that break, each going on where the last one ended', async () => {
    server.answer(cut(10_000), cut(15_000), problem(503, {}, { 'retry-after': '0' }), ranged)
    await download(client, ID, FILE, place())
    expect(readFileSync(place()).equals(BYTES)).toBe(true)
    const ranges = server.asked.map(({ headers }) => headers.range)
    expect(ranges).toEqual([undefined, 'bytes=10000-', 'bytes=25000-', 'bytes=25000-'])
  })

  it('goes on from what an earlier process left', async () => {
    writeFileSync(`${place()}.part`, BYTES.subarray(0, 40_000))
    server.answer(ranged)
    await download(client, ID, FILE, place())
    expect(readFileSync(place()).equals(BYTES)).toBe(true)
    expect(server.asked.map(({ headers }) => headers.range)).toEqual(['bytes=40000-'])
  })

  it('needs no request when all of it was left', async () => {
    writeFileSync(`${place()}.part`, BYTES)
    server.answer(problem(500))
    await download(client, ID, FILE, place())
    expect(server.asked).toEqual([])
  })

  it.each([
    ['shorter', Buffer.alloc(10_000, 1)],
    ['longer', Buffer.alloc(60_000, 1)],
    ['as long', Buffer.alloc(50_000, 1)],
  ])('begins again where what was left is something else, %s', async (_, left) => {
    writeFileSync(`${place()}.part`, left)
    server.answer(ranged)
    await download(client, ID, FILE, place())
    expect(readFileSync(place()).equals(BYTES)).toBe(true)
  })

  it('that the service has another content of is refused, and leaves nothing', async () => {
    server.answer((response) => void response.end('other'))
    expect(await thrown(download(client, ID, FILE, place()))).toMatchObject({
      message: expect.stringContaining('is not what the service listed'),
    })
    expect([existsSync(place()), existsSync(`${place()}.part`)]).toEqual([false, false])
  })

  it('of no bytes is a file of no bytes', async () => {
    server.answer((response) => void response.end())
    await download(client, ID, artifactOf('empty', ''), place())
    expect(statSync(place()).size).toBe(0)
  })

  it('stops when it is told to, and keeps what it has', async () => {
    server.answer((response) => {
      response.writeHead(200, { 'content-length': String(BYTES.length) }).write(BYTES.subarray(0, 20_000))
    })
    const stop = new AbortController()
    setTimeout(() => stop.abort(new Error('enough')), 200)
    const error = await thrown(download(client, ID, FILE, place(), { signal: stop.signal }))
    expect(error).toMatchObject({ message: 'enough' })
    expect(statSync(`${place()}.part`).size).toBe(20_000)
  })
})

describe('a folder', () => {
  const FILES = new Map(Array.from({ length: 9 }, (_, k) => [`part ${k % 3}/${k}.bin`, `content ${k}`]))
  const ARTIFACTS = [...FILES].map(([path, text]) => artifactOf(path, text))
  const files: Reply = (response, { path }) => {
    const name = decodeURIComponent(path.split('/artifacts/')[1])
    response.end(FILES.get(name))
  }

  it('is listed page after page', async () => {
    server.answer(json({ items: ARTIFACTS.slice(0, 5), next: 'c' }), json({ items: ARTIFACTS.slice(5), next: null }))
    expect(await allArtifacts(client, ID)).toEqual(ARTIFACTS)
    expect(server.asked[1].path).toBe(`/v1/jobs/${ID}/artifacts?cursor=c`)
  })

  it('keeps what is there with the same content, and replaces the rest', async () => {
    mkdirSync(join(root, 'part 0'))
    writeFileSync(join(root, 'part 0/0.bin'), 'content 0')
    writeFileSync(join(root, 'part 0/3.bin'), 'content X')
    server.answer(files)
    const told: [string, boolean][] = []
    await fetchFolder(client, ID, root, ARTIFACTS, { settled: ({ path }, kept) => told.push([path, kept]) })
    for (const [path, text] of FILES) expect(readFileSync(join(root, path), 'utf8')).toBe(text)
    expect(server.asked).toHaveLength(8)
    expect(told).toHaveLength(9)
    expect(told.filter(([, kept]) => kept)).toEqual([['part 0/0.bin', true]])
  })

  it.each(['../x', '/x', 'a/../../x', 'a//x', './x', 'a\\x', 'C:x', ''])('is not left by %j', async (path) => {
    server.answer(files)
    const error = await thrown(fetchFolder(client, ID, root, [ARTIFACTS[0], artifactOf(path, '')]))
    expect(error).toMatchObject({ name: 'OffContract' })
    expect(server.asked).toEqual([])
  })

  it('ends with the first failure', async () => {
    server.answer(files, files, problem(404, { detail: 'no such artifact' }))
    expect(await thrown(fetchFolder(client, ID, root, ARTIFACTS))).toMatchObject({ status: 404 })
    expect(server.asked.length).toBeLessThan(9)
  })
})
