import { once } from 'node:events'
import { extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import { Damaged } from '../runtime/state/blobs.ts'
import type { Context } from './context.ts'
import { Refusal } from './problem.ts'
import type { StoredFile } from './results.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.html': 'text/html; charset=utf-8',
  '.vtu': 'application/xml',
  '.pvd': 'application/xml',
}

/** A report is a page of its own: it may show what it holds and reach nothing. */
const PAGE = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"

const headersOf = ({ path, sha256 }: StoredFile) => ({
  'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
  ETag: `"${sha256}"`,
  'Accept-Ranges': 'bytes',
  'Cache-Control': 'private, no-cache',
  'Content-Security-Policy': PAGE,
  'X-Content-Type-Options': 'nosniff',
})

const UNREADABLE = 'unreadable'

/** The one range that a header asks for; null for none, or several, which are answered with the whole. */
const rangeOf = (request: Request, size: number): { start: number; end: number } | null | typeof UNREADABLE => {
  const ranges = request.range(size)
  if (ranges === undefined || ranges === -2) return null
  if (ranges === -1) return UNREADABLE
  return ranges.length === 1 && ranges.type === 'bytes' ? ranges[0] : null
}

const outside = ({ size }: StoredFile): Refusal =>
  new Refusal(416, 'range-not-satisfiable', 'Range Not Satisfiable', `the file has ${size} bytes`, {
    headers: { 'Content-Range': `bytes */${size}` },
  })

/** Compared weakly, as RFC 9110 has it here: proxies that squeeze an answer make its tag weak. */
const isHad = (request: Request, sha256: string): boolean =>
  request
    .get('If-None-Match')
    ?.split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === `"${sha256}"` || tag === '*') ?? false

/** A range is only of use to who has the same file. */
const isOfThis = (request: Request, sha256: string): boolean => {
  const condition = request.get('If-Range')
  return condition === undefined || condition === `"${sha256}"`
}

/** Fails a stream that ends early: with nothing but its end, the client would wait for the rest. */
async function* whole(source: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let size = 0
  for await (const bytes of source) {
    size += bytes.length
    yield bytes
  }
  if (size !== length) throw new Damaged(`a file has ${size} bytes where ${length} were written`)
}

/** Sends a stream as the answer. A client that leaves in the middle is no failure of ours. */
export const pour = async (source: AsyncIterable<Buffer>, response: Response): Promise<void> => {
  try {
    await pipeline(source, response)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}

/** @param headers are set once the file is known to be there: what cannot be opened is refused as usual */
const send = async (
  { blobs }: Context,
  { sha256, size }: StoredFile,
  range: { start: number; end: number } | undefined,
  headers: Readonly<Record<string, string>>,
  request: Request,
  response: Response,
): Promise<void> => {
  const length = range === undefined ? size : range.end - range.start + 1
  const all = { ...headers, 'Content-Length': String(length) }
  if (request.method === 'HEAD') return void response.set(all).end()
  const stream = blobs.stream(sha256, range)
  await once(stream, 'readable')
  response.status(range === undefined ? 200 : 206).set(all)
  await pour(whole(stream, length), response)
}

/**
 * Streams a stored file, or the part of it that is asked for.
 * @source RFC 9110, sections 13 and 14
 * @verifiedBy test/outside/service.test.ts
 */
export const sendFile = async (
  context: Context,
  file: StoredFile,
  request: Request,
  response: Response,
): Promise<void> => {
  const headers = headersOf(file)
  if (isHad(request, file.sha256)) return void response.status(304).set(headers).end()
  const range = isOfThis(request, file.sha256) ? rangeOf(request, file.size) : null
  if (range === UNREADABLE) throw outside(file)
  if (range === null) return send(context, file, undefined, headers, request, response)
  const { start, end } = range
  const part = { ...headers, 'Content-Range': `bytes ${start}-${end}/${file.size}` }
  return send(context, file, { start, end }, part, request, response)
}
