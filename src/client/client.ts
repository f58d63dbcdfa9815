import { z } from 'zod'
import {
  artifactPageSchema,
  type ExtendRequest,
  type JobEvent,
  type JobRequest,
  jobPageSchema,
  type jobQuerySchema,
  jobSchema,
  keyListSchema,
  type keyRequestSchema,
  keySchema,
  meshListSchema,
  meshSchema,
  resultsSchema,
  stageListSchema,
  storedStageSchema,
  type validateRequestSchema,
  validationSchema,
  webhookListSchema,
  type webhookRequestSchema,
  webhookSchema,
} from './api.ts'
import { type EventOptions, jobEvents } from './events.ts'
import { asJson, asNothing, asResponse, asText, type ClientOptions, transport } from './transport.ts'

/** s; the service sends a comment every 15 s. */
const SILENCE = 45

/** What every call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface ArtifactOptions extends CallOptions {
  /** Leave out this many bytes at the beginning, if the artifact is still the one with this sha256. */
  readonly resume?: { readonly from: number; readonly sha256: string }
}

const segment = encodeURIComponent
const segments = (path: string): string => path.split('/').map(segment).join('/')

/** Not randomUUID: browsers have that on secure pages only. */
const freshKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')

const document = z.record(z.string(), z.unknown())

/**
 * The HTTP API as typed functions; every answer is checked against the contract (`src/client/api.ts`). Runs wherever there is a
 * `fetch`. Requests that fail in passing are repeated where a second one does no harm.
 * @throws InvalidInput with every problem of a refused input; ServiceFailure for any other refusal; Unreachable; OffContract
 * @verifiedBy test/client/client.test.ts
 */
export const nestwaveClient = (options: ClientOptions) => {
  const ask = transport(options)
  const job = (id: string, rest = ''): string => `/v1/jobs/${segment(id)}${rest}`
  const mesh = (name: string): string => `/v1/meshes/${segment(name)}`

  return {
    /** Makes a job. It carries a key of its own, so that repeating a request whose answer was lost makes no second job. */
    submit: (
      request: JobRequest,
      { idempotencyKey = freshKey(), signal }: CallOptions & { readonly idempotencyKey?: string } = {},
    ) => {
      const headers = { 'idempotency-key': idempotencyKey }
      return ask(
        { method: 'POST', path: '/v1/jobs', json: request, headers, repeatable: true, signal },
        asJson(jobSchema),
      )
    },
    /** The newest jobs first, a page at a time. */
    jobs: (query: z.input<typeof jobQuerySchema> = {}, { signal }: CallOptions = {}) =>
      ask({ method: 'GET', path: '/v1/jobs', query: query as QueryValues, signal }, asJson(jobPageSchema)),
    job: (id: string, { signal }: CallOptions = {}) => ask({ method: 'GET', path: job(id), signal }, asJson(jobSchema)),
    cancel: (id: string, { signal }: CallOptions = {}) =>
      ask({ method: 'DELETE', path: job(id), repeatable: true, signal }, asJson(jobSchema)),
    /** Removes an ended job with its files. */
    purge: (id: string, { signal }: CallOptions = {}) =>
      ask({ method: 'DELETE', path: job(id), query: { purge: 'true' }, signal }, asNothing),
    resume: (id: string, { signal }: CallOptions = {}) =>
      ask({ method: 'POST', path: job(id, '/resume'), signal }, asJson(jobSchema)),
    /** Repeatable: the same counts a second time ask for nothing new. */
    extend: (id: string, request: ExtendRequest, { signal }: CallOptions = {}) =>
      ask({ method: 'POST', path: job(id, '/extend'), json: request, repeatable: true, signal }, asJson(jobSchema)),
    /** Every event once and in order, across lost connections, until the job is final. */
    events: (id: string, following: EventOptions = {}): AsyncGenerator<JobEvent, void> =>
      jobEvents(ask, id, options.silence ?? SILENCE, following),
    logs: (id: string, { signal }: CallOptions = {}) => ask({ method: 'GET', path: job(id, '/logs'), signal }, asText),
    results: (id: string, { signal }: CallOptions = {}) =>
      ask({ method: 'GET', path: job(id, '/results'), signal }, asJson(resultsSchema)),
    artifacts: (id: string, { cursor, signal }: CallOptions & { readonly cursor?: string | undefined } = {}) =>
      ask({ method: 'GET', path: job(id, '/artifacts'), query: { cursor }, signal }, asJson(artifactPageSchema)),
    /** The answer with its body unread; status 206 when it begins where `resume` said. */
    artifact: (id: string, path: string, { resume, signal }: ArtifactOptions = {}) => {
      const headers: Record<string, string> = resume
        ? { range: `bytes=${resume.from}-`, 'if-range': `"${resume.sha256}"` }
        : {}
      return ask({ method: 'GET', path: job(id, `/artifacts/${segments(path)}`), headers, signal }, asResponse)
    },
    /** The answer with its body unread. */
    exportZip: (id: string, { signal }: CallOptions = {}) =>
      ask({ method: 'GET', path: job(id, '/export.zip'), signal }, asResponse),
    /** PROV-JSON. */
    provenance: (id: string, { signal }: CallOptions = {}) =>
      ask({ method: 'GET', path: job(id, '/provenance'), signal }, asJson(document)),

    /** What is wrong with a request, and what it would cost. Changes nothing, so it may be repeated. */
    validate: (request: z.input<typeof validateRequestSchema>, { signal }: CallOptions = {}) =>
      ask({ method: 'POST', path: '/v1/validate', json: request, repeatable: true, signal }, asJson(validationSchema)),

    putMesh: (name: string, bytes: Uint8Array | string, { signal }: CallOptions = {}) => {
      const headers = { 'content-type': 'application/octet-stream' }
      return ask({ method: 'PUT', path: mesh(name), bytes, headers, signal }, asJson(meshSchema))
    },
    meshes: ({ signal }: CallOptions = {}) =>
      ask({ method: 'GET', path: '/v1/meshes', signal }, asJson(meshListSchema)),
    mesh: (name: string, { signal }: CallOptions = {}) =>
      ask({ method: 'GET', path: mesh(name), signal }, asJson(meshSchema)),
    removeMesh: (name: string, { signal }: CallOptions = {}) =>
      ask({ method: 'DELETE', path: mesh(name), signal }, asNothing),

    models: ({ cursor, signal }: CallOptions & { readonly cursor?: string | undefined } = {}) =>
      ask({ method: 'GET', path: '/v1/models', query: { cursor }, signal }, asJson(stageListSchema)),
    datasets: ({ cursor, signal }: CallOptions & { readonly cursor?: string | undefined } = {}) =>
      ask({ method: 'GET', path: '/v1/datasets', query: { cursor }, signal }, asJson(stageListSchema)),
    model: (id: string, { signal }: CallOptions = {}) =>
      ask({ method: 'GET', path: `/v1/models/${segment(id)}`, signal }, asJson(storedStageSchema)),
    dataset: (id: string, { signal }: CallOptions = {}) =>
      ask({ method: 'GET', path: `/v1/datasets/${segment(id)}`, signal }, asJson(storedStageSchema)),

    webhooks: ({ signal }: CallOptions = {}) =>
      ask({ method: 'GET', path: '/v1/webhooks', signal }, asJson(webhookListSchema)),
    /** The answer holds the secret, this once. */
    addWebhook: (request: z.input<typeof webhookRequestSchema>, { signal }: CallOptions = {}) =>
      ask({ method: 'POST', path: '/v1/webhooks', json: request, signal }, asJson(webhookSchema)),
    removeWebhook: (id: string, { signal }: CallOptions = {}) =>
      ask({ method: 'DELETE', path: `/v1/webhooks/${segment(id)}`, signal }, asNothing),

    keys: ({ signal }: CallOptions = {}) => ask({ method: 'GET', path: '/v1/keys', signal }, asJson(keyListSchema)),
    /** The answer holds the key, this once. */
    addKey: (request: z.input<typeof keyRequestSchema>, { signal }: CallOptions = {}) =>
      ask({ method: 'POST', path: '/v1/keys', json: request, signal }, asJson(keySchema)),
    revokeKey: (id: string, { signal }: CallOptions = {}) =>
      ask({ method: 'DELETE', path: `/v1/keys/${segment(id)}`, signal }, asNothing),
  }
}

type QueryValues = Readonly<Record<string, string | number | undefined>>

export type NestwaveClient = ReturnType<typeof nestwaveClient>
