import { jobRoutes } from './ogc-job-routes.ts'
import { JSON_TYPE, OGC_TAG, type OgcHost, type OgcOptions } from './ogc-jobs.ts'
import { processRoutes } from './ogc-process-routes.ts'
import { conformanceClass, conformanceSchema, type Link, relation } from './ogc-schema.ts'
import { type Route, route } from './route.ts'

export type { OgcHost, OgcOptions, OgcPageQuery, ResponseForm } from './ogc-jobs.ts'

/** What the landing document links to by this standard, beside service-desc and service-doc. */
export const landingLinks: readonly Link[] = [
  { href: '/', rel: 'self', type: JSON_TYPE, title: 'this document' },
  { href: '/conformance', rel: relation('conformance'), type: JSON_TYPE, title: 'what it conforms to' },
  { href: '/processes', rel: relation('processes'), type: JSON_TYPE, title: 'processes' },
  { href: '/jobs', rel: relation('job-list'), type: JSON_TYPE, title: 'jobs' },
]

/**
 * Classes that hold whole. OpenAPI 3.0 is not among them: the document is 3.1. Core wants results in the form that the execute
 * request named, which takes a host that remembers it.
 */
const conformsTo = (host: OgcHost): readonly string[] =>
  [...(host.responseForm ? ['core'] : []), 'ogc-process-description', 'json', 'job-list', 'dismiss'].map(
    conformanceClass,
  )

const conformanceRoute = (host: OgcHost): Route =>
  route({
    id: 'ogcConformance',
    method: 'get',
    path: '/conformance',
    tag: OGC_TAG,
    summary: 'What it conforms to',
    scope: null,
    responses: { 200: { description: 'conformance classes', schema: conformanceSchema } },
    handle: async () => ({ status: 200, body: { conformsTo: conformsTo(host) } }),
  })

/**
 * OGC API - Processes, part 1: core. Processes are the kinds of job; execution is always asynchronous.
 * @source OGC 18-062r2
 * @verifiedBy test/service/ogc.test.ts
 */
export const ogcRoutes = (host: OgcHost, options: OgcOptions = {}): Route[] => [
  conformanceRoute(host),
  ...processRoutes(host, options),
  ...jobRoutes(host, options),
]
