import { describe, expect, it } from 'vitest'
import { openApiPath, openapiDocument } from '../../src/service/openapi.ts'
import type { Route } from '../../src/service/route.ts'
import { SAMPLE_ROUTES } from './sample-routes.ts'

const document = openapiDocument(SAMPLE_ROUTES, { version: '1.2.3', serverUrl: 'http://127.0.0.1:8080' })
// biome-ignore lint/suspicious/noExplicitAny: a test reads any part of the document
const whole = JSON.parse(JSON.stringify(document)) as any

const nodes = function* (value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Record<string, unknown>
  for (const inner of Object.values(value)) yield* nodes(inner)
}

const at = (pointer: string): unknown =>
  pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((value, token) => (value as Record<string, unknown> | undefined)?.[token], whole)

const operations = Object.entries<Record<string, Record<string, unknown>>>(whole.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation }) as const),
)
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean }

/** Rules that every document of a route list keeps. */
describe('structure', () => {
  it('is OpenAPI 3.1 of this server', () => {
    expect([whole.openapi, whole.info.version, whole.servers]).toEqual([
      '3.1.0',
      '1.2.3',
      [{ url: 'http://127.0.0.1:8080' }],
    ])
  })

  it('has an operation for each route', () => {
    const wanted = SAMPLE_ROUTES.map((r) => `${r.method} ${openApiPath(r.path)} ${r.id}`).sort()
    expect(
      operations.map(({ path, method, operation }) => `${method} ${path} ${operation.operationId}`).sort(),
    ).toEqual(wanted)
  })

  it('resolves every reference', () => {
    const refs = [...nodes(whole)].map((node) => node.$ref).filter((ref) => typeof ref === 'string')
    expect(refs.length).toBeGreaterThan(50)
    expect(refs.filter((ref) => !ref.startsWith('#/') || at(ref) === undefined)).toEqual([])
  })

  it('declares every path parameter, once, as required, and no other', () => {
    for (const { path, operation } of operations) {
      const declared = ((operation.parameters ?? []) as Parameter[]).filter((p) => p.in === 'path')
      expect(declared.map((p) => p.name)).toEqual([...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name))
      expect(declared.every((p) => p.required === true)).toBe(true)
      expect(path).toMatch(/^\/(?:[\w.-]+|\{\w+\}|\/)*$/)
    }
  })

  it('gives operations ids of their own', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('has a description for each response, with a body wherever it names a type', () => {
    const responses = [
      ...operations.flatMap(({ operation }) => Object.values(operation.responses as object)),
      ...Object.values(whole.components.responses),
    ]
    for (const response of responses) expect(response.$ref ?? response.description).toMatch(/\w/)
  })

  it('declares the tags and the security that it uses', () => {
    const tags = new Set(whole.tags.map((t: { name: string }) => t.name))
    expect(operations.every(({ operation }) => (operation.tags as string[]).every((t) => tags.has(t)))).toBe(true)
    const schemes = Object.keys(whole.components.securitySchemes)
    const used = operations.flatMap(({ operation }) => (operation.security as object[]).flatMap(Object.keys))
    expect([...new Set(used)]).toEqual(schemes)
  })

  it('uses every component response', () => {
    const refs = new Set([...nodes(whole.paths)].map((node) => node.$ref))
    const names = Object.keys(whole.components.responses)
    expect(names.filter((name) => !refs.has(`#/components/responses/${name}`))).toEqual([])
  })
})

describe('bodies', () => {
  const bodies = SAMPLE_ROUTES.flatMap((r: Route) =>
    Object.entries(r.body?.examples ?? {}).map(([name, { value }]) => [`${r.id} ${name}`, r, value] as const),
  )
  it.each(bodies)('parses the example %s', (_name, { body }, value) =>
    expect(body?.schema?.safeParse(value).error).toBeUndefined())

  it('shows the examples as they are', () => {
    const { examples } = whole.paths['/v1/jobs'].post.requestBody.content['application/json']
    expect(examples.more.value.set).toEqual({ 'estimate.samples': 8000 })
  })

  it('has the study as a component, as a client writes it, and job requests refer to it', () => {
    const { NestwaveStudy: study, JobRequest: request } = whole.components.schemas
    expect(study.required).toEqual(['nestwave', 'title', 'domain', 'materials', 'load', 'zone', 'time', 'quantities'])
    expect(request.properties.study.$ref).toBe('#/components/schemas/NestwaveStudy')
  })

  it('keeps units', () => {
    const { NestwaveStudy: study, Limits: limits } = whole.components.schemas
    expect(study.properties.materials.additionalProperties.properties.density['x-unit']).toBe('kg/m³')
    expect(limits.properties.cpuSeconds['x-unit']).toBe('s')
    expect([...nodes(whole)].filter((node) => typeof node.unit === 'string')).toEqual([])
  })

  it('closes what the contract closes and leaves answers open', () => {
    const { JobRequest: request, Job: job } = whole.components.schemas
    expect([request.additionalProperties, job.additionalProperties]).toEqual([false, undefined])
  })
})

describe('operations', () => {
  const { post } = whole.paths['/v1/jobs']
  const { get: file } = whole.paths['/v1/jobs/{id}/artifacts/{path}']
  const { get: health } = whole.paths['/health']

  it('tells what may be refused, of each what applies', () => {
    expect(Object.keys(post.responses)).toEqual(['201', '400', '401', '403', '413', '415', '422', '429', '500', '503'])
    expect(Object.keys(file.responses)).toEqual(['200', '400', '401', '403', '404', '429', '500', '503'])
    expect(Object.keys(health.responses)).toEqual(['200', '400', '429', '500', '503'])
    expect(post.responses[422].$ref).toBe('#/components/responses/InvalidInput')
  })

  it('tells which scope it takes', () => {
    expect([post.security, health.security]).toEqual([[{ key: ['write'] }], []])
  })

  it('describes path parameters by what they name', () => {
    expect(file.parameters.map((p: { description: string }) => p.description)).toEqual([
      'the job',
      'a path; it may hold slashes',
    ])
    expect(whole.paths['/v1/meshes/{name}'].put.parameters[0].description).toBe('the mesh')
    expect(whole.paths['/processes/{processID}'].get.parameters[0].description).toBe('the process')
  })

  it('types what is not JSON, and names headers', () => {
    expect(Object.keys(file.responses[200].content)).toEqual(['application/octet-stream'])
    expect(post.responses[201].headers.Location.description).toBe('address of the job')
  })
})

it('is the same whenever it is made', () =>
  expect(openapiDocument(SAMPLE_ROUTES, { version: '1.2.3', serverUrl: 'http://127.0.0.1:8080' })).toEqual(document))
