import express, { type Express } from 'express'
import helmet from 'helmet'
import { isOutage } from '../runtime/state/database.ts'
import { type Gate, openGate } from './auth.ts'
import type { Context } from './context.ts'
import type { OnError } from './error-answer.ts'
import { openMetrics } from './metrics.ts'
import { mountRoutes } from './mount.ts'
import { ogcRoutes } from './ogc.ts'
import { ogcHost } from './ogc-host.ts'
import { Refusal } from './problem.ts'
import { requestIdOf } from './request-id.ts'
import type { Route } from './route.ts'
import { accountRoutes } from './routes/account-routes.ts'
import { jobRoutes } from './routes/job-routes.ts'
import { meshRoutes } from './routes/mesh-routes.ts'
import { operationRoutes } from './routes/operation-routes.ts'
import { stageRoutes } from './routes/stage-routes.ts'
import { validateRoutes } from './routes/validate-routes.ts'
import { umbridgeRouter } from './umbridge.ts'
import { umbridgeHost } from './umbridge-host.ts'

const bare = (): Express => {
  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.set('query parser', 'simple')
  return app
}

const onErrorOf =
  ({ log }: Context): OnError =>
  (error, request, requestId) =>
    log[isOutage(error) ? 'warn' : 'error'](
      { requestId, method: request.method, url: request.url, error },
      'request failed',
    )

/** Every request of note, with the id that its answer carries. */
const logging =
  ({ log }: Context): express.RequestHandler =>
  (request, response, next) => {
    const start = performance.now()
    response.on('finish', () => {
      const level = request.method === 'GET' && response.statusCode < 400 ? 'debug' : 'info'
      const milliseconds = Math.round(performance.now() - start)
      log[level](
        {
          requestId: requestIdOf(response),
          method: request.method,
          url: request.url,
          status: response.statusCode,
          milliseconds,
        },
        'request',
      )
    })
    next()
  }

/** @source RFC 9112, section 3.2 */
const named: express.RequestHandler = (request, _response, next) => {
  if (request.httpVersion === '1.1' && request.headers.host === undefined)
    throw new Refusal(400, 'bad-request', 'Bad Request', 'HTTP/1.1 wants a Host header')
  next()
}

/** @source RFC 9110, section 10.1.1 */
const expected: express.RequestHandler = (request, _response, next) => {
  const { expect = '100-continue' } = request.headers
  if (expect.toLowerCase() !== '100-continue')
    throw new Refusal(417, 'expectation-failed', 'Expectation Failed', '100-continue is the only expectation there is')
  next()
}

/** The protocol has no word for a missing key, so HTTP says it before the protocol begins. */
const keyed =
  ({ callerOf }: Gate): express.RequestHandler =>
  async (request, _response, next) => {
    const { scopes } = await callerOf(request)
    if (!scopes.includes('read')) throw new Refusal(403, 'forbidden', 'Forbidden', 'the key lacks the scope read')
    next()
  }

const umbridge = (context: Context, { callerOf }: Gate) =>
  umbridgeRouter(umbridgeHost(context, callerOf), (error, request) =>
    context.log.error({ url: request.url, error }, 'UM-Bridge request failed'),
  )

/** All operations of the API. */
export const allRoutes = (context: Context, metrics: ReturnType<typeof openMetrics>): readonly Route[] => {
  const routes: Route[] = [
    ...jobRoutes(context),
    ...meshRoutes(context),
    ...stageRoutes(context),
    ...validateRoutes(context),
    ...accountRoutes(context),
    ...ogcRoutes(ogcHost(context)),
  ]
  routes.push(...operationRoutes(context, metrics, () => routes))
  return routes
}

/** The service's HTTP side. `umbridge` serves UM-Bridge at its root, for a port of its own. */
export const makeApps = (context: Context): { readonly api: Express; readonly umbridge: Express } => {
  const gate = openGate(context)
  const metrics = openMetrics(context)
  const common = (app: Express): Express =>
    // Plain HTTP on a network of one's own is usual here; a browser must not be told to go elsewhere.
    app
      .use(
        helmet({
          contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
          strictTransportSecurity: false,
        }),
      )
      .use(logging(context), metrics.observe, named, expected, gate.guard, gate.limiter)
  const api = common(bare())
  api.use('/umbridge', keyed(gate), umbridge(context, gate))
  mountRoutes(api, allRoutes(context, metrics), {
    callerOf: gate.callerOf,
    bodyLimit: context.config.bodyBytes,
    onError: onErrorOf(context),
  })
  const own = common(bare())
  own.use(keyed(gate), umbridge(context, gate))
  mountRoutes(own, [], { callerOf: gate.callerOf, bodyLimit: context.config.bodyBytes, onError: onErrorOf(context) })
  return { api, umbridge: own }
}
