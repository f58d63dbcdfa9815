import type { Request } from 'express'
import { JOB_KINDS, type JobKind } from '../client/api.ts'
import { checkInputs } from './ogc-inputs.ts'
import { baseOf, isKind, JSON_TYPE, OGC_TAG, type OgcHost, type OgcOptions, type ResponseForm } from './ogc-jobs.ts'
import { processDescription, processSummary } from './ogc-process.ts'
import {
  type Execute,
  exceptionType,
  executeSchema,
  processListQuerySchema,
  processListSchema,
  processSchema,
  statusSchema,
} from './ogc-schema.ts'
import { statusInfo } from './ogc-status.ts'
import { Refusal } from './problem.ts'
import { type Route, route } from './route.ts'

const kindOf = (id: string): JobKind => {
  if (isKind(id)) return id
  throw new Refusal(
    404,
    exceptionType('no-such-process'),
    'No such process',
    `the processes are ${JOB_KINDS.join(', ')}`,
  )
}

/** RFC 7240: preferences stand between commas, each may have parameters after semicolons. */
const prefers = (request: Request, preference: string): boolean =>
  (request.get('prefer') ?? '').split(',').some((part) => part.split(';')[0].trim().toLowerCase() === preference)

/** The form asked for; a host that forgets forms has one. */
const formOf = (host: OgcHost, { response }: Execute): ResponseForm => {
  if (host.responseForm) return response ?? 'raw'
  if (response !== 'raw') return 'document'
  throw new Refusal(422, 'invalid-input', 'Invalid input', '', {
    errors: [{ path: 'response', expected: '"document"', received: '"raw"' }],
  })
}

export const processRoutes = (host: OgcHost, options: OgcOptions): Route[] => [
  route({
    id: 'ogcProcesses',
    method: 'get',
    path: '/processes',
    tag: OGC_TAG,
    summary: 'Processes',
    scope: null,
    query: processListQuerySchema,
    responses: { 200: { description: 'summaries', schema: processListSchema } },
    handle: async ({ query, request }) => {
      const base = baseOf(options, request)
      const processes = JOB_KINDS.slice(0, query.limit).map((kind) => processSummary(kind, base))
      const links = [{ href: `${base}/processes`, rel: 'self', type: JSON_TYPE, title: 'this list' }]
      return { status: 200, body: { processes, links } }
    },
  }),
  route({
    id: 'ogcProcess',
    method: 'get',
    path: '/processes/{processID}',
    tag: OGC_TAG,
    summary: 'One process with its inputs and outputs',
    scope: null,
    responses: { 200: { description: 'inputs and outputs with their schemas', schema: processSchema } },
    handle: async ({ params, request }) => ({
      status: 200,
      body: processDescription(kindOf(params.processID), baseOf(options, request)),
    }),
  }),
  route({
    id: 'ogcExecute',
    method: 'post',
    path: '/processes/{processID}/execution',
    tag: OGC_TAG,
    summary: 'Execute a process',
    description: 'Always asynchronous: the answer is the job, its address in `Location`.',
    scope: 'write',
    body: { schema: executeSchema },
    responses: {
      201: {
        description: 'the job',
        schema: statusSchema,
        headers: { Location: 'address of the job', 'Preference-Applied': 'respond-async, where it was preferred' },
      },
    },
    handle: async ({ caller, params, body, request }) => {
      const kind = kindOf(params.processID)
      const form = formOf(host, body)
      const inputs = checkInputs(kind, body.inputs)
      const job = await inputs.telling(() => host.create(caller, kind, inputs.fields, request, form))
      const base = baseOf(options, request)
      const applied = prefers(request, 'respond-async') ? { 'Preference-Applied': 'respond-async' } : {}
      return { status: 201, body: statusInfo(job, base), headers: { Location: `${base}/jobs/${job.id}`, ...applied } }
    },
  }),
]
