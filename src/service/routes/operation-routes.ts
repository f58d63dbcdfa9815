import { z } from 'zod'
import { VERSION } from '../../study/version.ts'
import type { Context } from '../context.ts'
import { docsPage } from '../docs-page.ts'
import type { Metrics } from '../metrics.ts'
import { landingLinks } from '../ogc.ts'
import { openapiDocument } from '../openapi.ts'
import { type Route, route } from '../route.ts'

const TAG = 'Operations'

const healthSchema = z
  .object({ status: z.string(), problems: z.array(z.string()).optional(), workers: z.int().optional() })
  .meta({ id: 'Health' })

/** What keeps the service from doing its work, and how many processes compute. */
const readiness = async ({ database, blobs }: Context): Promise<{ problems: string[]; workers: number }> => {
  const problems: string[] = []
  let workers = 0
  try {
    const [row] = await database.query<{ n: number }>(
      `select coalesce(sum(slots), 0)::int as n from nestwave.worker where seen_at > clock_timestamp() - interval '15 s'`,
    )
    workers = row.n
  } catch (error) {
    problems.push(`database: ${(error as Error).message}`)
  }
  await blobs
    .put(new TextEncoder().encode('ready'))
    .catch((error: Error) => problems.push(`data folder: ${error.message}`))
  return { problems, workers }
}

const LANDING = {
  title: 'Nestwave',
  description: 'Uncertainty quantification of wave propagation in a zone of a structure',
}

/** Made when it is first asked for, and kept. */
const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** The document describes all routes, these too; so it is made when it is first asked for. */
export const operationRoutes = (context: Context, metrics: Metrics, all: () => readonly Route[]): Route[] => {
  const documentOf = once(() => openapiDocument(all(), { version: VERSION, serverUrl: '/' }))
  const pageOf = once(() => docsPage(documentOf()))
  return [
    route({
      id: 'landing',
      method: 'get',
      path: '/',
      tag: TAG,
      summary: 'Where things are',
      scope: null,
      responses: { 200: { description: 'links' } },
      handle: async () => ({
        status: 200,
        body: {
          ...LANDING,
          version: VERSION,
          links: [
            ...landingLinks,
            { rel: 'service-desc', type: 'application/vnd.oai.openapi+json;version=3.1', href: '/openapi.json' },
            { rel: 'service-doc', type: 'text/html', href: '/docs' },
            { rel: 'jobs', type: 'application/json', href: '/v1/jobs' },
          ],
        },
      }),
    }),
    route({
      id: 'live',
      method: 'get',
      path: '/health/live',
      tag: TAG,
      summary: 'Whether the process answers',
      scope: null,
      responses: { 200: { description: 'it does', schema: healthSchema } },
      handle: async () => ({ status: 200, body: { status: 'live' } }),
    }),
    route({
      id: 'ready',
      method: 'get',
      path: '/health/ready',
      tag: TAG,
      summary: 'Whether the service can take jobs',
      scope: null,
      responses: {
        200: { description: 'it can', schema: healthSchema },
        503: { description: 'it cannot; `problems` say why', schema: healthSchema },
      },
      handle: async () => {
        const { problems, workers } = await readiness(context)
        return problems.length === 0
          ? { status: 200, body: { status: 'ready', workers } }
          : { status: 503, body: { status: 'not ready', problems }, headers: { 'Retry-After': '2' } }
      },
    }),
    route({
      id: 'metrics',
      method: 'get',
      path: '/metrics',
      tag: TAG,
      summary: 'Metrics for Prometheus',
      scope: 'read',
      responses: { 200: { description: 'text exposition format', contentType: 'text/plain' } },
      handle: async () => ({
        status: 200,
        body: await metrics.text(),
        headers: { 'Content-Type': metrics.contentType },
      }),
    }),
    route({
      id: 'openapi',
      method: 'get',
      path: '/openapi.json',
      tag: TAG,
      summary: 'This description, OpenAPI 3.1',
      scope: null,
      responses: { 200: { description: 'the document' } },
      handle: async () => ({ status: 200, body: documentOf() }),
    }),
    route({
      id: 'docs',
      method: 'get',
      path: '/docs',
      tag: TAG,
      summary: 'This description as a page; needs no network',
      scope: null,
      responses: { 200: { description: 'the page', contentType: 'text/html' } },
      handle: async () => ({
        status: 200,
        body: pageOf(),
        headers: {
          'Content-Type': 'text/html; charset=utf-8',
          'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
        },
      }),
    }),
  ]
}
