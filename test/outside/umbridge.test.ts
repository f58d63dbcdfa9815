import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fullDomainModel } from '../../src/study/full-domain-model.ts'
import { submodelModel } from '../../src/study/submodel-model.ts'
import type { VectorModel } from '../../src/study/vector-model.ts'
import { hostOf, serve } from '../service/umbridge-server.ts'
import { tinyRun } from '../study/tiny-run.ts'
import { skipped } from './skip.ts'

const SCRIPT = join(import.meta.dirname, 'umbridge-client.py')
const FULL = '0192f0c1/full-domain'
const SUB = '0192f0c1/submodel'
const python = ['/usr/bin/python3', 'python3'].find((p) => spawnSync(p, ['-c', 'import requests']).status === 0)

let models: Map<string, VectorModel>
let server: Awaited<ReturnType<typeof serve>>
beforeAll(async () => {
  if (python === undefined) return
  const { study, mesh, folder } = await tinyRun()
  models = new Map([
    [FULL, fullDomainModel(study, mesh)],
    [SUB, await submodelModel(study, mesh, folder)],
  ])
  server = await serve(hostOf(models))
}, 120_000)
afterAll(() => server?.close())

/** What the client got, or its complaint. The server is in this process, so that the client must not block it. */
const client = async (name: string, input: unknown, config: object): Promise<string> => {
  const parameters = [SCRIPT, server.url, name, JSON.stringify(input), JSON.stringify(config)]
  const { stdout } = await promisify(execFile)(python!, parameters)
  return stdout
}

describe("the Python client's calls", () => {
  it.for([
    [FULL, {}],
    [SUB, {}],
    [SUB, { model: 'gan', granularity: [0.5, 0.125] }],
  ] as const)('reach %s with config %o', async ([name, config], { skip }) => {
    if (python === undefined) {
      skipped(`UM-Bridge client, ${name} (Python with requests)`)
      return skip()
    }
    const model = models.get(name)!
    const input = [[300e6, 10e-6, 0.2, 50e-6], new Array<number>(model.inputSizes[1]).fill(0.1)]
    expect(JSON.parse(await client(name, input, config))).toEqual({
      support: { Evaluate: true, Gradient: false, ApplyJacobian: false, ApplyHessian: false },
      sizes: { input: model.inputSizes, output: model.outputSizes },
      output: await model.evaluate(input, config),
      errors: {
        'wrong name, Evaluate': 'ModelNotFound',
        'wrong name, ModelInfo': 'ModelNotFound',
        'wrong dimensions': 'InvalidInput',
        'not a number': 'InvalidInput',
        Gradient: 'UnsupportedFeature',
        'Gradient, empty': 'UnsupportedFeature',
        ApplyJacobian: 'UnsupportedFeature',
        'ApplyJacobian, empty': 'UnsupportedFeature',
        ApplyHessian: 'UnsupportedFeature',
        'ApplyHessian, empty': 'UnsupportedFeature',
      },
    })
  })

  it('come back with the reason when the model refuses', async ({ skip }) => {
    if (python === undefined) {
      skipped('UM-Bridge client, refusal (Python with requests)')
      return skip()
    }
    const input = [[300e6, 10e-6, 0.9, 50e-6], new Array<number>(models.get(SUB)!.inputSizes[1]).fill(0)]
    await expect(client(SUB, input, {})).rejects.toThrow(
      'Model returned error of type InvalidInput: input[0][2]: expected a number from 0.15 to 0.25 (load.position)',
    )
  })
})
