import { z } from 'zod'
import {
  type CreateDocumentOptions,
  createDocument,
  createSchema,
  type ZodOpenApiOperationObject,
  type ZodOpenApiParameters,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi'
import { problemSchema, studySchema } from '../client/api.ts'
import type { Route, RouteResponse } from './route.ts'

export type OpenApiDocument = ReturnType<typeof createDocument>

export interface OpenApiOptions {
  readonly version: string
  readonly serverUrl: string
}

/** What any operation may answer; each refers to them instead of saying it again. */
const REFUSALS = {
  400: ['BadRequest', 'the request cannot be read: malformed JSON, a wrong encoding'],
  401: ['Unauthorized', 'no valid key'],
  403: ['Forbidden', 'the key lacks the scope, or is out of its allowance'],
  404: ['NotFound', "no such thing, or another user's"],
  413: ['TooLarge', 'the body is over the limit'],
  415: ['UnsupportedMediaType', 'the body is of a type, charset or encoding that is not read'],
  422: ['InvalidInput', 'the request can be read, but not be meant: every problem is listed with its place'],
  429: ['TooManyRequests', 'too many requests; Retry-After tells when to come again'],
  500: ['Internal', 'our fault; the log has the detail under the id of the request'],
  503: ['Unavailable', 'starting, stopping, or without its database; Retry-After tells when to come again'],
} as const satisfies Readonly<Record<number, readonly [name: string, description: string]>>
type RefusalStatus = keyof typeof REFUSALS

const waits = (status: number): boolean => status === 429 || status === 503

const refusal = (status: RefusalStatus): ZodOpenApiResponseObject => ({
  description: REFUSALS[status][1],
  content: { 'application/problem+json': { schema: problemSchema } },
  headers: {
    'X-Request-Id': { description: 'the id of the request in the log', schema: { type: 'string', format: 'uuid' } },
    ...(waits(status)
      ? { 'Retry-After': { description: 'wait so long', schema: { type: 'integer', 'x-unit': 's' } } }
      : {}),
  },
})

const statuses = Object.keys(REFUSALS).map(Number) as RefusalStatus[]
const refusals = Object.fromEntries(statuses.map((status) => [REFUSALS[status][0], refusal(status)]))

const applies = ({ path, scope, query, body }: Route, status: RefusalStatus): boolean => {
  if (status === 401 || status === 403) return scope !== null
  if (status === 404) return path.includes('{')
  if (status === 413 || status === 415) return body !== undefined
  if (status === 422) return body !== undefined || query !== undefined
  return true
}

const refusalsOf = (route: Route) =>
  Object.fromEntries(
    statuses
      .filter((status) => applies(route, status))
      .map((status) => [`${status}`, { $ref: `#/components/responses/${REFUSALS[status][0]}` }]),
  )

/** jobs → job, meshes → mesh, processes → process */
const singular = (plural: string): string => plural.replace(/(ss|sh|ch|x)es$|s$/, '$1')

const parameterSchema = (path: string, name: string, many: boolean): z.ZodType => {
  const collection = path
    .slice(0, path.indexOf(`{${many ? '+' : ''}${name}}`))
    .split('/')
    .at(-2)!
  const description = many ? 'a path; it may hold slashes' : `the ${singular(collection)}`
  return z.string().meta({ description })
}

const PARAMETER = /\{(\+?)(\w+)\}/g

const pathParameters = (path: string) =>
  z.object(
    Object.fromEntries(
      [...path.matchAll(PARAMETER)].map(([, many, name]) => [name, parameterSchema(path, name, many !== '')]),
    ),
  )

/** OpenAPI has no sign for several segments: the description says it. */
export const openApiPath = (path: string): string => path.replaceAll(PARAMETER, '{$2}')

const parametersOf = ({ path, query }: Route): { requestParams?: ZodOpenApiParameters } => {
  const params: ZodOpenApiParameters = {
    ...(path.includes('{') ? { path: pathParameters(path) } : {}),
    ...(query instanceof z.ZodObject ? { query } : {}),
  }
  return Object.keys(params).length > 0 ? { requestParams: params } : {}
}

const requestBody = ({ body }: Route): Pick<ZodOpenApiOperationObject, 'requestBody'> => {
  if (body === undefined) return {}
  const media = {
    ...(body.schema === undefined ? {} : { schema: body.schema }),
    ...(body.examples === undefined ? {} : { examples: { ...body.examples } }),
  }
  return {
    requestBody: {
      required: body.required ?? true,
      content: { [body.contentType ?? 'application/json']: media },
    },
  }
}

const headersOf = (headers: Readonly<Record<string, string>>): ZodOpenApiResponseObject['headers'] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, description]) => [name, { description, schema: { type: 'string' as const } }]),
  )

const responseOf = ({ description, schema, contentType, headers }: RouteResponse): ZodOpenApiResponseObject => ({
  description,
  ...(schema === undefined && contentType === undefined
    ? {}
    : { content: { [contentType ?? 'application/json']: schema === undefined ? {} : { schema } } }),
  ...(headers === undefined ? {} : { headers: headersOf(headers)! }),
})

const responsesOf = (route: Route): ZodOpenApiOperationObject['responses'] => ({
  ...refusalsOf(route),
  ...Object.fromEntries(Object.entries(route.responses).map(([status, r]) => [status, responseOf(r)])),
})

const operationOf = (route: Route): ZodOpenApiOperationObject => ({
  operationId: route.id,
  tags: [route.tag],
  summary: route.summary,
  ...(route.description === undefined ? {} : { description: route.description }),
  security: route.scope === null ? [] : [{ key: [route.scope] }],
  ...parametersOf(route),
  ...requestBody(route),
  responses: responsesOf(route),
})

const pathsOf = (routes: readonly Route[]): ZodOpenApiPathsObject =>
  routes.reduce<ZodOpenApiPathsObject>((paths, route) => {
    const path = openApiPath(route.path)
    return Object.assign(paths, { [path]: { ...paths[path], [route.method]: operationOf(route) } })
  }, {})

/** Every unit of the contract is kept, under a name that OpenAPI leaves to us. */
const keepUnit = (jsonSchema: object): void => {
  const { unit } = jsonSchema as { unit?: unknown }
  if (unit === undefined) return
  delete (jsonSchema as { unit?: unknown }).unit
  Object.assign(jsonSchema, { 'x-unit': unit })
}

/** Answers may gain fields later: only what is strict in the contract is closed in the document. */
const render: CreateDocumentOptions['override'] = ({ jsonSchema, zodSchema }) => {
  keepUnit(jsonSchema)
  const { def } = zodSchema._zod
  if (def.type === 'object' && !('catchall' in def && def.catchall)) delete jsonSchema.additionalProperties
}

const STUDY = '#/components/schemas/NestwaveStudy'

/**
 * The handlers check a study themselves, after `set` has changed it; the contract therefore takes anything, and the document says
 * what it will have to be.
 */
const sayStudy = (document: OpenApiDocument): OpenApiDocument => {
  for (const schema of Object.values(document.components?.schemas ?? {})) {
    const study = (schema as { properties?: Record<string, object> }).properties?.study
    if (study !== undefined && !('$ref' in study) && !('type' in study)) Object.assign(study, { $ref: STUDY })
  }
  return document
}

/** The study as a client writes it: fields with defaults may be left out. */
const studyInput = () => {
  const { schema, components } = createSchema(studySchema, { io: 'input', opts: { override: render } })
  return components.NestwaveStudy ?? schema
}

/**
 * The API as OpenAPI 3.1, from the very routes that the server mounts.
 * @source OpenAPI Specification 3.1.0
 * @verifiedBy test/service/openapi.test.ts
 */
export const openapiDocument = (routes: readonly Route[], { version, serverUrl }: OpenApiOptions): OpenApiDocument =>
  sayStudy(
    createDocument(
      {
        openapi: '3.1.0',
        info: {
          title: 'Nestwave',
          version,
          description:
            'Uncertainty quantification of wave propagation in a zone of a structure. SI units; `x-unit` names each. ' +
            'Every answer has an `X-Request-Id`; every refusal is RFC 9457 problem details.',
          license: { name: 'MIT', identifier: 'MIT' },
        },
        servers: [{ url: serverUrl }],
        tags: [...new Set(routes.map((r) => r.tag))].map((name) => ({ name })),
        paths: pathsOf(routes),
        components: {
          schemas: { NestwaveStudy: studyInput() },
          responses: refusals,
          securitySchemes: {
            key: { type: 'http', scheme: 'bearer', description: 'an API key; the roles named are its scopes' },
          },
        },
      },
      { override: render },
    ),
  )
