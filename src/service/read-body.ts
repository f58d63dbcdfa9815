import type { Request } from 'express'
import { Refusal } from './problem.ts'

/** JSON by any name that clients give it; curl calls every -d a form, some libraries send no type at all. */
const JSON_TYPE =
  /^(?:(?:application|text)\/json|[\w.+-]+\/[\w.+-]+\+json|application\/(?:x-www-form-urlencoded|octet-stream)|text\/plain)$/

const unsupported = (detail: string, accept: Readonly<Record<string, string>>): Refusal =>
  new Refusal(415, 'unsupported-media-type', 'Unsupported media type', detail, { headers: accept })

const checkType = (header: string | undefined): void => {
  if (header === undefined || header.trim() === '') return
  const [type, ...parameters] = header.toLowerCase().split(';')
  if (!JSON_TYPE.test(type.trim())) throw unsupported('send application/json', { Accept: 'application/json' })
  const charset = parameters.map((p) => /^\s*charset\s*=\s*"?([^"\s]*)"?\s*$/.exec(p)?.[1]).find((c) => c !== undefined)
  if (charset !== undefined && !['utf-8', 'utf8', 'us-ascii'].includes(charset))
    throw unsupported('JSON is UTF-8: send it so', { Accept: 'application/json' })
}

/** No compressed bodies: a small one could hold any number of bytes. */
const checkEncoding = (header: string | undefined): void => {
  if (header === undefined || header.trim().toLowerCase() === 'identity') return
  throw unsupported('send the body without Content-Encoding', { 'Accept-Encoding': 'identity' })
}

const tooLarge = (limit: number): Refusal =>
  new Refusal(413, 'too-large', 'The body is too large', `at most ${limit} bytes`)

const cutShort = (): Refusal => new Refusal(400, 'cut-short', 'The body ended early')

/** What is over the limit is not kept; Node reads it off, so that the answer reaches the client. */
const collect = (request: Request, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    const take = (part: Buffer): void => {
      size += part.length
      if (size <= limit) return void parts.push(part)
      parts.length = 0
      request.off('data', take)
      reject(tooLarge(limit))
    }
    request.on('data', take)
    request.once('end', () => resolve(Buffer.concat(parts)))
    request.once('error', () => reject(cutShort()))
    request.once('close', () => reject(cutShort()))
    if (request.destroyed) reject(cutShort())
  })

/**
 * The bytes of a request that should hold JSON.
 * @throws Refusal 413 beyond `limit` bytes, told or sent; 415 for a type that is not JSON's, for another charset than UTF-8 and
 * for compressed bodies
 * @verifiedBy test/service/mount.test.ts
 */
export const readBody = async (request: Request, limit: number): Promise<Buffer> => {
  checkType(request.headers['content-type'])
  checkEncoding(request.headers['content-encoding'])
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
  return collect(request, limit)
}
