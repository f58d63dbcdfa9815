import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { type UmbridgeHost, umbridgeRouter } from '../../src/service/umbridge.ts'
import type { VectorModel } from '../../src/study/vector-model.ts'

/** A host of models that everybody may call. */
export const hostOf = (models: ReadonlyMap<string, VectorModel>): UmbridgeHost => ({
  names: async () => [...models.keys()],
  inputSizes: async (name) => models.get(name)!.inputSizes,
  outputSizes: async (name) => models.get(name)!.outputSizes,
  evaluate: async (name, input, config) => models.get(name)!.evaluate(input, config),
})

/** A server on this machine that speaks UM-Bridge under /umbridge, with the failures it reported. */
export const serve = async (
  host: UmbridgeHost,
): Promise<{ readonly url: string; readonly reported: unknown[]; close(): Promise<void> }> => {
  const reported: unknown[] = []
  const app = express()
  app.use(
    '/umbridge',
    umbridgeRouter(host, (error) => void reported.push(error)),
  )
  const server = createServer(app)
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/umbridge`,
    reported,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
