import { createHash } from 'node:crypto'

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  )
}

/** Canonical JSON: keys sorted, no white space, undefined dropped. Equal content gives equal bytes. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value))

export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The address of a result: the hash of its canonical inputs. */
export const hashOf = (value: unknown): string => sha256(canonicalJson(value))
