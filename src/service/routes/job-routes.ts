import { z } from 'zod'
import {
  artifactPageSchema,
  eventSchema,
  extendRequestSchema,
  jobPageSchema,
  jobQuerySchema,
  jobRequestSchema,
  jobSchema,
  resultsSchema,
} from '../../client/api.ts'
import { audit } from '../audit.ts'
import type { Context } from '../context.ts'
import { lastSeen, streamEvents } from '../event-stream.ts'
import { exportZip } from '../export-zip.ts'
import { jobResource } from '../job-resource.ts'
import { cancel, extend, listJobs, purge, resume } from '../job-service.ts'
import { notFound } from '../problem.ts'
import { provenanceOfJob } from '../provenance.ts'
import { artifactPage, findFile, logOf, resultsOf } from '../results.ts'
import { type Route, route } from '../route.ts'
import { pour, sendFile } from '../send-file.ts'
import { extendedStudy, idempotencyKeyOf, submit } from '../submit.ts'
import { EXAMPLE_STUDY } from './example-study.ts'
import { ownJob } from './owned.ts'

const TAG = 'Jobs'
const job = { description: 'the job', schema: jobSchema } as const
const made = { ...job, description: 'queued', headers: { Location: 'address of the job' } } as const

const created = (row: Parameters<typeof jobResource>[0], isNew: boolean) =>
  ({ status: isNew ? 201 : 200, body: jobResource(row), headers: { Location: `/v1/jobs/${row.id}` } }) as const

const studyQuery = z.object({
  kind: jobRequestSchema.shape.kind.default('run'),
  title: z.string().min(1).max(200).optional(),
  priority: z.coerce.number().int().min(-1).max(1).default(0),
})

export const jobRoutes = (context: Context): Route[] => [
  route({
    id: 'submitJob',
    method: 'post',
    path: '/v1/jobs',
    tag: TAG,
    summary: 'Submit a job',
    description:
      'The study is checked on its mesh before the job is made: every problem is told at once. An `Idempotency-Key` header makes it safe to send the same request again: the job of the first is answered.',
    scope: 'write',
    body: {
      schema: jobRequestSchema,
      examples: {
        run: { summary: 'The whole job', value: { kind: 'run', study: EXAMPLE_STUDY } },
        simulation: {
          summary: 'One full-domain run, for ParaView',
          value: { kind: 'simulation', study: EXAMPLE_STUDY, sample: 3 },
        },
        limits: {
          summary: 'A dataset with limits and priority',
          value: {
            kind: 'dataset',
            study: EXAMPLE_STUDY,
            priority: 1,
            limits: { cpuSeconds: 3600, memoryBytes: 4294967296 },
          },
        },
      },
    },
    responses: { 201: made, 200: { ...job, description: 'the job that this Idempotency-Key made before' } },
    handle: async (ask) => {
      const { row, created: isNew } = await submit(context, ask.caller, ask.body, idempotencyKeyOf(ask.request))
      if (isNew) await audit(context, ask, 'job.submit', row.id, 201)
      return created(row, isNew)
    },
  }),
  route({
    id: 'submitStudy',
    method: 'post',
    path: '/v1/studies',
    tag: TAG,
    summary: 'Submit a study file as it is',
    description:
      'The body is the study; kind, title and priority are query parameters. Otherwise like `POST /v1/jobs`.',
    scope: 'write',
    query: studyQuery,
    body: {
      schema: z.record(z.string(), z.unknown()),
      examples: { study: { summary: 'A study', value: EXAMPLE_STUDY } },
    },
    responses: { 201: made, 200: { ...job, description: 'the job that this Idempotency-Key made before' } },
    handle: async (ask) => {
      const { kind, title, priority } = ask.query
      const request = jobRequestSchema.parse({ kind, study: ask.body, priority, ...(title ? { title } : {}) })
      const { row, created: isNew } = await submit(context, ask.caller, request, idempotencyKeyOf(ask.request))
      if (isNew) await audit(context, ask, 'job.submit', row.id, 201)
      return created(row, isNew)
    },
  }),
  route({
    id: 'listJobs',
    method: 'get',
    path: '/v1/jobs',
    tag: TAG,
    summary: 'List jobs, newest first',
    scope: 'read',
    query: jobQuerySchema,
    responses: { 200: { description: 'a page of jobs', schema: jobPageSchema } },
    handle: async ({ caller, query }) => ({ status: 200, body: await listJobs(context, caller.owner, query) }),
  }),
  route({
    id: 'getJob',
    method: 'get',
    path: '/v1/jobs/{id}',
    tag: TAG,
    summary: 'A job: state, progress, time to go',
    scope: 'read',
    responses: { 200: job },
    handle: async ({ caller, params }) => ({
      status: 200,
      body: jobResource(await ownJob(context, caller, params.id)),
    }),
  }),
  route({
    id: 'cancelJob',
    method: 'delete',
    path: '/v1/jobs/{id}',
    tag: TAG,
    summary: 'Cancel a job',
    description:
      'What is finished stays, and `resume` goes on from it. `?purge=true` removes an ended job with its files.',
    scope: 'write',
    query: z.object({ purge: z.enum(['true', 'false']).default('false') }),
    responses: { 200: job, 204: { description: 'removed' } },
    handle: async (ask) => {
      const row = await ownJob(context, ask.caller, ask.params.id)
      if (ask.query.purge === 'true') {
        await purge(context, row)
        await audit(context, ask, 'job.purge', row.id, 204)
        return { status: 204 }
      }
      const body = await cancel(context, row.id)
      await audit(context, ask, 'job.cancel', row.id, 200)
      return { status: 200, body }
    },
  }),
  route({
    id: 'resumeJob',
    method: 'post',
    path: '/v1/jobs/{id}/resume',
    tag: TAG,
    summary: 'Let a failed or cancelled job go on where it stopped',
    scope: 'write',
    responses: { 200: job },
    handle: async (ask) => {
      const { id } = await ownJob(context, ask.caller, ask.params.id)
      const body = await resume(context, id)
      await audit(context, ask, 'job.resume', id, 200)
      return { status: 200, body }
    },
  }),
  route({
    id: 'extendJob',
    method: 'post',
    path: '/v1/jobs/{id}/extend',
    tag: TAG,
    summary: 'Add samples to an ended job; finished ones are not computed again',
    scope: 'write',
    body: { schema: extendRequestSchema, examples: { samples: { summary: 'More samples', value: { samples: 512 } } } },
    responses: { 200: job },
    handle: async (ask) => {
      const { id } = await ownJob(context, ask.caller, ask.params.id)
      const body = await extend(context, id, (row) => extendedStudy(row, ask.body))
      await audit(context, ask, 'job.extend', id, 200)
      return { status: 200, body }
    },
  }),
  route({
    id: 'jobEvents',
    method: 'get',
    path: '/v1/jobs/{id}/events',
    tag: TAG,
    summary: 'Server-sent events of a job',
    description:
      'Each event has a number that counts up without gaps; a client that reconnects with `Last-Event-ID` (or `?after=`) misses none and sees none twice. After the final state comes `event: end`.',
    scope: 'read',
    query: z.object({ after: z.coerce.number().int().min(0).optional() }),
    responses: {
      200: {
        description: 'the stream; each data line is one event',
        schema: eventSchema,
        contentType: 'text/event-stream',
      },
    },
    handle: async ({ caller, params, query, request }) => {
      const row = await ownJob(context, caller, params.id)
      const from = lastSeen(request, query.after)
      return { stream: (response) => streamEvents(context, row.id, from, request, response) }
    },
  }),
  route({
    id: 'jobLogs',
    method: 'get',
    path: '/v1/jobs/{id}/logs',
    tag: TAG,
    summary: 'What happened, as lines of text',
    scope: 'read',
    responses: { 200: { description: 'one line per event', contentType: 'text/plain' } },
    handle: async ({ caller, params }) => ({
      status: 200,
      body: await logOf(context, (await ownJob(context, caller, params.id)).id),
      headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    }),
  }),
  route({
    id: 'jobResults',
    method: 'get',
    path: '/v1/jobs/{id}/results',
    tag: TAG,
    summary: 'What a job has: its report, or as far as it came',
    scope: 'read',
    responses: { 200: { description: 'the results; `partial` says whether it did not finish', schema: resultsSchema } },
    handle: async ({ caller, params }) => ({
      status: 200,
      body: await resultsOf(context, await ownJob(context, caller, params.id)),
    }),
  }),
  route({
    id: 'jobProvenance',
    method: 'get',
    path: '/v1/jobs/{id}/provenance',
    tag: TAG,
    summary: 'Where the results come from, as W3C PROV-JSON',
    scope: 'read',
    responses: { 200: { description: 'PROV-JSON', contentType: 'application/json' } },
    handle: async ({ caller, params }) => ({
      status: 200,
      body: await provenanceOfJob(context, await ownJob(context, caller, params.id)),
    }),
  }),
  route({
    id: 'jobArtifacts',
    method: 'get',
    path: '/v1/jobs/{id}/artifacts',
    tag: TAG,
    summary: 'List the files of a job',
    scope: 'read',
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1000).default(200),
      cursor: z.string().max(1000).optional(),
    }),
    responses: { 200: { description: 'a page of files with their hashes', schema: artifactPageSchema } },
    handle: async ({ caller, params, query }) => {
      const { id } = await ownJob(context, caller, params.id)
      return { status: 200, body: await artifactPage(context, id, query.limit, query.cursor) }
    },
  }),
  route({
    id: 'jobArtifact',
    method: 'get',
    path: '/v1/jobs/{id}/artifacts/{+path}',
    tag: TAG,
    summary: 'A file of a job',
    description: 'Streamed; the ETag is its sha256; ranges are served.',
    scope: 'read',
    responses: {
      200: { description: 'the file', contentType: 'application/octet-stream' },
      206: { description: 'a part of it', contentType: 'application/octet-stream' },
      304: { description: 'the client has it' },
      416: { description: 'no such range' },
    },
    handle: async ({ caller, params, request }) => {
      const { id } = await ownJob(context, caller, params.id)
      const file = await findFile(context, id, params.path)
      if (file === null) throw notFound('artifact')
      return { stream: (response) => sendFile(context, file, request, response) }
    },
  }),
  route({
    id: 'exportJob',
    method: 'get',
    path: '/v1/jobs/{id}/export.zip',
    tag: TAG,
    summary: 'A job with all its files as one zip, which the command line opens',
    scope: 'read',
    responses: { 200: { description: 'a zip of the study folder', contentType: 'application/zip' } },
    handle: async ({ caller, params }) => {
      const row = await ownJob(context, caller, params.id)
      const zip = await exportZip(context, row.id)
      return {
        stream: async (response) => {
          response.set({
            'Content-Type': 'application/zip',
            'Content-Disposition': `attachment; filename="${row.id}.zip"`,
          })
          await pour(zip, response)
        },
      }
    },
  }),
]
