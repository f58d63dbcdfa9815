import { type ErrorRequestHandler, type Request, type RequestHandler, Router, text } from 'express'
import { InvalidInput } from '../numeric/errors.ts'
import { shown } from '../study/problems.ts'
import { checkVectors } from '../study/vector-model.ts'
import { excessIn, MAX_DEPTH, MAX_VALUES } from './json-text.ts'
import { errorAnswer, UmbridgeError } from './umbridge-errors.ts'

export type UmbridgeConfig = Readonly<Record<string, unknown>>
type Vectors = readonly (readonly number[])[]

/** The models behind the protocol. Every call is told who asks: models belong to somebody. */
export interface UmbridgeHost {
  names(request: Request): Promise<readonly string[]>
  inputSizes(name: string, config: UmbridgeConfig, request: Request): Promise<readonly number[]>
  outputSizes(name: string, config: UmbridgeConfig, request: Request): Promise<readonly number[]>
  /**
   * @throws InvalidInput for an input or config that the model refuses
   * @throws NumericalFailure for a run that fails
   */
  evaluate(name: string, input: Vectors, config: UmbridgeConfig, request: Request): Promise<Vectors>
}

const SUPPORT = { Evaluate: true, Gradient: false, ApplyJacobian: false, ApplyHessian: false } as const
const BODY_LIMIT = '16mb'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Clients send JSON without saying so; whatever type they name, the body is text. */
const bodyOf = ({ body }: Request): Readonly<Record<string, unknown>> => {
  const text = typeof body === 'string' ? body : ''
  if (excessIn(text) !== null)
    throw InvalidInput.of('body', `JSON at most ${MAX_DEPTH} deep, of at most ${MAX_VALUES} values`, shown(text))
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw InvalidInput.of('body', 'JSON (no NaN, no Infinity)', (error as Error).message)
  }
  if (!isObject(json)) throw InvalidInput.of('body', 'a JSON object', shown(json))
  return json
}

interface Call {
  readonly name: string
  readonly body: Readonly<Record<string, unknown>>
  readonly request: Request
}

/** The R client writes every text as a list of one. */
const nameIn = ({ name }: Call['body']): string => {
  const given: unknown = Array.isArray(name) && name.length === 1 ? name[0] : name
  if (typeof given !== 'string') throw InvalidInput.of('name', 'the name of a model', shown(given))
  return given
}

/** The model first: a wrong name comes without the rest. */
const callOf = async (host: UmbridgeHost, request: Request): Promise<Call> => {
  const body = bodyOf(request)
  const name = nameIn(body)
  if ((await host.names(request)).includes(name)) return { name, body, request }
  throw new UmbridgeError('ModelNotFound', `no model is called ${shown(name)}; GET Info lists them`)
}

const configIn = ({ config = {} }: Call['body']): UmbridgeConfig => {
  if (isObject(config)) return config
  throw InvalidInput.of('config', 'an object', shown(config))
}

const checkOutput = (output: unknown, sizes: readonly number[]): Vectors => {
  try {
    return checkVectors(output, sizes, 'output')
  } catch (error) {
    throw new UmbridgeError('InvalidOutput', (error as Error).message)
  }
}

type Answer = (host: UmbridgeHost, call: Call) => Promise<object>

const evaluate: Answer = async (host, { name, body, request }) => {
  const config = configIn(body)
  const input = checkVectors(body.input, await host.inputSizes(name, config, request))
  const output = await host.evaluate(name, input, config, request)
  return { output: checkOutput(output, await host.outputSizes(name, config, request)) }
}

const ANSWERS: readonly (readonly [path: string, answer: Answer])[] = [
  ['/ModelInfo', async () => ({ support: SUPPORT })],
  [
    '/InputSizes',
    async (host, { name, body, request }) => ({ inputSizes: await host.inputSizes(name, configIn(body), request) }),
  ],
  [
    '/OutputSizes',
    async (host, { name, body, request }) => ({ outputSizes: await host.outputSizes(name, configIn(body), request) }),
  ],
  ['/Evaluate', evaluate],
]

/** An unknown model is said to be unknown; else the feature is missing, with whatever body it was asked for. */
const unsupported = async (host: UmbridgeHost, feature: string, request: Request): Promise<never> => {
  try {
    await callOf(host, request)
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
  }
  throw new UmbridgeError('UnsupportedFeature', `${feature} is not supported: these models have no derivatives`)
}

const FEATURES = ['Gradient', 'ApplyJacobian', 'ApplyHessian'] as const

/** 1.0 as the protocol writes it: JSON.stringify would make it a whole number, which a strict client may not take. */
const infoText = (models: readonly string[]): string => `{"protocolVersion":1.0,"models":${JSON.stringify(models)}}`

const answering =
  (host: UmbridgeHost, answer: Answer): RequestHandler =>
  async (request, response) => {
    response.json(await answer(host, await callOf(host, request)))
  }

const errorHandler =
  (report: (error: unknown, request: Request) => void): ErrorRequestHandler =>
  (error, request, response, next) => {
    if (response.headersSent) return next(error)
    const { status, body, unexpected } = errorAnswer(error)
    if (unexpected) report(error, request)
    response.status(status).json(body)
  }

/**
 * UM-Bridge 1.0: models as functions of vectors, for uncertainty programs in any language. Bodies are the protocol's and hold
 * nothing else. It reads bodies itself, so mount it before any other body parser.
 * @param report is told of failures that are neither the client's nor the numerics'
 * @source https://um-bridge-benchmarks.readthedocs.io (protocol), the conformity tests of github.com/UM-Bridge/umbridge
 * @verifiedBy test/service/umbridge.test.ts, test/outside/umbridge.test.ts
 */
export const umbridgeRouter = (
  host: UmbridgeHost,
  report: (error: unknown, request: Request) => void = () => {},
): Router => {
  const router = Router({ caseSensitive: true })
  const read = text({ type: () => true, limit: BODY_LIMIT })
  router.get('/Info', async (request, response) => {
    response.type('json').send(infoText(await host.names(request)))
  })
  for (const [path, answer] of ANSWERS) router.post(path, read, answering(host, answer))
  for (const feature of FEATURES) router.post(`/${feature}`, read, (request) => unsupported(host, feature, request))
  router.use(errorHandler(report))
  return router
}
