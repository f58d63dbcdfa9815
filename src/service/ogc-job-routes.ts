import type { Request } from 'express'
import { z } from 'zod'
import {
  type JobPage,
  type JobResource,
  jobIdSchema,
  problemSchema,
  type Results,
  resultsSchema,
} from '../client/api.ts'
import {
  baseOf,
  isKind,
  JSON_TYPE,
  OGC_TAG,
  type OgcHost,
  type OgcOptions,
  type OgcPageQuery,
  type ResponseForm,
} from './ogc-jobs.ts'
import {
  exceptionType,
  type JobListQuery,
  jobListQuerySchema,
  jobListSchema,
  type Link,
  OGC_STATUS,
  stateOf,
  statusSchema,
} from './ogc-schema.ts'
import { isAsked, statusInfo } from './ogc-status.ts'
import { Refusal } from './problem.ts'
import { type Caller, type Route, route } from './route.ts'

const noSuchJob = (): Refusal => new Refusal(404, exceptionType('no-such-job'), 'No such job', 'no such job')

/** What is no id names no job; and the host's own 404 becomes the standard's. */
const asJob = async <T>(id: string, action: (id: string) => Promise<T>): Promise<T> => {
  if (!jobIdSchema.safeParse(id).success) throw noSuchJob()
  try {
    return await action(id)
  } catch (error) {
    throw error instanceof Refusal && error.status === 404 ? noSuchJob() : error
  }
}

const MAX_PAGE = 200
/** A filter that little passes must not keep one request going through all jobs there ever were. */
const MAX_PAGES = 20

/** What the host can filter itself; the rest is done page by page. */
const pageQuery = ({ processID, status, limit }: JobListQuery): OgcPageQuery => {
  const [kind] = processID ?? []
  return {
    limit: Math.min(limit, MAX_PAGE),
    ...(processID?.length === 1 && isKind(kind) ? { kind } : {}),
    ...(status?.length === 1 ? { state: stateOf(status[0]) } : {}),
  }
}

/** Pages until one has a job that was asked for. It may hold fewer than `limit`; `next` tells whether there are more. */
const jobsOf = async (host: OgcHost, caller: Caller, query: JobListQuery): Promise<JobPage> => {
  const none = query.type !== undefined && !query.type.includes('process')
  if (none || query.processID?.every((id) => !isKind(id))) return { items: [], next: null }
  let cursor: string | null = query.cursor ?? null
  let items: JobPage['items'] = []
  for (let pages = 0; pages < MAX_PAGES && items.length === 0 && (pages === 0 || cursor !== null); pages++) {
    const page = await host.list(caller, { ...pageQuery(query), ...(cursor === null ? {} : { cursor }) })
    items = page.items.filter((job) => isAsked(job, query))
    cursor = page.next
  }
  return { items, next: cursor }
}

const listLinks = (request: Request, base: string, next: string | null): Link[] => {
  const [, search = ''] = request.originalUrl.split('?')
  const more = new URLSearchParams(search)
  if (next !== null) more.set('cursor', next)
  return [
    { href: `${base}/jobs${search && `?${search}`}`, rel: 'self', type: JSON_TYPE, title: 'this page' },
    ...(next === null ? [] : [{ href: `${base}/jobs?${more}`, rel: 'next', type: JSON_TYPE, title: 'next page' }]),
  ]
}

/** Why there are no results: told as the standard does, of a failure with its own reason. */
const checkEnded = ({ state, error, reason }: JobResource): void => {
  if (state === 'queued' || state === 'running')
    throw new Refusal(404, exceptionType('result-not-ready'), 'Results are not ready', `the job is ${state}`)
  if (state === 'cancelled')
    throw new Refusal(404, exceptionType('result-not-available'), 'No results', 'the job was dismissed')
  if (state !== 'failed') return
  const type = error?.type ?? 'job-failed'
  throw new Refusal(type === 'invalid-input' ? 422 : 500, type, 'The job failed', error?.message ?? reason ?? '', {
    errors: error?.errors ?? [],
  })
}

/** The standard has one status for a job that was dismissed; one that ended before has another. */
const checkDismissed = ({ state }: JobResource): void => {
  if (state !== 'succeeded' && state !== 'failed') return
  throw new Refusal(409, 'job-ended', 'The job has ended', `it is ${OGC_STATUS[state]}: there is nothing to dismiss`)
}

const resultsBody = (form: ResponseForm, results: Results): unknown =>
  form === 'raw' ? results : { results: { value: results, mediaType: JSON_TYPE } }

const documentSchema = z
  .object({ results: z.object({ value: resultsSchema, mediaType: z.string() }) })
  .meta({ id: 'OgcResultsDocument' })
const anyResults = z.union([resultsSchema, documentSchema])

export const jobRoutes = (host: OgcHost, options: OgcOptions): Route[] => [
  route({
    id: 'ogcJobs',
    method: 'get',
    path: '/jobs',
    tag: OGC_TAG,
    summary: 'Jobs, newest first',
    description:
      'A page may hold fewer jobs than `limit` where it is filtered: go on by the link `next` until there is none.',
    scope: 'read',
    query: jobListQuerySchema,
    responses: { 200: { description: 'a page', schema: jobListSchema } },
    handle: async ({ caller, query, request }) => {
      const base = baseOf(options, request)
      const { items, next } = await jobsOf(host, caller, query)
      const jobs = items.map((job) => statusInfo(job, base))
      return { status: 200, body: { jobs, links: listLinks(request, base, next) } }
    },
  }),
  route({
    id: 'ogcJob',
    method: 'get',
    path: '/jobs/{jobID}',
    tag: OGC_TAG,
    summary: 'Status of a job',
    scope: 'read',
    responses: { 200: { description: 'how it goes', schema: statusSchema } },
    handle: async ({ caller, params, request }) => {
      const job = await asJob(params.jobID, (id) => host.get(caller, id))
      return { status: 200, body: statusInfo(job, baseOf(options, request)) }
    },
  }),
  route({
    id: 'ogcDismiss',
    method: 'delete',
    path: '/jobs/{jobID}',
    tag: OGC_TAG,
    summary: 'Dismiss a job',
    scope: 'write',
    responses: {
      200: { description: 'dismissed', schema: statusSchema },
      409: { description: 'it had ended by itself', schema: problemSchema, contentType: 'application/problem+json' },
    },
    handle: async ({ caller, params, request }) => {
      const job = await asJob(params.jobID, (id) => host.dismiss(caller, id))
      checkDismissed(job)
      return { status: 200, body: statusInfo(job, baseOf(options, request)) }
    },
  }),
  route({
    id: 'ogcResults',
    method: 'get',
    path: '/jobs/{jobID}/results',
    tag: OGC_TAG,
    summary: 'Results of a job',
    description: 'Before the end: 404 result-not-ready. Of a failed job: the problem that it failed with.',
    scope: 'read',
    responses: { 200: { description: 'in the form that the execute request named', schema: anyResults } },
    handle: async ({ caller, params }) => {
      const job = await asJob(params.jobID, (id) => host.get(caller, id))
      checkEnded(job)
      const form = (await host.responseForm?.(caller, job.id)) ?? 'document'
      return { status: 200, body: resultsBody(form, await host.results(caller, job.id)) }
    },
  }),
]
