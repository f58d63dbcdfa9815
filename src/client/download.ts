import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Artifact } from './api.ts'
import type { CallOptions, NestwaveClient } from './client.ts'
import { Unreachable } from './failure.ts'
import { backoff, pause } from './patience.ts'

/** Connections in a row that may bring nothing: about a minute of pauses. */
const FRUITLESS = 10

const sizeOf = async (path: string): Promise<number> => (await stat(path).catch(() => null))?.size ?? 0

const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** Whether a file holds an artifact already. */
export const holds = async (path: string, { size, sha256 }: Artifact): Promise<boolean> => {
  const there = await stat(path).catch(() => null)
  return there?.isFile() === true && there.size === size && (await sha256Of(path)) === sha256
}

/** Writes what comes, flushed to disk. @returns why it broke off, or null: only the network may fail and be tried again, not the disk */
const pour = async (response: Response, part: string, signal?: AbortSignal): Promise<Unreachable | null> => {
  const reader = response.body!.getReader()
  const file = await open(part, response.status === 206 ? 'a' : 'w')
  try {
    for (;;) {
      const read = await reader.read().catch((error) => new Unreachable(response.url, error))
      signal?.throwIfAborted()
      if (read instanceof Unreachable) return read
      if (read.done) return null
      await file.writeFile(read.value)
    }
  } finally {
    await file.sync().finally(() => file.close())
    reader.cancel().catch(() => {})
  }
}

/** Fills the part file, going on where it ends, until an answer has come to its end. */
const fill = async (
  client: NestwaveClient,
  id: string,
  { path, size, sha256 }: Artifact,
  part: string,
  signal?: AbortSignal,
): Promise<void> => {
  for (let fruitless = 0; ; fruitless++) {
    const from = await sizeOf(part)
    if (from > 0 && from === size) return
    const response = await client.artifact(id, path, {
      signal,
      ...(from > 0 && from < size ? { resume: { from, sha256 } } : {}),
    })
    const broken = await pour(response, part, signal)
    if (broken === null) return
    if ((await sizeOf(part)) > from) fruitless = 0
    if (fruitless >= FRUITLESS) throw broken
    await pause(backoff(fruitless), signal)
  }
}

/**
 * Streams an artifact to a file: beside its place, checked against its sha256, renamed. What an earlier attempt left beside is
 * gone on from.
 * @verifiedBy test/client/fetch-folder.test.ts
 */
export const download = async (
  client: NestwaveClient,
  id: string,
  artifact: Artifact,
  path: string,
  { signal }: CallOptions = {},
): Promise<void> => {
  const part = `${path}.part`
  await mkdir(dirname(path), { recursive: true })
  // Twice: the beginning may be that of an earlier artifact of the same name.
  for (let attempt = 0; attempt < 2; attempt++) {
    await fill(client, id, artifact, part, signal)
    if (await holds(part, artifact)) return rename(part, path)
    await rm(part)
  }
  throw new Error(`${artifact.path} is not what the service listed; it has changed since, or is damaged: fetch again`)
}
