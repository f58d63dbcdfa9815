import { join } from 'node:path'
import type { Artifact } from './api.ts'
import type { CallOptions, NestwaveClient } from './client.ts'
import { download, holds } from './download.ts'
import { OffContract } from './failure.ts'

/** Small files spend their time on the way, so a few are on the way at once. */
const AT_ONCE = 4

/** Every artifact of a job, page after page. */
export const allArtifacts = async (
  client: NestwaveClient,
  id: string,
  { signal }: CallOptions = {},
): Promise<Artifact[]> => {
  const found: Artifact[] = []
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await client.artifacts(id, { cursor, signal })
    found.push(...items)
    if (next === null) return found
    cursor = next
  }
}

/** A place inside the folder. The listing comes from outside, and must not reach out of it. */
const inside = (root: string, path: string): string => {
  if (path.split('/').some((part) => ['', '.', '..'].includes(part) || /[\\:\0]/.test(part)))
    throw new OffContract('the list of artifacts', `a path that leaves its folder: ${path}`)
  return join(root, ...path.split('/'))
}

export interface FetchOptions extends CallOptions {
  /** Told of every artifact that is in its place, and whether it was there before. */
  readonly settled?: (artifact: Artifact, kept: boolean) => void
}

/**
 * Brings artifacts of a job into a study folder; a file that is there with the same sha256 stays.
 * @throws OffContract before anything is written, for a path that leaves the folder
 * @verifiedBy test/client/fetch-folder.test.ts
 */
export const fetchFolder = async (
  client: NestwaveClient,
  id: string,
  root: string,
  artifacts: readonly Artifact[],
  { settled, signal }: FetchOptions = {},
): Promise<void> => {
  const waiting = artifacts.map((artifact) => [artifact, inside(root, artifact.path)] as const).values()
  const failed = new AbortController()
  const all = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])])
  const work = async (): Promise<void> => {
    for (const [artifact, path] of waiting) {
      const kept = await holds(path, artifact)
      if (!kept) await download(client, id, artifact, path, { signal: all })
      settled?.(artifact, kept)
      all.throwIfAborted()
    }
  }
  const hands = Array.from({ length: AT_ONCE }, () =>
    work().catch((error) => {
      failed.abort(error)
      throw error
    }),
  )
  // All of them: none may still write when the caller goes on.
  const [first] = (await Promise.allSettled(hands)).filter((end) => end.status === 'rejected')
  if (first) throw failed.signal.reason
}
