import { z } from 'zod'
import { JOB_KINDS, type JobState } from '../client/api.ts'

/** Requests and answers of OGC API - Processes, part 1: core, 1.0 (18-062r2). */

const OGC = 'http://www.opengis.net'
/** Types of the standard's own exceptions. */
export const exceptionType = (name: string): string => `${OGC}/def/exceptions/ogcapi-processes-1/1.0/${name}`
/** Link relations of the standard. */
export const relation = (name: string): string => `${OGC}/def/rel/ogc/1.0/${name}`
export const conformanceClass = (name: string): string => `${OGC}/spec/ogcapi-processes-1/1.0/conf/${name}`

export const OGC_STATUS = {
  queued: 'accepted',
  running: 'running',
  succeeded: 'successful',
  failed: 'failed',
  cancelled: 'dismissed',
} as const satisfies Record<JobState, string>
export type OgcStatus = (typeof OGC_STATUS)[JobState]
const STATUSES = Object.values(OGC_STATUS)

/** Our state of a status of the standard. */
export const stateOf = (status: OgcStatus): JobState =>
  (Object.keys(OGC_STATUS) as JobState[]).find((state) => OGC_STATUS[state] === status)!

export const linkSchema = z
  .object({
    href: z.string(),
    rel: z.string().optional(),
    type: z.string().optional(),
    title: z.string().optional(),
  })
  .meta({ id: 'OgcLink' })
export type Link = z.infer<typeof linkSchema>
const links = z.array(linkSchema)

export const conformanceSchema = z.object({ conformsTo: z.array(z.string()) }).meta({ id: 'OgcConformance' })

export const processSummarySchema = z
  .object({
    id: z.enum(JOB_KINDS),
    title: z.string(),
    description: z.string(),
    version: z.string(),
    jobControlOptions: z.array(z.enum(['sync-execute', 'async-execute', 'dismiss'])),
    outputTransmission: z.array(z.enum(['value', 'reference'])),
    links,
  })
  .meta({ id: 'OgcProcessSummary' })
export type ProcessSummary = z.infer<typeof processSummarySchema>

export const processListSchema = z
  .object({ processes: z.array(processSummarySchema), links })
  .meta({ id: 'OgcProcessList' })

const putSchema = z.object({
  title: z.string(),
  description: z.string().optional(),
  schema: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema' }),
})
const inputSchema = putSchema.extend({ minOccurs: z.int().min(0), maxOccurs: z.int().min(1) })
export const processSchema = processSummarySchema
  .extend({ inputs: z.record(z.string(), inputSchema), outputs: z.record(z.string(), putSchema) })
  .meta({ id: 'OgcProcess' })
export type ProcessDescription = z.infer<typeof processSchema>

const outputRequest = z.strictObject({
  transmissionMode: z.enum(['value']).optional(),
  format: z.strictObject({ mediaType: z.literal('application/json').optional() }).optional(),
})
export const executeSchema = z
  .strictObject({
    inputs: z
      .record(z.string(), z.unknown())
      .default({})
      .meta({ description: 'by name; as they are, as {"value": …}, or as a link {"href": "data:application/json,…"}' }),
    outputs: z
      .strictObject({ results: outputRequest.optional() })
      .optional()
      .meta({ description: 'default: all there are' }),
    response: z
      .enum(['raw', 'document'])
      .optional()
      .meta({ description: 'raw: the results themselves; document: by name of the output' }),
  })
  .meta({ id: 'OgcExecute' })
export type Execute = z.infer<typeof executeSchema>

const when = z.iso.datetime()
export const statusSchema = z
  .object({
    processID: z.enum(JOB_KINDS),
    type: z.literal('process'),
    jobID: z.uuid().meta({ description: 'as version 1.0 names it' }),
    id: z.uuid().meta({ description: 'the same, as version 2.0 names it' }),
    status: z.enum(STATUSES as [OgcStatus, ...OgcStatus[]]),
    message: z.string(),
    progress: z.int().min(0).max(100).meta({ unit: '%', description: 'of the stage that `message` names' }),
    created: when,
    started: when.optional(),
    finished: when.optional(),
    updated: when,
    links,
  })
  .meta({ id: 'OgcStatus' })
export type StatusInfo = z.infer<typeof statusSchema>

export const jobListSchema = z.object({ jobs: z.array(statusSchema), links }).meta({ id: 'OgcJobList' })

/** Lists in a query: `a,b` or said twice. */
const listOf = <T extends z.ZodType>(item: T) =>
  z.preprocess(
    (given) => [given].flat().flatMap((text) => (typeof text === 'string' ? text.split(',') : [text])),
    z.array(item).min(1),
  )

const MOMENT = /^(?:\.\.|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/i
const isInterval = (text: string): boolean => {
  const ends = text.split('/')
  if (ends.length > 2 || !ends.every((end) => MOMENT.test(end))) return false
  return ends.some((end) => !Number.isNaN(Date.parse(end)))
}

const limit = (standard: number) => z.coerce.number().int().min(1).max(10_000).default(standard)

export const processListQuerySchema = z.object({ limit: limit(100) })
export const jobListQuerySchema = z.object({
  type: listOf(z.string()).optional().meta({ description: 'process is the only type there is' }),
  processID: listOf(z.string()).optional(),
  status: listOf(z.enum(STATUSES as [OgcStatus, ...OgcStatus[]])).optional(),
  datetime: z
    .string()
    .refine(isInterval, { error: 'a time, or two with / between, either end .. or empty where it is open' })
    .optional()
    .meta({ description: 'when it was made: a time or an interval (RFC 3339)' }),
  minDuration: z.coerce.number().min(0).optional().meta({ unit: 's', description: 'least time that it has run' }),
  maxDuration: z.coerce.number().min(0).optional().meta({ unit: 's', description: 'most time that it has run' }),
  limit: limit(50).meta({ description: 'jobs on a page, at most; beyond 200 it is 200' }),
  cursor: z.string().max(200).optional().meta({ description: 'comes with the link `next`' }),
})
export type JobListQuery = z.infer<typeof jobListQuerySchema>
