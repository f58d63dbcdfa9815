import { type Express, type Request, type RequestHandler, type Response, Router } from 'express'
import type { z } from 'zod'
import { problemsOf } from '../study/problems.ts'
import { errorAnswers, invalidInput, type OnError, setDocument } from './error-answer.ts'
import { jsonOf, unwelcomeParts } from './json-text.ts'
import { notFound, Refusal } from './problem.ts'
import { readBody } from './read-body.ts'
import { requestIdOf } from './request-id.ts'
import type { Answer, Caller, Route } from './route.ts'

export interface MountOptions {
  /** @throws Refusal 401 without a valid key, 429 when it asks too often */
  readonly callerOf: (request: Request) => Promise<Caller>
  /** Bytes of a JSON body. */
  readonly bodyLimit: number
  readonly onError: OnError
}

/** Who asks where no key is asked for. */
export const ANONYMOUS: Caller = { owner: '', scopes: [], keyId: null, maxActiveJobs: null, maxBytes: null }

/** `/jobs/{id}/artifacts/{+path}` as express writes it. */
export const expressPath = (path: string): string =>
  path.replaceAll(/\{(\+?)(\w+)\}/g, (_, many, name) => (many ? `*${name}` : `:${name}`))

const callerFor = async ({ scope }: Route, request: Request, options: MountOptions): Promise<Caller> => {
  if (scope === null) return ANONYMOUS
  const caller = await options.callerOf(request)
  if (caller.scopes.includes(scope)) return caller
  throw new Refusal(403, 'forbidden', 'Forbidden', `the key lacks the scope ${scope}`)
}

/** A segment that stands for another place, and a NUL, name nothing here; no handler need think of them. */
const isName = (segment: string): boolean => !/^\.{0,2}$|[\0/\\]/.test(segment)

const paramsOf = ({ params }: Request): Readonly<Record<string, string>> => {
  const segments = Object.entries(params).map(([name, value]): [string, string[]] => [name, [value].flat()])
  if (!segments.every(([, parts]) => parts.every(isName))) throw notFound('resource')
  return Object.fromEntries(segments.map(([name, parts]) => [name, parts.join('/')]))
}

const ROOT = 'study file'

/** Problems of a whole body have no path. */
const bodyProblems = (error: z.ZodError) => problemsOf(error).map((p) => (p.path === ROOT ? { ...p, path: '' } : p))

const queryOf = ({ query: schema }: Route, request: Request): unknown => {
  if (schema === undefined) return {}
  const parsed = schema.safeParse({ ...request.query }, { reportInput: true })
  const problems = parsed.success ? unwelcomeParts(parsed.data) : problemsOf(parsed.error)
  if (problems.length > 0) throw invalidInput(problems.map((p) => ({ ...p, path: `?${p.path}` })))
  return parsed.data
}

const bodyOf = async ({ body }: Route, request: Request, response: Response, limit: number): Promise<unknown> => {
  if (body?.schema === undefined) return undefined
  const bytes = await readBody(request, limit)
  const document = bytes.length === 0 && body.required === false ? {} : jsonOf(bytes)
  setDocument(response, document)
  const unwelcome = unwelcomeParts(document)
  if (unwelcome.length > 0) throw invalidInput(unwelcome)
  const parsed = body.schema.safeParse(document, { reportInput: true })
  if (parsed.success) return parsed.data
  throw invalidInput(bodyProblems(parsed.error))
}

const contentType = (route: Route, status: number, headers: Readonly<Record<string, string>>): string =>
  Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ??
  route.responses[status]?.contentType ??
  'application/json'

const send = async (route: Route, answer: Answer, response: Response): Promise<void> => {
  if ('stream' in answer) return answer.stream(response)
  const { status, body, headers = {} } = answer
  response.status(status).set(headers)
  if (body === undefined) return void response.end()
  const type = contentType(route, status, headers)
  response.set('Content-Type', type)
  const isText = !/[/+]json\b/.test(type)
  response.send(isText ? (body as string | Buffer) : JSON.stringify(body))
}

const handlerOf =
  (route: Route, options: MountOptions): RequestHandler =>
  async (request, response) => {
    const caller = await callerFor(route, request, options)
    const params = paramsOf(request)
    const query = queryOf(route, request)
    const body = await bodyOf(route, request, response, options.bodyLimit)
    const answer: Answer | undefined = await route.handle({ caller, params, query, body, request })
    if (answer === undefined) throw notFound('resource')
    await send(route, answer, response)
  }

const METHODS = { get: ['GET', 'HEAD'], post: ['POST'], put: ['PUT'], delete: ['DELETE'] } as const

/** Remembers what the path allows, for the one that answers when no route did. */
const allowing =
  (method: Route['method']): RequestHandler =>
  (_request, response, next) => {
    response.locals.allow = [...new Set([...(response.locals.allow ?? []), ...METHODS[method]])]
    next()
  }

const unanswered: RequestHandler = (request, response) => {
  const allow = (response.locals.allow as readonly string[] | undefined)?.join(', ')
  if (allow === undefined) throw notFound('path')
  if (request.method === 'OPTIONS') return void response.status(204).set('Allow', `${allow}, OPTIONS`).end()
  throw new Refusal(405, 'method-not-allowed', 'Method not allowed', `this path takes ${allow}`, {
    headers: { Allow: allow },
  })
}

/**
 * Mounts routes as the last thing of an app: their checks, their answers, 404 and 405 for everything else, and problem details for
 * whatever is thrown, by what was mounted before them too.
 * @verifiedBy test/service/mount.test.ts
 */
export const mountRoutes = (app: Express, routes: readonly Route[], options: MountOptions): void => {
  const router = Router({ caseSensitive: true })
  router.use((_request, response, next) => {
    requestIdOf(response)
    next()
  })
  for (const route of routes) router[route.method](expressPath(route.path), handlerOf(route, options))
  for (const route of routes) router.all(expressPath(route.path), allowing(route.method))
  router.use(unanswered)
  app.use(router)
  app.use(errorAnswers(options.onError))
}
