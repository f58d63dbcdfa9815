import { z } from 'zod'
import * as api from '../../src/client/api.ts'
import { type OgcHost, ogcRoutes } from '../../src/service/ogc.ts'
import { notFound } from '../../src/service/problem.ts'
import { type Answer, type Route, route } from '../../src/service/route.ts'
import { EXAMPLE_STUDY } from '../../src/service/routes/example-study.ts'

const handle = async (): Promise<Answer> => ({ status: 200 })
const job = { 200: { description: 'the job', schema: api.jobSchema } }

const unused = (): never => {
  throw notFound('job')
}
export const noHost: OgcHost = { create: unused, get: unused, list: unused, results: unused, dismiss: unused }

/** Routes of every shape that the API has, for its documents. */
export const SAMPLE_ROUTES: readonly Route[] = [
  route({
    id: 'submitJob',
    method: 'post',
    path: '/v1/jobs',
    tag: 'Jobs',
    summary: 'Submit a job',
    description: 'The study is checked on its mesh first. An `Idempotency-Key` header makes it safe to send again.',
    scope: 'write',
    body: {
      schema: api.jobRequestSchema,
      examples: {
        run: {
          summary: 'dataset, training and estimate of a small study',
          value: { kind: 'run', study: EXAMPLE_STUDY },
        },
        more: {
          summary: "more samples of a finished job, it's cheap",
          value: {
            kind: 'estimate',
            parent: '0b5f5c3e-8f0e-4b52-9a44-3f5a3c1f7d10',
            set: { 'estimate.samples': 8000 },
          },
        },
      },
    },
    responses: { 201: { description: 'queued', schema: api.jobSchema, headers: { Location: 'address of the job' } } },
    handle,
  }),
  route({
    ...{ id: 'listJobs', method: 'get', path: '/v1/jobs', tag: 'Jobs', summary: 'Jobs, newest first', scope: 'read' },
    query: api.jobQuerySchema,
    responses: { 200: { description: 'a page', schema: api.jobPageSchema } },
    handle,
  } as Route),
  route({
    ...{ id: 'getJob', method: 'get', path: '/v1/jobs/{id}', tag: 'Jobs', summary: 'One job', scope: 'read' },
    responses: job,
    handle,
  } as Route),
  route({
    ...{
      id: 'cancelJob',
      method: 'delete',
      path: '/v1/jobs/{id}',
      tag: 'Jobs',
      summary: 'Cancel a job',
      scope: 'write',
    },
    responses: job,
    handle,
  } as Route),
  route({
    id: 'extendJob',
    method: 'post',
    path: '/v1/jobs/{id}/extend',
    tag: 'Jobs',
    summary: 'More samples',
    scope: 'write',
    body: {
      schema: api.extendRequestSchema,
      examples: { samples: { summary: 'twice as many', value: { samples: 8000 } } },
    },
    responses: job,
    handle,
  }),
  route({
    id: 'getArtifact',
    method: 'get',
    path: '/v1/jobs/{id}/artifacts/{+path}',
    tag: 'Jobs',
    summary: 'A file of a job',
    scope: 'read',
    responses: { 200: { description: 'its bytes', contentType: 'application/octet-stream' } },
    handle,
  }),
  route({
    id: 'putMesh',
    method: 'put',
    path: '/v1/meshes/{name}',
    tag: 'Meshes',
    summary: 'Upload a mesh',
    scope: 'write',
    body: { contentType: 'application/octet-stream' },
    responses: { 201: { description: 'checked and kept', schema: api.meshSchema } },
    handle,
  }),
  route({
    id: 'makeKey',
    method: 'post',
    path: '/v1/keys',
    tag: 'Keys',
    summary: 'Make a key',
    scope: 'admin',
    body: {
      schema: api.keyRequestSchema,
      examples: { key: { summary: 'for a user', value: { owner: 'ann', name: 'laptop' } } },
    },
    responses: { 201: { description: 'with the key itself, this once', schema: api.keySchema } },
    handle,
  }),
  route({
    id: 'health',
    method: 'get',
    path: '/health',
    tag: 'Service',
    summary: 'Whether it is up',
    scope: null,
    responses: {
      200: {
        description: 'it is',
        schema: z.object({ status: z.literal('ok'), uptime: z.number().meta({ unit: 's' }) }),
      },
    },
    handle,
  }),
  ...ogcRoutes(noHost),
]
