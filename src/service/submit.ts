import type { Request } from 'express'
import type { z } from 'zod'
import type { ExtendRequest, jobRequestSchema } from '../client/api.ts'
import { InvalidInput, type Problem } from '../numeric/errors.ts'
import type { Sql } from '../runtime/state/database.ts'
import { createJob } from '../runtime/state/job-life.ts'
import { findByKey, findJob, isActive, type JobRow } from '../runtime/state/job-row.ts'
import { hashOf } from '../study/canonical.ts'
import type { Study } from '../study/schema.ts'
import { checkStudy } from '../study/study.ts'
import type { Context } from './context.ts'
import { findMesh, meshNameOf } from './meshes.ts'
import { nameEnds, Refusal } from './problem.ts'
import type { Caller } from './route.ts'

export type ParsedRequest = z.output<typeof jobRequestSchema>

type Set = Readonly<Record<string, unknown>>

/** Where a field of the study stands in the request: in the study, unless `set` has changed it or what it is in. */
const placeIn =
  (set: Set) =>
  (path: string): string => {
    if (path === 'study file') return 'study'
    const dotted = path.replaceAll(/\[(\d+)\]/g, '.$1')
    return nameEnds(dotted).some((end) => Object.hasOwn(set, dotted.slice(0, end))) ? `set.${dotted}` : `study.${path}`
  }

/** Runs what may refuse a study; its problems are told where they stand in the request. */
const telling = async <T>(place: (path: string) => string, action: () => T | Promise<T>): Promise<T> => {
  try {
    return await action()
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    throw new InvalidInput(error.problems.map((p) => ({ ...p, path: place(p.path) })))
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A place in a document: what holds it, and its name there. */
const entryOf = (holder: unknown, name: string): string | number => {
  if (isObject(holder)) return name
  const at = Number(name)
  if (!Array.isArray(holder) || !Number.isInteger(at) || at < 0 || at >= holder.length) throw new Error('no such entry')
  return at
}

const put = (holder: object, key: string | number, value: unknown): unknown => {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true })
  return value
}

/** Changes one field, in place; objects on the way to it that are missing are made. */
const setField = (document: unknown, path: readonly string[], value: unknown): void => {
  let holder = document
  for (const name of path.slice(0, -1)) {
    const key = entryOf(holder, name)
    const inner = Object.hasOwn(holder as object, key) ? (holder as Record<string, unknown>)[key] : undefined
    holder = inner === undefined ? put(holder as object, key, {}) : inner
  }
  put(holder as object, entryOf(holder, path.at(-1)!), value)
}

/** Applies `set`: each field by its dotted path. On one copy, since there may be very many of them. */
const overridden = (study: unknown, set: Readonly<Record<string, unknown>>): unknown => {
  const entries = Object.entries(set)
  if (entries.length === 0) return study
  const document = structuredClone(study)
  for (const [path, value] of entries)
    try {
      setField(document, path.split('.'), value)
    } catch {
      throw InvalidInput.of(`set.${path}`, 'the dotted path of a field of the study', JSON.stringify(path))
    }
  return document
}

const parentOf = async (context: Context, caller: Caller, id: string | undefined): Promise<JobRow | null> => {
  if (id === undefined) return null
  const row = await findJob(context.database, id)
  if (row === null || row.owner !== caller.owner) throw InvalidInput.of('parent', 'a job of yours', id)
  return row
}

const checkFields = (request: ParsedRequest): void => {
  const problems: Problem[] = []
  const refuse = (path: string, expected: string, received: unknown): void => {
    problems.push({ path, expected, received: String(received) })
  }
  if (request.study === undefined && request.parent === undefined)
    refuse('study', 'a study, or `parent`: a job whose study is taken', 'nothing')
  if (request.study !== undefined && request.parent !== undefined) refuse('study', 'no study beside `parent`', 'both')
  if (request.sample !== undefined && request.kind !== 'simulation')
    refuse('sample', 'no such key (it is for simulations)', request.sample)
  if (request.executor !== undefined && request.kind !== 'training' && request.kind !== 'run')
    refuse('executor', 'no such key (it is for trainings and runs)', request.executor)
  if (problems.length > 0) throw new InvalidInput(problems)
}

export interface CheckedRequest {
  readonly study: Study
  readonly mesh: { readonly name: string; readonly sha256: string }
  readonly parent: JobRow | null
  /** Where a field of the study stands in the request. */
  readonly place: (path: string) => string
}

/** The study that a request means, checked by itself, and its mesh. */
export const studyOfRequest = async (
  context: Context,
  caller: Caller,
  request: ParsedRequest,
): Promise<CheckedRequest> => {
  checkFields(request)
  const parent = await parentOf(context, caller, request.parent)
  const set = request.set ?? {}
  const place = placeIn(set)
  const changed = overridden(parent?.study ?? request.study, set)
  const given = await telling(place, () => checkStudy(changed))
  const name = meshNameOf(given.domain.mesh)
  const study = { ...given, domain: { ...given.domain, mesh: name } }
  if (parent !== null && name === parent.mesh_name)
    return { study, parent, place, mesh: { name, sha256: parent.mesh_sha256 } }
  const mesh = await findMesh(context, caller.owner, name)
  if (mesh === null)
    throw InvalidInput.of(
      place('domain.mesh'),
      'the name of a mesh that was uploaded (PUT /v1/meshes/{name}) or comes with Nestwave',
      name,
    )
  return { study, parent, place, mesh }
}

/** Studies found sound on their mesh, by hash: a thousand equal submissions are checked once. */
const KEPT = 1000
const sound = new Set<string>()

/** @throws InvalidInput with everything that is wrong with a study on its mesh */
export const checkOnItsMesh = async ({ desk }: Context, { study, mesh, place }: CheckedRequest): Promise<void> => {
  const key = hashOf({ study, mesh: mesh.sha256 })
  if (sound.has(key)) return
  const question = { ask: 'validate', study, meshName: mesh.name, meshSha256: mesh.sha256, workers: null } as const
  await telling(place, () => desk.ask(question))
  if (sound.size >= KEPT) sound.delete(sound.values().next().value!)
  sound.add(key)
}

/** So many submissions may be between their check and their commit. */
const NEAR = 256

const activeJobs = async (sql: Sql, owner: string): Promise<number> =>
  (
    await sql.query<{ active: number }>(
      `select count(*) as active from nestwave.job where owner = $1 and state in ('queued', 'running')`,
      [owner],
    )
  )[0].active

const checkActive = (active: number, most: number): void => {
  if (active < most) return
  throw new Refusal(429, 'quota', 'Quota used up', `${active} jobs are queued or running; the limit is ${most}`, {
    headers: { 'Retry-After': '30' },
  })
}

/** With the new one among them; near the limit one submission of an owner after the other, since each counts the others. */
const checkActiveAlone = async (sql: Sql, owner: string, most: number): Promise<void> => {
  await sql.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [owner])
  checkActive((await activeJobs(sql, owner)) - 1, most)
}

const checkBytes = async ({ database, config }: Context, caller: Caller): Promise<void> => {
  const room = caller.maxBytes ?? config.ownerBytes
  if (room === null) return
  const [{ bytes }] = await database.query<{ bytes: number }>(
    'select coalesce(sum(bytes), 0)::float8 as bytes from nestwave.job where owner = $1',
    [caller.owner],
  )
  if (bytes < room) return
  const detail = `your files take ${bytes} bytes; the limit is ${room}. Delete jobs to make room`
  throw new Refusal(403, 'quota', 'Quota used up', detail)
}

/** A recipe that builds on its parent's results would fail at once while the parent is at work. */
const checkParent = (request: ParsedRequest, parent: JobRow | null): void => {
  if (parent !== null && isActive(parent) && (request.kind === 'training' || request.kind === 'estimate'))
    throw new Refusal(409, 'parent-not-ready', 'The parent is not finished', `job ${parent.id} is ${parent.state}`)
}

export interface Submitted {
  readonly row: JobRow
  readonly created: boolean
}

/** The header that makes sending a request twice safe. */
export const idempotencyKeyOf = (request: Request): string | null => {
  const key = request.get('Idempotency-Key')
  if (key === undefined) return null
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw InvalidInput.of(
      'header Idempotency-Key',
      '1 to 255 visible ASCII characters',
      JSON.stringify(key.slice(0, 60)),
    )
  return key
}

/** The job that a key made before. @throws Refusal when it was for another request */
const earlierJob = (row: JobRow, requestHash: string): Submitted => {
  if (row.request_hash === requestHash) return { row, created: false }
  throw new Refusal(
    409,
    'idempotency-key-reused',
    'Idempotency key reused',
    'another request was sent with this Idempotency-Key',
  )
}

/** `POST /v1/jobs`. */
export const submit = async (
  context: Context,
  caller: Caller,
  request: ParsedRequest,
  idempotencyKey: string | null,
  response?: 'raw' | 'document',
): Promise<Submitted> => {
  const requestHash = hashOf(request)
  // First of all: what has been accepted once is so still, when the quota is used up or the mesh gone by now.
  const earlier = idempotencyKey === null ? null : await findByKey(context.database, caller.owner, idempotencyKey)
  if (earlier !== null) return earlierJob(earlier, requestHash)
  const checked = await studyOfRequest(context, caller, request)
  const { study, mesh, parent } = checked
  checkParent(request, parent)
  await checkOnItsMesh(context, checked)
  const most = caller.maxActiveJobs ?? context.config.activeJobs
  const active = await activeJobs(context.database, caller.owner)
  checkActive(active, most)
  await checkBytes(context, caller)
  const { row, created } = await createJob(context.database, context.queue, {
    ...{ owner: caller.owner, kind: request.kind, study, priority: request.priority, limits: request.limits },
    title: request.title ?? study.title,
    meshName: mesh.name,
    meshSha256: mesh.sha256,
    options: {
      sample: request.sample ?? 0,
      executor: request.executor ?? 'auto',
      ...(response === undefined ? {} : { response }),
    },
    parent: parent?.id ?? null,
    idempotencyKey,
    requestHash,
    check: active >= most - NEAR ? (sql) => checkActiveAlone(sql, caller.owner, most) : null,
  })
  return created ? { row, created } : earlierJob(row, requestHash)
}

/** The study of a job with larger sample counts. */
export const extendedStudy = async (row: JobRow, counts: ExtendRequest): Promise<Study> => {
  const { samples, comparisonSamples, train, validation, test } = counts
  const given = Object.entries(counts)
  if (given.length === 0) throw InvalidInput.of('samples', 'at least one larger count', 'none')
  const problems = given.flatMap(([key, count]): Problem[] => {
    const now = key in row.study.dataset ? row.study.dataset[key as 'train'] : row.study.estimate[key as 'samples']
    return count! >= now ? [] : [{ path: key, expected: `at least ${now}, what the job has`, received: String(count) }]
  })
  if (problems.length > 0) throw new InvalidInput(problems)
  const changes = {
    'estimate.samples': samples,
    'estimate.comparisonSamples': comparisonSamples,
    'dataset.train': train,
    'dataset.validation': validation,
    'dataset.test': test,
  }
  const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined))
  // `estimate.samples` is `samples` in this request.
  return telling(
    (path) => path.split('.').at(-1)!,
    () => checkStudy(overridden(row.study, set)),
  )
}
