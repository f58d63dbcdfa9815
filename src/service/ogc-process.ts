import { z } from 'zod'
import { type JobKind, jobRequestSchema, resultsSchema, studySchema } from '../client/api.ts'
import { VERSION } from '../study/version.ts'
import type { Link, ProcessDescription, ProcessSummary } from './ogc-schema.ts'
import { relation } from './ogc-schema.ts'

const PROCESSES: Readonly<Record<JobKind, readonly [title: string, description: string]>> = {
  simulation: ['Simulation', 'One full-domain run of one sample of the study.'],
  dataset: ['Dataset', 'Full-domain runs of random samples: what a generator learns from.'],
  training: ['Training', "The boundary generator and its baselines, fitted to the parent's dataset."],
  estimate: [
    'Estimate',
    'Monte Carlo in the zone, driven by the fitted models: quantities of interest with intervals.',
  ],
  run: ['Run', 'Dataset, training and estimate one after the other.'],
}

const { kind: _kind, ...ALL } = jobRequestSchema.shape
const { sample, executor, ...COMMON } = ALL

/** The fields that each process takes: what the API says of a job request, without its kind. */
const FIELDS: Readonly<Record<JobKind, z.ZodRawShape>> = {
  simulation: { ...COMMON, sample },
  dataset: COMMON,
  training: { ...COMMON, executor },
  estimate: COMMON,
  run: { ...COMMON, executor },
}

export const inputsSchema = (kind: JobKind): z.ZodObject => z.strictObject(FIELDS[kind])

const TITLES: Readonly<Record<string, string>> = {
  study: 'Study',
  parent: 'Parent job',
  set: 'Changed fields',
  title: 'Title',
  priority: 'Priority',
  limits: 'Limits',
  sample: 'Sample',
  executor: 'Executor',
}

type JsonSchema = Record<string, unknown>

const keepUnit = ({ jsonSchema }: { jsonSchema: object }): void => {
  const { unit, ...rest } = jsonSchema as { unit?: unknown }
  if (unit === undefined) return
  for (const key of Object.keys(jsonSchema)) delete (jsonSchema as JsonSchema)[key]
  Object.assign(jsonSchema, rest, { 'x-unit': unit })
}

/** References put in place: within a process description there is no root for them to start from. */
const inlined = (value: unknown, defs: Readonly<JsonSchema>): unknown => {
  if (Array.isArray(value)) return value.map((item) => inlined(item, defs))
  if (typeof value !== 'object' || value === null) return value
  const { $ref, ...rest } = value as { $ref?: string }
  const target = $ref === undefined ? {} : (inlined(defs[$ref.split('/').at(-1)!], defs) as object)
  return { ...target, ...Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, inlined(item, defs)])) }
}

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const whole = z.toJSONSchema(schema, { io, override: keepUnit }) as JsonSchema
  const { $schema: _schema, $defs = {}, ...rest } = whole
  return inlined(rest, $defs as JsonSchema) as JsonSchema
}

const inputOf = (name: string, field: z.ZodType) => {
  const schema = jsonSchema(name === 'study' ? studySchema : field, 'input')
  const { description } = jsonSchema(field, 'input') as { description?: string }
  return { title: TITLES[name] ?? name, ...(description ? { description } : {}), schema, minOccurs: 0, maxOccurs: 1 }
}

const inputsOf = (kind: JobKind): ProcessDescription['inputs'] =>
  Object.fromEntries(Object.entries(FIELDS[kind]).map(([name, field]) => [name, inputOf(name, field as z.ZodType)]))

const outputs = (): ProcessDescription['outputs'] => ({
  results: {
    title: 'Results',
    description: 'what GET /v1/jobs/{id}/results gives: samples on disk, report or result',
    schema: { ...jsonSchema(resultsSchema, 'output'), contentMediaType: 'application/json' },
  },
})

const JSON_TYPE = 'application/json'

/** Its version is that of the software: a process changes with it. */
export const processSummary = (kind: JobKind, base: string): ProcessSummary => {
  const [title, description] = PROCESSES[kind]
  const self = `${base}/processes/${kind}`
  const links: Link[] = [
    { href: self, rel: 'self', type: JSON_TYPE, title: 'its description' },
    { href: `${self}/execution`, rel: relation('execute'), type: JSON_TYPE, title: 'POST here to execute it' },
  ]
  return {
    ...{ id: kind, title, description, version: VERSION },
    jobControlOptions: ['async-execute', 'dismiss'],
    outputTransmission: ['value'],
    links,
  }
}

export const processDescription = (kind: JobKind, base: string): ProcessDescription => ({
  ...processSummary(kind, base),
  inputs: inputsOf(kind),
  outputs: outputs(),
})
