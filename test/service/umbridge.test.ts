import { request as httpRequest } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { Request } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InvalidInput, NumericalFailure } from '../../src/numeric/errors.ts'
import type { UmbridgeHost } from '../../src/service/umbridge.ts'
import { fullDomainModel } from '../../src/study/full-domain-model.ts'
import { submodelModel } from '../../src/study/submodel-model.ts'
import type { VectorModel } from '../../src/study/vector-model.ts'
import { tinyRun } from '../study/tiny-run.ts'
import { hostOf, serve } from './umbridge-server.ts'

const FULL = '0192f0c1/full-domain'
const SUB = '0192f0c1/submodel'
const THETA = [300e6, 10e-6, 0.2, 50e-6]

let models: Map<string, VectorModel>
let server: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  const { study, mesh, folder } = await tinyRun()
  models = new Map([
    [FULL, fullDomainModel(study, mesh)],
    [SUB, await submodelModel(study, mesh, folder)],
  ])
  server = await serve(hostOf(models))
}, 120_000)
afterAll(() => server.close())

interface Reply {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any part of an answer
  readonly json: any
}

/** Sends bytes with these headers and no others but the length: fetch would add a Content-Type of its own. */
const send = (
  url: string,
  method: string,
  body: string | Buffer = '',
  headers: Record<string, string> = {},
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const length = body.length > 0 ? { 'content-length': String(Buffer.byteLength(body)) } : {}
    const request = httpRequest(url, { method, headers: { ...length, ...headers } }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const text = Buffer.concat(parts).toString()
        const isJson = response.headers['content-type']?.startsWith('application/json')
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text,
          json: isJson ? JSON.parse(text) : undefined,
        })
      })
    })
    request.on('error', reject)
    request.end(body)
  })

const post = (path: string, body: unknown, headers?: Record<string, string>, url = server.url): Promise<Reply> =>
  send(
    `${url}${path}`,
    'POST',
    typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    headers,
  )
const inputOf = (name: string): number[][] => [THETA, new Array<number>(models.get(name)!.inputSizes[1]).fill(0.5)]

/** Exactly an error of the protocol: these two fields and no others. */
const expectError = ({ status, json }: Reply, code: number, type: string): string => {
  expect({ status, json }).toEqual({ status: code, json: { error: { type, message: expect.any(String) } } })
  return json.error.message
}

describe('information', () => {
  it('lists the models', async () => {
    const { status, text } = await send(`${server.url}/Info`, 'GET')
    expect({ status, text }).toEqual({ status: 200, text: `{"protocolVersion":1.0,"models":["${FULL}","${SUB}"]}` })
  })

  it.each([FULL, SUB])('says what %s supports and what its vectors are', async (name) => {
    const model = models.get(name)!
    expect((await post('/ModelInfo', { name })).text).toBe(
      '{"support":{"Evaluate":true,"Gradient":false,"ApplyJacobian":false,"ApplyHessian":false}}',
    )
    expect((await post('/InputSizes', { name, config: {} })).text).toBe(
      JSON.stringify({ inputSizes: model.inputSizes }),
    )
    expect((await post('/OutputSizes', { name })).text).toBe('{"outputSizes":[3]}')
  })

  it.each(['/ModelInfo', '/InputSizes', '/OutputSizes'])('%s of a model that is not there', async (path) => {
    const message = expectError(await post(path, { name: 'wrong_model_name' }), 400, 'ModelNotFound')
    expect(message).toBe('no model is called "wrong_model_name"; GET Info lists them')
  })

  it('leaves other paths and methods to others', async () => {
    for (const [method, path] of [
      ['GET', '/Evaluate'],
      ['POST', '/Info'],
      ['GET', '/info'],
      ['GET', ''],
      ['POST', '/EvaluateShMem'],
    ])
      expect((await send(`${server.url}${path}`, method)).status).toBe(404)
  })
})

describe('evaluation', () => {
  it.each([FULL, SUB])("gives the model's own numbers, to the last bit: %s", async (name) => {
    const input = inputOf(name)
    const { status, json } = await post('/Evaluate', { name, input, config: {} })
    expect({ status, json }).toEqual({ status: 200, json: { output: await models.get(name)!.evaluate(input, {}) } })
  })

  it('takes no config for an empty one', async () => {
    const input = inputOf(FULL)
    expect((await post('/Evaluate', { name: FULL, input })).json).toEqual(
      (await post('/Evaluate', { name: FULL, input, config: {} })).json,
    )
  })

  it('hands the config on', async () => {
    const input = inputOf(SUB)
    const config = { model: 'scale-gauss' }
    const { json } = await post('/Evaluate', { name: SUB, input, config })
    expect(json.output).toEqual(await models.get(SUB)!.evaluate(input, config))
    const message = expectError(
      await post('/Evaluate', { name: SUB, input, config: { level: 1 } }),
      400,
      'InvalidInput',
    )
    expect(message).toMatch(/^config\.level: expected no such key/)
  })

  it.each([
    ['no type', {}],
    ['JSON', { 'content-type': 'application/json' }],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['a text', { 'content-type': 'text/plain; charset=utf-8' }],
    ['nonsense', { 'content-type': '?' }],
  ])('reads JSON that is sent as %s', async (_, headers) => {
    const { status } = await post('/Evaluate', { name: FULL, input: inputOf(FULL) }, headers)
    expect(status).toBe(200)
  })

  it('reads indented and compressed bodies, and a name in a list of one', async () => {
    const body = { name: [FULL], input: inputOf(FULL), config: {} }
    expect((await post('/Evaluate', JSON.stringify(body, null, 4))).status).toBe(200)
    const headers = { 'content-encoding': 'gzip' }
    expect((await post('/Evaluate', gzipSync(JSON.stringify(body)), headers)).status).toBe(200)
  })

  it('answers a wrong name before a missing input', async () => {
    for (const name of ['wrong_model_name', '__proto__', 'constructor', 'toString', '', FULL.toUpperCase()])
      expectError(await post('/Evaluate', { name }), 400, 'ModelNotFound')
  })

  it.each([
    ['nothing', '', /^body: expected JSON/],
    ['half of it', '{"name":', /^body: expected JSON/],
    ['NaN', `{"name":"${FULL}","input":[[NaN]]}`, /^body: expected JSON \(no NaN, no Infinity\)/],
    ['a list', '[1]', /^body: expected a JSON object/],
    ['null', 'null', /^body: expected a JSON object/],
    ['no name', '{}', /^name: expected the name of a model/],
    ['a number for a name', '{"name":1}', /^name: expected the name of a model, received 1/],
    ['a name in the prototype', `{"__proto__":{"name":"${FULL}"}}`, /^name: expected the name of a model/],
    ['no input', `{"name":"${FULL}"}`, /^input: expected a list of 2 vectors, received nothing/],
    ['a text for the input', `{"name":"${FULL}","input":"x"}`, /^input: expected a list of 2 vectors/],
    ['one vector', `{"name":"${FULL}","input":[[1,2,3,4]]}`, /^input: .*received 1 of them/],
    ['texts for numbers', `{"name":"${FULL}","input":[["1",2,3,4],[]]}`, /^input\[0\]\[0\]: expected a finite number/],
    ['too large a number', `{"name":"${FULL}","input":[[1e999,2,3,4],[]]}`, /^input\[0\]\[0\]: .*received Infinity/],
    ['a config that is a list', `{"name":"${FULL}","input":[],"config":[]}`, /^config: expected an object/],
    ['a config that is null', `{"name":"${FULL}","input":[],"config":null}`, /^config: expected an object/],
  ])('refuses %s', async (_, body, message) => {
    expect(expectError(await post('/Evaluate', body), 400, 'InvalidInput')).toMatch(message)
  })

  it('refuses vectors one too long', async () => {
    const input = inputOf(FULL).map((vector) => [...vector, 0])
    expect(expectError(await post('/Evaluate', { name: FULL, input }), 400, 'InvalidInput')).toMatch(
      /^input\[0\]: expected a list of 4 finite numbers, received 5 of them\ninput\[1\]: /,
    )
  })

  it('refuses a load outside its law', async () => {
    const [, rest] = inputOf(SUB)
    const answer = await post('/Evaluate', { name: SUB, input: [[300e6, 0, 0.3, 50e-6], rest] })
    expect(expectError(answer, 400, 'InvalidInput')).toMatch(/^input\[0\]\[2\]: expected a number from 0\.15 to 0\.25/)
  })

  it('tells of a run that failed', async () => {
    const input = [THETA, inputOf(FULL)[1].fill(40)]
    expect(expectError(await post('/Evaluate', { name: FULL, input }), 500, 'InvalidOutput')).toMatch(/^unstable: /)
    expect(server.reported).toEqual([])
  })

  it('refuses more than 16 MB, also when it is packed small, and bytes it cannot read', async () => {
    const large = ' '.repeat(16 * 2 ** 20 + 1)
    expect(expectError(await post('/Evaluate', large), 400, 'InvalidInput')).toMatch(/^body: .*too large/)
    const packed = await post('/Evaluate', gzipSync(large), { 'content-encoding': 'gzip' })
    expect(expectError(packed, 400, 'InvalidInput')).toMatch(/^body: .*too large/)
    expectError(await post('/Evaluate', '{}', { 'content-encoding': 'gzip' }), 400, 'InvalidInput')
    expectError(await post('/Evaluate', '{}', { 'content-encoding': 'zip' }), 400, 'InvalidInput')
    expectError(await post('/Evaluate', '{}', { 'content-type': 'text/plain; charset=klingon' }), 400, 'InvalidInput')
  })

  it('keeps a message short', async () => {
    const config = Object.fromEntries(Array.from({ length: 5000 }, (_, k) => [`key${k}`, k]))
    const answer = await post('/Evaluate', { name: FULL, input: inputOf(FULL), config })
    expect(expectError(answer, 400, 'InvalidInput')).toHaveLength(2000)
    expect(expectError(await post('/Evaluate', { name: 'x'.repeat(1e6) }), 400, 'ModelNotFound').length).toBeLessThan(
      200,
    )
  })
})

describe.each(['Gradient', 'ApplyJacobian', 'ApplyHessian'])('%s', (feature) => {
  it.each([
    ['an empty body', ''],
    ['a name', JSON.stringify({ name: FULL })],
    ['something that is no JSON', '{'],
  ])('is not supported, asked for with %s', async (_, body) => {
    expect(expectError(await post(`/${feature}`, body), 400, 'UnsupportedFeature')).toBe(
      `${feature} is not supported: these models have no derivatives`,
    )
  })

  it('of a model that is not there', async () => {
    expectError(await post(`/${feature}`, { name: 'wrong_model_name' }), 400, 'ModelNotFound')
  })
})

describe('a host', () => {
  /** One model y = x, whose parts a test replaces. */
  const identity: UmbridgeHost = {
    names: async () => ['identity'],
    inputSizes: async () => [2],
    outputSizes: async () => [2],
    evaluate: async (_, input) => input,
  }
  const call = { name: 'identity', input: [[1, -0.1]] }
  const ask = async (host: Partial<UmbridgeHost>, path = '/Evaluate', headers: Record<string, string> = {}) => {
    const other = await serve({ ...identity, ...host })
    try {
      return { ...(await post(path, call, headers, other.url)), reported: other.reported }
    } finally {
      await other.close()
    }
  }
  const throwing = (error: unknown) => async (): Promise<never> => {
    throw error
  }

  it('is the model', async () => {
    expect((await ask({})).text).toBe('{"output":[[1,-0.1]]}')
  })

  it.each([
    ['NaN', [[Number.NaN, 1]], /^output\[0\]\[0\]: expected a finite number, received NaN/],
    ['Infinity', [[1, Number.NEGATIVE_INFINITY]], /^output\[0\]\[1\]: expected a finite number/],
    ['a short vector', [[1]], /^output\[0\]: expected a list of 2 finite numbers, received 1 of them/],
    ['two vectors', [[1, 2], []], /^output: expected a list of 1 vectors, received 2 of them/],
    ['no vectors', [1, 2], /^output: /],
    ['nothing', undefined, /^output: expected a list of 1 vectors, received nothing/],
  ])('may not give %s', async (_, output, message) => {
    const answer = await ask({ evaluate: async () => output as number[][] })
    expect(expectError(answer, 500, 'InvalidOutput')).toMatch(message)
  })

  it('has its errors told in the terms of the protocol', async () => {
    const refused = await ask({ evaluate: throwing(InvalidInput.of('input[0][1]', 'a number > 0', -0.1)) })
    expect(expectError(refused, 400, 'InvalidInput')).toBe('input[0][1]: expected a number > 0, received -0.1')
    const failed = await ask({ evaluate: throwing(new NumericalFailure('non-finite', 'it overflowed')) })
    expect(expectError(failed, 500, 'InvalidOutput')).toBe('non-finite: it overflowed')
    const sizes = await ask({ inputSizes: throwing(InvalidInput.of('config.x', 'no such key', 1)) }, '/InputSizes')
    expect(expectError(sizes, 400, 'InvalidInput')).toMatch(/^config\.x/)
  })

  it.each([
    'names',
    'inputSizes',
    'outputSizes',
    'evaluate',
  ] as const)('keeps what went wrong in %s to itself', async (part) => {
    const error = new Error('password=secret')
    const answer = await ask({ [part]: throwing(error) })
    expect(expectError(answer, 500, 'InvalidOutput')).toBe('the service failed to evaluate the model')
    expect(answer.reported).toEqual([error])
  })

  it('is told who asks, at every call', async () => {
    const asked: unknown[] = []
    const heard = (request: Request): void => void asked.push(request.headers.authorization)
    await ask(
      {
        names: async (request) => {
          heard(request)
          return ['identity']
        },
        inputSizes: async (_name, _config, request) => {
          heard(request)
          return [2]
        },
        outputSizes: async (_name, _config, request) => {
          heard(request)
          return [2]
        },
        evaluate: async (_name, input, _config, request) => {
          heard(request)
          return input
        },
      },
      '/Evaluate',
      { authorization: 'Bearer ada' },
    )
    expect(asked).toEqual(new Array(4).fill('Bearer ada'))
  })
})
