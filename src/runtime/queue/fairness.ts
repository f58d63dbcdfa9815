import type { Sql } from '../state/database.ts'

/**
 * Fairness by start tags: a user's next chunk is tagged one above the last waiting one of the same user, but not below the
 * smallest tag that waits; the queue hands out small tags first. So users take turns chunk by chunk, whoever came first and
 * whoever queued more, and nobody gathers credit while idle. Priorities come before tags.
 * @source Goyal, Vin, Cheng, Start-time fair queueing, IEEE/ACM Trans. Networking 5 (1997)
 */

/** Tags start over whenever nothing waits, so a level has room for half a billion waiting chunks. */
const LEVEL = 500_000_000

/** pg-boss's priority: larger goes first. */
export const priorityOf = (level: number, tag: number): number => level * LEVEL - tag

/** The tag of a user's next chunk. */
export const nextTag = async (sql: Sql, owner: string): Promise<number> => {
  const [row] = await sql.query<{ own: number | null; least: number | null }>(
    `select (select max(tag) from nestwave.chunk where owner = $1 and done_at is null) as own,
            (select min(tag) from nestwave.chunk where done_at is null) as least`,
    [owner],
  )
  return Math.max((row.own ?? -1) + 1, row.least ?? 0)
}

/** Jobs take turns by how many their user has under way. */
export const drivePriority = async (sql: Sql, owner: string, level: number): Promise<number> => {
  const [{ n }] = await sql.query<{ n: number }>(
    `select count(*) as n from nestwave.job where owner = $1 and state in ('queued', 'running')`,
    [owner],
  )
  return priorityOf(level, n)
}
