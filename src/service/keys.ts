import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { KeyResource, Scope } from '../client/api.ts'
import type { Sql } from '../runtime/state/database.ts'
import type { Caller } from './route.ts'

export interface KeyRow {
  readonly id: string
  readonly owner: string
  readonly name: string
  readonly prefix: string
  readonly scopes: readonly Scope[]
  readonly requests_per_minute: number | null
  readonly max_active_jobs: number | null
  readonly max_bytes: number | null
  readonly created_at: Date
  readonly expires_at: Date | null
  readonly revoked_at: Date | null
}

export interface NewKey {
  readonly owner: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly requestsPerMinute: number | null
  readonly maxActiveJobs: number | null
  readonly maxBytes: number | null
  readonly expiresAt: string | null
}

/** 256 random bits need no slow hash: nobody guesses them. Only the hash is kept. */
const hashed = (key: string): Buffer => createHash('sha256').update(key).digest()
const PREFIX = 'nw_'
const SHOWN = 11

export const resourceOf = (row: KeyRow, key?: string): KeyResource => ({
  id: row.id,
  owner: row.owner,
  name: row.name,
  prefix: row.prefix,
  scopes: [...row.scopes],
  requestsPerMinute: row.requests_per_minute,
  maxActiveJobs: row.max_active_jobs,
  maxBytes: row.max_bytes,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  ...(key === undefined ? {} : { key }),
})

/** Makes a key; the key itself is in the answer and nowhere else. */
export const createKey = async (sql: Sql, wanted: NewKey): Promise<KeyResource> => {
  const key = PREFIX + randomBytes(32).toString('base64url')
  const [row] = await sql.query<KeyRow>(
    `insert into nestwave.api_key (id, owner, name, prefix, hash, scopes, requests_per_minute, max_active_jobs, max_bytes, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning *`,
    [
      randomUUID(),
      wanted.owner,
      wanted.name,
      key.slice(0, SHOWN),
      hashed(key),
      [...wanted.scopes],
      wanted.requestsPerMinute,
      wanted.maxActiveJobs,
      wanted.maxBytes,
      wanted.expiresAt,
    ],
  )
  return resourceOf(row, key)
}

export const listKeys = async (sql: Sql): Promise<KeyResource[]> =>
  (await sql.query<KeyRow>('select * from nestwave.api_key order by created_at')).map((row) => resourceOf(row))

export const revokeKey = async (sql: Sql, id: string): Promise<boolean> =>
  (
    await sql.query(
      'update nestwave.api_key set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = $1 returning id',
      [id],
    )
  ).length > 0

export const findKey = async (sql: Sql, key: string): Promise<KeyRow | null> => {
  const [row] = await sql.query<KeyRow>(
    `select * from nestwave.api_key where hash = $1 and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())`,
    [hashed(key)],
  )
  return row ?? null
}

export const callerOfKey = (row: KeyRow): Caller => ({
  owner: row.owner,
  scopes: row.scopes.includes('admin') ? ['read', 'write', 'admin'] : row.scopes,
  keyId: row.id,
  maxActiveJobs: row.max_active_jobs,
  maxBytes: row.max_bytes,
})

/** Where keys are off, everybody on this machine is the same person. */
export const LOCAL: Caller = {
  owner: 'local',
  scopes: ['read', 'write', 'admin'],
  keyId: null,
  maxActiveJobs: null,
  maxBytes: null,
}
