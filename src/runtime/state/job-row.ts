import type { Problem } from '../../numeric/errors.ts'
import type { JobKind } from '../../study/job-kinds.ts'
import type { Study } from '../../study/schema.ts'
import type { Sql } from './database.ts'

export type JobStateName = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'

/** Why a job failed. */
export interface JobFailure {
  /** invalid-input, numerics, limit, poison-chunk, crash */
  readonly type: string
  readonly message: string
  readonly problems?: readonly Problem[]
}

export interface JobLimits {
  readonly cpuSeconds?: number | undefined
  readonly wallSeconds?: number | undefined
  readonly memoryBytes?: number | undefined
  readonly diskBytes?: number | undefined
}

export interface JobOptions {
  /** Of a simulation. */
  readonly sample: number
  /** Tensor runtime of a training. */
  readonly executor: string
  /** In which form an OGC client wants its results. */
  readonly response?: 'raw' | 'document'
}

/** A row of nestwave.job. */
export interface JobRow {
  readonly id: string
  readonly number: number
  readonly owner: string
  readonly kind: JobKind
  readonly title: string
  readonly state: JobStateName
  readonly study: Study
  readonly mesh_name: string
  readonly mesh_sha256: string
  readonly options: JobOptions
  readonly priority: number
  readonly limits: JobLimits
  readonly parent: string | null
  readonly revision: number
  readonly wave: number
  /** Recipes of its kind that are done. */
  readonly step: number
  readonly claim: string | null
  readonly attempts: number
  /** Chunks it waits for. */
  readonly remaining: number
  readonly waiting_stage: string | null
  readonly reason: string | null
  readonly error: JobFailure | null
  readonly stage: string | null
  readonly stage_done: number
  readonly stage_found: number
  readonly stage_total: number
  readonly stage_detail: string
  readonly stage_started: Date | null
  readonly progress_at: Date | null
  readonly cpu_seconds: number
  readonly bytes: number
  readonly event_seq: number
  readonly request_hash: string | null
  readonly created_at: Date
  readonly started_at: Date | null
  readonly ended_at: Date | null
}

export const ACTIVE: readonly JobStateName[] = ['queued', 'running']
export const isActive = ({ state }: Pick<JobRow, 'state'>): boolean => ACTIVE.includes(state)

export const findJob = async (sql: Sql, id: string): Promise<JobRow | null> =>
  (await sql.query<JobRow>('select * from nestwave.job where id = $1', [id]))[0] ?? null

/** The job that an idempotency key made. */
export const findByKey = async (sql: Sql, owner: string, key: string): Promise<JobRow | null> =>
  (await sql.query<JobRow>('select * from nestwave.job where owner = $1 and idempotency_key = $2', [owner, key]))[0] ??
  null

/** The row, locked until the transaction ends: all changes of a job go one after the other. */
export const lockJob = async (sql: Sql, id: string): Promise<JobRow | null> =>
  (await sql.query<JobRow>('select * from nestwave.job where id = $1 for update', [id]))[0] ?? null

/** Adds an event to a job's history. */
export const tell = (sql: Sql, job: string, type: string, data: object): Promise<unknown> =>
  sql.query('select nestwave.tell($1, $2, $3)', [job, type, JSON.stringify(data)])
