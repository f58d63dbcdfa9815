import { z } from 'zod'
import { JOB_KINDS, type JobKind } from '../study/job-kinds.ts'
import { studySchema } from '../study/schema.ts'

/**
 * The contract of the HTTP API: every request and response as a schema. The service validates with it, the OpenAPI document is
 * generated from it, and the typed client and the command line speak it.
 */

export { JOB_KINDS, type JobKind }

/** `queued` and `running` go on by themselves; the other three are final until somebody resumes or extends. */
export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const
export type JobState = (typeof JOB_STATES)[number]

export const jobIdSchema = z
  .uuid()
  .meta({ id: 'JobId', description: 'a job', example: '0b5f5c3e-8f0e-4b52-9a44-3f5a3c1f7d10' })
const when = z.iso.datetime().meta({ description: 'time, UTC' })
const count = z.int().min(0)

/** Names of meshes: one file name, no path. */
export const meshNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,95}\.msh$/, {
    error: 'letters, digits, _ . - and .msh at the end (at most 100, the first a letter or digit)',
  })
  .meta({
    id: 'MeshName',
    description: 'letters, digits, _ . -, ending in .msh; at most 100',
    example: 'plate-with-hole.msh',
  })

export const limitsSchema = z
  .strictObject({
    cpuSeconds: z
      .number()
      .positive()
      .optional()
      .meta({ unit: 's', description: 'processor time of all its work together' }),
    wallSeconds: z.number().positive().optional().meta({ unit: 's', description: 'time since it first started' }),
    memoryBytes: z
      .int()
      .positive()
      .optional()
      .meta({ unit: 'byte', description: 'resident memory of any process that works for it' }),
    diskBytes: z.int().positive().optional().meta({ unit: 'byte', description: 'all its files together' }),
  })
  .meta({ id: 'Limits', description: 'a job that passes one of them fails, and says which' })
export type Limits = z.infer<typeof limitsSchema>

const overrides = z
  .record(z.string().min(1).max(200), z.unknown())
  .meta({ description: 'fields of the study to change, by dotted path: {"estimate.samples": 8000}' })

/** What `POST /v1/jobs` takes. */
export const jobRequestSchema = z
  .strictObject({
    kind: z.enum(JOB_KINDS),
    study: z
      .unknown()
      .optional()
      .meta({ description: 'a study; `domain.mesh` names an uploaded mesh (the last part of a path counts)' }),
    parent: z
      .uuid()
      .optional()
      .meta({ description: 'a job whose study is taken instead, with its results as far as they are the same' }),
    set: overrides.optional(),
    title: z.string().min(1).max(200).optional().meta({ description: "default: the study's title" }),
    priority: z
      .int()
      .min(-1)
      .max(1)
      .default(0)
      .meta({ description: '1 before 0 before -1; fair between users within each' }),
    limits: limitsSchema.prefault({}),
    sample: z.int().min(0).max(1_000_000).optional().meta({ description: 'simulation only: which sample (default 0)' }),
    executor: z
      .string()
      .min(1)
      .max(40)
      .optional()
      .meta({ description: 'training and run only: tensor runtime (default auto)' }),
  })
  .meta({ id: 'JobRequest' })
export type JobRequest = z.input<typeof jobRequestSchema>

/** What `POST /v1/jobs/{id}/extend` takes: larger sample counts. */
export const extendRequestSchema = z
  .strictObject({
    samples: z.int().positive().optional().meta({ description: 'estimate.samples' }),
    comparisonSamples: z.int().positive().optional().meta({ description: 'estimate.comparisonSamples' }),
    train: z.int().positive().optional().meta({ description: 'dataset.train' }),
    validation: z.int().positive().optional().meta({ description: 'dataset.validation' }),
    test: z.int().positive().optional().meta({ description: 'dataset.test' }),
  })
  .meta({ id: 'ExtendRequest', description: 'new counts, none smaller than the old one', example: { samples: 8000 } })
export type ExtendRequest = z.infer<typeof extendRequestSchema>

export const problemItemSchema = z
  .object({
    pointer: z.string().meta({ description: 'JSON Pointer (RFC 6901) into the request body, or empty' }),
    path: z.string().meta({ description: 'the same place, dotted' }),
    expected: z.string(),
    received: z.string(),
  })
  .meta({ id: 'ProblemItem' })
export type ProblemItem = z.infer<typeof problemItemSchema>

/** RFC 9457 problem details. */
export const problemSchema = z
  .object({
    type: z
      .string()
      .meta({ description: 'what kind of problem: a stable address', example: '/problems/invalid-input' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string().optional().meta({ description: 'the request, as the log names it' }),
    errors: z.array(problemItemSchema).optional().meta({ description: 'every problem of the input' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' })
export type ProblemDetails = z.infer<typeof problemSchema>

export const stageProgressSchema = z
  .object({
    stage: z.string(),
    done: count.meta({ description: 'steps done, those found finished included' }),
    found: count.meta({ description: 'steps that earlier work had finished' }),
    total: count,
    seconds: z.number().min(0).meta({ unit: 's', description: 'since the stage began' }),
    etaSeconds: z
      .number()
      .min(0)
      .nullable()
      .meta({ unit: 's', description: 'to the end of the stage; null while unknown' }),
    detail: z.string(),
  })
  .meta({ id: 'StageProgress' })
export type StageProgress = z.infer<typeof stageProgressSchema>

export const jobErrorSchema = z
  .object({
    type: z.string().meta({ description: 'invalid-input, numerics, limit, poison-chunk, crash, …' }),
    message: z.string(),
    errors: z.array(problemItemSchema).optional(),
  })
  .meta({ id: 'JobError' })
export type JobError = z.infer<typeof jobErrorSchema>

export const jobSchema = z
  .object({
    id: jobIdSchema,
    kind: z.enum(JOB_KINDS),
    title: z.string(),
    state: z.enum(JOB_STATES),
    reason: z.string().nullable().meta({ description: 'why it waits, failed or was cancelled' }),
    error: jobErrorSchema.nullable(),
    progress: stageProgressSchema.nullable(),
    attempts: count.meta({ description: 'how often a worker took it up' }),
    revision: z.int().min(1).meta({ description: 'rises with every extension' }),
    priority: z.int(),
    limits: limitsSchema,
    parent: jobIdSchema.nullable(),
    owner: z.string(),
    createdAt: when,
    startedAt: when.nullable(),
    endedAt: when.nullable(),
    cpuSeconds: z.number().min(0).meta({ unit: 's' }),
    links: z.record(z.string(), z.string()).meta({ description: 'self, events, logs, results, artifacts, …' }),
  })
  .meta({ id: 'Job' })
export type JobResource = z.infer<typeof jobSchema>

const pageOf = <T extends z.ZodType>(item: T, id: string) =>
  z
    .object({
      items: z.array(item),
      next: z.string().nullable().meta({ description: 'cursor of the next page; null at the end' }),
    })
    .meta({ id })

export const jobPageSchema = pageOf(jobSchema, 'JobPage')
export type JobPage = z.infer<typeof jobPageSchema>

export const jobQuerySchema = z.object({
  state: z.enum(JOB_STATES).optional(),
  kind: z.enum(JOB_KINDS).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
})

/** One server-sent event: its `id` counts up within a job without gaps, so `Last-Event-ID` loses nothing. */
export const eventSchema = z
  .object({
    seq: z.int().min(1),
    at: when,
    type: z.enum(['state', 'stage', 'progress', 'note', 'warning', 'failure']),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'JobEvent' })
export type JobEvent = z.infer<typeof eventSchema>

export const artifactSchema = z
  .object({
    path: z.string(),
    size: count.meta({ unit: 'byte' }),
    sha256: z.string(),
    href: z.string(),
  })
  .meta({ id: 'Artifact' })
export type Artifact = z.infer<typeof artifactSchema>

export const artifactPageSchema = pageOf(artifactSchema, 'ArtifactPage')
export type ArtifactPage = z.infer<typeof artifactPageSchema>

const seriesSchema = z.object({ path: z.string(), samples: count, chunks: count }).meta({ id: 'SeriesSurvey' })

export const resultsSchema = z
  .object({
    id: jobIdSchema,
    kind: z.enum(JOB_KINDS),
    state: z.enum(JOB_STATES),
    partial: z.boolean().meta({ description: 'true: it did not finish; what is here is what it had' }),
    revision: z.int(),
    series: z.array(seriesSchema).meta({ description: 'samples on disk, by series' }),
    report: z.unknown().nullable().meta({ description: 'report.json of an estimate or run' }),
    result: z.unknown().nullable().meta({ description: 'result.json of a simulation' }),
  })
  .meta({ id: 'Results' })
export type Results = z.infer<typeof resultsSchema>

export const meshSchema = z
  .object({
    name: meshNameSchema,
    sha256: z.string(),
    size: count.meta({ unit: 'byte' }),
    createdAt: when.nullable().meta({ description: 'null: it comes with Nestwave' }),
    survey: z
      .record(z.string(), z.unknown())
      .meta({ description: 'nodes, cells, groups, bounding box in m, worst cells' }),
  })
  .meta({ id: 'Mesh' })
export type MeshResource = z.infer<typeof meshSchema>

export const meshListSchema = z.object({ items: z.array(meshSchema) }).meta({ id: 'MeshList' })

/** What `POST /v1/validate` takes: a job request; `cost: false` skips the measurement. */
export const validateRequestSchema = jobRequestSchema
  .extend({ cost: z.boolean().default(true).meta({ description: 'measure what it would cost (takes seconds)' }) })
  .meta({ id: 'ValidateRequest' })

export const validationSchema = z
  .object({
    valid: z.boolean(),
    errors: z.array(problemItemSchema),
    survey: z.record(z.string(), z.unknown()).nullable(),
    cost: z
      .object({
        workers: count,
        seconds: z.number().meta({ unit: 's' }),
        bytes: z.number().meta({ unit: 'byte' }),
        basis: z.string(),
        stages: z.array(z.object({ stage: z.string(), count, of: z.string(), seconds: z.number() })),
      })
      .nullable(),
  })
  .meta({ id: 'Validation' })
export type Validation = z.infer<typeof validationSchema>

/** A finished stage that jobs share: a dataset or a trained model. */
export const storedStageSchema = z
  .object({
    id: z.uuid(),
    hash: z.string().meta({ description: 'of its canonical inputs' }),
    title: z.string(),
    complete: z.boolean(),
    bytes: count.meta({ unit: 'byte' }),
    jobs: z.array(jobIdSchema).meta({ description: 'the jobs that made or use it' }),
    createdAt: when,
    inputs: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: 'StoredStage' })
export type StoredStage = z.infer<typeof storedStageSchema>
export const stageListSchema = pageOf(storedStageSchema, 'StoredStagePage')

export const WEBHOOK_EVENTS = ['job.succeeded', 'job.failed', 'job.cancelled'] as const
export const webhookRequestSchema = z
  .strictObject({
    url: z.string().min(1).max(2048),
    events: z
      .array(z.enum(WEBHOOK_EVENTS))
      .min(1)
      .max(WEBHOOK_EVENTS.length)
      .default([...WEBHOOK_EVENTS]),
  })
  .meta({ id: 'WebhookRequest' })
export const webhookSchema = z
  .object({
    id: z.uuid(),
    url: z.string(),
    events: z.array(z.enum(WEBHOOK_EVENTS)),
    createdAt: when,
    lastStatus: z.string().nullable().meta({ description: 'how the last delivery went' }),
    secret: z.string().optional().meta({ description: 'shown once, when it is made (Standard Webhooks, whsec_…)' }),
  })
  .meta({ id: 'Webhook' })
export type WebhookResource = z.infer<typeof webhookSchema>
export const webhookListSchema = z.object({ items: z.array(webhookSchema) }).meta({ id: 'WebhookList' })

export const SCOPES = ['read', 'write', 'admin'] as const
export type Scope = (typeof SCOPES)[number]
/** What the tables can hold. */
const MOST = 1_000_000_000
const isOfOurTime = (text: string): boolean => Date.parse(text) >= 0

export const keyRequestSchema = z
  .strictObject({
    owner: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$/)
      .meta({ description: 'whose jobs it reaches' }),
    name: z.string().min(1).max(100),
    scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).default(['read', 'write']),
    requestsPerMinute: z
      .int()
      .positive()
      .max(MOST)
      .nullable()
      .default(null)
      .meta({ description: "null: the service's default" }),
    maxActiveJobs: z.int().positive().max(MOST).nullable().default(null),
    maxBytes: z.int().positive().nullable().default(null).meta({ unit: 'byte' }),
    expiresAt: when.refine(isOfOurTime, { error: 'a time from the year 1970 on' }).nullable().default(null),
  })
  .meta({ id: 'KeyRequest' })
export const keySchema = z
  .object({
    ...keyRequestSchema.shape,
    id: z.uuid(),
    prefix: z.string().meta({ description: 'the first characters of the key, to tell keys apart' }),
    createdAt: when,
    revokedAt: when.nullable(),
    key: z.string().optional().meta({ description: 'the key itself, shown once' }),
  })
  .meta({ id: 'ApiKey' })
export type KeyResource = z.infer<typeof keySchema>
export const keyListSchema = z.object({ items: z.array(keySchema) }).meta({ id: 'KeyList' })

export { studySchema }
