import { extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Request, Response } from 'express'
import type { Context } from './context.ts'
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

/** A range is only of use to who has the same file. */
const isOfThis = (request: Request, sha256: string): boolean => {
  const condition = request.get('If-Range')
  return condition === undefined || condition === `"${sha256}"`
}

const send = async (
  { blobs }: Context,
  { sha256 }: StoredFile,
  range: { start: number; end: number } | undefined,
  request: Request,
  response: Response,
): Promise<void> => {
  if (request.method === 'HEAD') return void response.end()
  try {
    await pipeline(blobs.stream(sha256, range), response)
  } catch (error) {
    // A client that leaves in the middle is no failure of ours.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
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
  response.set(headersOf(file))
  if (
    request
      .get('If-None-Match')
      ?.split(/\s*,\s*/)
      .some((tag) => tag === `"${file.sha256}"` || tag === '*')
  )
    return void response.status(304).end()
  const range = isOfThis(request, file.sha256) ? rangeOf(request, file.size) : null
  if (range === UNREADABLE) return void response.status(416).set('Content-Range', `bytes */${file.size}`).end()
  if (range === null) {
    response.set('Content-Length', String(file.size))
    return send(context, file, undefined, request, response)
  }
  const { start, end } = range
  response
    .status(206)
    .set({ 'Content-Range': `bytes ${start}-${end}/${file.size}`, 'Content-Length': String(end - start + 1) })
  return send(context, file, { start, end }, request, response)
}
