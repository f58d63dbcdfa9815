import { tinyMesh } from '../end-to-end/tiny-study.ts'
import type { Chance } from './fuzz-chance.ts'
import { jsonBytes, jsonText, meshBytes, oddText, oddValue, pathOut } from './fuzz-mutations.ts'

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document is read in any part
type Any = any

/** One request as it is sent: nothing is normalised on the way. */
export interface FuzzRequest {
  readonly operation: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
}

/** What the service holds: what requests may name. */
export interface Pools {
  /** Jobs of the one who asks, queued for ever. */
  readonly queued: readonly string[]
  /** A job of theirs that is done. */
  readonly done: string
  /** A job of somebody else. */
  readonly foreign: string
  readonly foreignMesh: string
  readonly artifacts: readonly string[]
  readonly keys: { readonly user: string; readonly admin: string; readonly hooks: string }
  /** In every name that a request may leave behind. */
  readonly marker: string
}

interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly Any[]
  readonly bodies: readonly unknown[]
  readonly takesJson: boolean
}

const METHODS = ['get', 'post', 'put', 'delete'] as const
const KINDS = ['simulation', 'dataset', 'training', 'estimate', 'run']

/** A value that a schema allows: its examples and defaults first. */
const sampleOf = (document: Any, schema: Any, depth = 0): unknown => {
  if (schema === undefined || depth > 8) return null
  if (schema.$ref !== undefined)
    return sampleOf(document, document.components.schemas[schema.$ref.split('/').at(-1)], depth + 1)
  const given = schema.example ?? schema.examples?.[0] ?? schema.default ?? schema.const ?? schema.enum?.[0]
  if (given !== undefined) return given
  const branch = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (branch !== undefined) return sampleOf(document, branch[0], depth + 1)
  const type = [schema.type].flat()[0]
  if (type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([key, inner]) => [key, sampleOf(document, inner, depth + 1)]),
    )
  if (type === 'array') return [sampleOf(document, schema.items, depth + 1)]
  return { number: 1, integer: Math.max(1, schema.minimum ?? 1), boolean: true, string: 'text' }[type as string] ?? null
}

/** The measurement of costs takes seconds of the one process that answers questions: a flood of it is another test. */
const cheap = (operation: string, body: unknown): unknown =>
  operation === 'validate' ? { ...(body as object), cost: false } : body

/** What examples do not show. */
const moreOf = (id: string, study: unknown, { done, foreign }: Pools): readonly unknown[] => {
  const limits = { wallSeconds: 60, cpuSeconds: 60, memoryBytes: 2 ** 30, diskBytes: 2 ** 30 }
  const jobs = [
    {
      kind: 'dataset',
      study,
      limits,
      title: 'a title',
      priority: -1,
      set: { 'dataset.train': 64, 'quantities.0.name': 'q' },
    },
    { kind: 'simulation', parent: done, sample: 2 },
    { kind: 'estimate', parent: foreign, set: { 'estimate.samples': 8000 } },
  ]
  if (id === 'submitJob') return jobs
  if (id === 'validate') return jobs.map((job) => cheap(id, job))
  if (id === 'ogcExecute')
    return [{ inputs: { study } }, { inputs: { study: { value: study }, limits }, response: 'raw' }]
  const key = {
    scopes: ['read'],
    requestsPerMinute: 10,
    maxActiveJobs: 5,
    maxBytes: 1000,
    expiresAt: '2031-01-01T00:00:00Z',
  }
  return id === 'createKey' ? [{ owner: 'bob', name: 'x', ...key }] : []
}

const bodiesOf = (document: Any, id: string, study: unknown, pools: Pools, content: Any): readonly unknown[] => {
  const media = content?.['application/json']
  if (media === undefined) return []
  const examples = Object.values(media.examples ?? {}).map(({ value }: Any) => cheap(id, value))
  return [
    ...examples,
    ...moreOf(id, study, pools),
    ...(media.schema ? [cheap(id, sampleOf(document, media.schema))] : []),
  ]
}

const UMBRIDGE = ['ModelInfo', 'InputSizes', 'OutputSizes', 'Evaluate', 'Gradient', 'ApplyJacobian', 'ApplyHessian']

/** It has no OpenAPI document: its bodies are written here. */
const umbridgeOf = (name: string): Operation[] => [
  { id: 'umbridgeInfo', method: 'get', path: '/umbridge/Info', parameters: [], bodies: [], takesJson: false },
  ...UMBRIDGE.map((what) => ({
    ...{ id: `umbridge${what}`, method: 'post', path: `/umbridge/${what}`, parameters: [], takesJson: true },
    bodies: [
      { name, config: {}, input: [[300e6, 1e-5, 0.2, 5e-5]] },
      { name, input: [[300e6, 1e-5, 0.2, 5e-5]], config: { seed: 1 } },
      { name: [name] },
    ],
  })),
]

/** Every operation of the service's own description, with bodies that it takes. */
export const operationsOf = (document: Any, study: unknown, pools: Pools): readonly Operation[] => [
  ...Object.entries<Any>(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method): Operation => {
      const { operationId, parameters = [], requestBody } = item[method]
      return {
        ...{ id: operationId, method, path, parameters },
        bodies: bodiesOf(document, operationId, study, pools, requestBody?.content),
        takesJson: requestBody?.content?.['application/json'] !== undefined,
      }
    }),
  ),
  ...umbridgeOf(`${pools.done}/full-domain`),
]

const RANDOM_ID = '0b5f5c3e-8f0e-4b52-9a44-3f5a3c1f7d10'

/** Ended jobs and other people's are never dropped: later requests ask for them. */
const jobIdFor = (method: string, pools: Pools, chance: Chance): string => {
  if (method === 'delete') return chance.pick([...pools.queued, pools.foreign, RANDOM_ID])
  return chance.pick([chance.pick(pools.queued), pools.done, pools.done, pools.foreign, RANDOM_ID])
}

const meshNameFor = ({ marker, foreignMesh }: Pools, chance: Chance): string =>
  chance.pick([
    `${marker}-${chance.below(50)}.msh`,
    `${marker}-${chance.below(50)}.msh`,
    'plate-with-hole.msh',
    foreignMesh,
  ])

const parameterFor = (operation: Operation, name: string, pools: Pools, chance: Chance): string => {
  if (chance.is(0.12)) return chance.is(0.6) ? pathOut(chance, pools.marker) : oddText(chance)
  if (name === 'processID') return chance.pick(KINDS)
  if (name === 'name') return meshNameFor(pools, chance)
  if (name === 'path') return chance.pick(pools.artifacts)
  return operation.path.includes('jobs')
    ? jobIdFor(operation.method, pools, chance)
    : chance.pick([RANDOM_ID, pools.foreign])
}

const pathFor = (operation: Operation, pools: Pools, chance: Chance): string =>
  operation.path.replaceAll(/\{(\w+)\}/g, (_, name) => parameterFor(operation, name, pools, chance))

const queryFor = (document: Any, { parameters }: Operation, chance: Chance): string => {
  const own = parameters.filter((p) => p.in === 'query').filter(() => chance.is(0.4))
  const parts = own.map(({ name, schema }) => {
    const value = chance.is(0.6) ? encodeURIComponent(String(sampleOf(document, schema))) : oddText(chance)
    return chance.is(0.05) ? `${name}[]=${value}` : `${name}=${value}`
  })
  if (chance.is(0.06)) parts.push(`${oddText(chance)}=${oddText(chance)}`, '__proto__[x]=1', 'constructor=1')
  if (chance.is(0.04)) parts.push(...parts)
  return parts.length > 0 ? `?${parts.join('&')}` : ''
}

const HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ['Idempotency-Key', ['a', 'b', 'x'.repeat(256), 'a b', '', '\xe9']],
  ['Last-Event-ID', ['1', '-1', 'x', '99999999999999999999', '1e3', ' ']],
  [
    'Range',
    [
      'bytes=0-0',
      'bytes=-1',
      'bytes=99999999999-',
      'bytes=0-0,2-3',
      'bytes=x',
      'lines=1-2',
      `bytes=${'0-1,'.repeat(2000)}0-1`,
    ],
  ],
  ['If-None-Match', ['*', '"x"', 'W/"x"', '"', ',,,,', 'x'.repeat(8000)]],
  ['If-Range', ['"x"', 'x', 'Wed, 21 Oct 2015 07:28:00 GMT']],
  ['Host', ['evil.example', '', 'a/b', '[::1', 'x'.repeat(1000)]],
  ['Origin', ['https://evil.example', 'null', 'x']],
  [
    'Content-Type',
    [
      'text/html',
      'application/json; charset=utf-16',
      'application/json;',
      'x',
      '',
      'multipart/form-data',
      'application/xml',
    ],
  ],
  ['Content-Encoding', ['gzip', 'identity', 'br, gzip', 'x']],
  ['Accept', ['text/html', '*/*;q=0', 'x', 'x/y,'.repeat(3000)]],
  ['Prefer', ['respond-async', 'wait=10', 'x'.repeat(4000)]],
  ['Transfer-Encoding', ['chunked']],
  ['Expect', ['100-continue', 'x']],
  ['Upgrade', ['websocket', 'h2c']],
  ['X-Forwarded-For', ['1.2.3.4', 'x'.repeat(5000)]],
  ['X-Request-Id', ['x', 'x'.repeat(5000)]],
  ['X-Fuzz', ['x'.repeat(20_000)]],
  ['Cookie', ['__proto__=1; a=b']],
]

const oddHeaders = (chance: Chance): Record<string, string> => {
  const count = chance.is(0.25) ? 1 + chance.below(3) : 0
  return Object.fromEntries(
    Array.from({ length: count }, () => {
      const [name, values] = chance.pick(HEADERS)
      return [name, chance.pick(values)]
    }),
  )
}

const WRONG_KEYS = ['Bearer nw_wrong', 'Bearer ', 'Basic YTpi', 'Bearer a b', `Bearer ${'x'.repeat(300)}`, 'x']

const isForAdmin = ({ path }: Operation): boolean => path.startsWith('/v1/keys') || path.startsWith('/v1/audit')

/** Webhooks have an owner of their own, who has no jobs: nothing is ever delivered to the addresses made up here. */
const keyFor = (operation: Operation, { keys }: Pools, chance: Chance): Record<string, string> => {
  if (chance.is(0.04)) return chance.is(0.5) ? {} : { Authorization: chance.pick(WRONG_KEYS) }
  if (operation.path.startsWith('/v1/webhooks')) return { Authorization: `Bearer ${keys.hooks}` }
  return { Authorization: `Bearer ${isForAdmin(operation) && chance.is(0.8) ? keys.admin : keys.user}` }
}

const MESH = tinyMesh()

const bodyFor = (operation: Operation, chance: Chance): Buffer | null => {
  if (operation.id === 'putMesh') return meshBytes(MESH, chance)
  if (operation.takesJson) {
    const body = operation.bodies.length > 0 ? chance.pick(operation.bodies) : oddValue(chance)
    return chance.is(0.12) ? Buffer.from(jsonText(body)) : jsonBytes(body, chance)
  }
  return operation.method !== 'get' && chance.is(0.3) ? Buffer.from(jsonText(oddValue(chance))) : null
}

const WRONG_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'LOCK', 'M-SEARCH']

const methodFor = ({ method }: Operation, chance: Chance): string => {
  if (chance.is(0.04)) return chance.pick(WRONG_METHODS)
  return method === 'get' && chance.is(0.03) ? 'HEAD' : method.toUpperCase()
}

export const requestFor = (
  document: Any,
  operations: readonly Operation[],
  pools: Pools,
  chance: Chance,
): FuzzRequest => {
  const weighty = ['submitJob', 'submitStudy', 'validate', 'putMesh', 'ogcExecute']
  const operation = chance.is(0.35)
    ? chance.pick(operations.filter(({ id }) => weighty.includes(id)))
    : chance.pick(operations)
  const body = bodyFor(operation, chance)
  const type = operation.takesJson ? { 'Content-Type': 'application/json' } : {}
  return {
    operation: operation.id,
    method: methodFor(operation, chance),
    path:
      (chance.is(0.02) ? `/${pathOut(chance, pools.marker)}` : pathFor(operation, pools, chance)) +
      queryFor(document, operation, chance),
    headers: { ...type, ...keyFor(operation, pools, chance), ...oddHeaders(chance) },
    body,
  }
}
