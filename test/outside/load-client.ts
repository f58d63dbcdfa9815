import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Many clients in a process of their own: each comes at a moment of the first second, asks for a job once a second, and every other
 * one holds its stream of events. Prints what it saw as JSON. Arguments: address, job, clients, seconds.
 *
 * The first few hundred requests of a process take it much longer than they take the service, since its code is not compiled yet. It
 * makes these to itself, and tells how late its own timer was (`late`), which bounds what else it measures of itself.
 */
const [url, job, clients, seconds] = process.argv.slice(2)
const WARM_UP = 1000
const errors: string[] = []
let events = 0

const ask = (address: string, agent: Agent, into: number[]): Promise<void> =>
  new Promise((done) => {
    const start = performance.now()
    const fail = (what: string): void => {
      errors.push(what)
      done()
    }
    get(address, { agent }, (response) => {
      response.resume()
      response.on('end', () => {
        into.push(performance.now() - start)
        if (response.statusCode !== 200) errors.push(`status ${response.statusCode}`)
        done()
      })
      response.on('error', (error) => fail(error.message))
    }).on('error', (error) => fail(error.message))
  })

const stream = (): void =>
  void get(`${url}/v1/jobs/${job}/events`, { agent: new Agent() }, (response) => {
    if (response.statusCode !== 200) errors.push(`stream: status ${response.statusCode}`)
    response.setEncoding('utf8')
    response.on('data', (text: string) => {
      events += text.match(/^id: /gm)?.length ?? 0
    })
    response.on('error', (error) => errors.push(`stream: ${error.message}`))
  }).on('error', (error) => errors.push(`stream: ${error.message}`))

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

const warmUp = async (): Promise<void> => {
  const server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  for (let n = 0; n < WARM_UP; n++) await ask(address, new Agent({ keepAlive: n % 2 === 0 }), [])
  server.closeAllConnections()
  server.close()
}

const client = async (k: number, agent: Agent, times: number[]): Promise<void> => {
  await pause(Math.random() * 1000)
  if (k % 2 === 0) stream()
  for (let n = 0; n < Number(seconds); n++) {
    const next = performance.now() + 1000
    await ask(`${url}/v1/jobs/${job}`, agent, times)
    await pause(Math.max(0, next - performance.now()))
  }
}

const EVERY = 10
const late: number[] = []
const watchOneself = (): void => {
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    late.push(now - last - EVERY)
    last = now
  }, EVERY).unref()
}

/** ms: what half of the requests, what 99 of 100 and what all took at most. */
const quantiles = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (p: number): number => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]
  return { p50: at(0.5), p99: at(0.99), most: at(1) }
}

await warmUp()
watchOneself()
const agent = new Agent({ keepAlive: true, maxSockets: 1000 })
const times: number[] = []
await Promise.all(Array.from({ length: Number(clients) }, (_, k) => client(k, agent, times)))
const result = { requests: times.length, ...quantiles(times), late: quantiles(late), events, errors }
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
