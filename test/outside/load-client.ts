import { Agent, get } from 'node:http'

/**
 * Many clients in a process of their own: each asks for a job once a second, every other one holds its stream of events. Prints what
 * it saw as JSON. Arguments: address, job, clients, seconds. The seconds before, in which all of them connect at once and this
 * process is cold, are told apart (`opening`).
 */
const [url, job, clients, seconds] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 1000 })
const OPENING = 3
const times: number[] = []
const opening: number[] = []
const errors: string[] = []
let events = 0

const ask = (into: number[]): Promise<void> =>
  new Promise((done) => {
    const start = performance.now()
    const fail = (what: string): void => {
      errors.push(what)
      done()
    }
    get(`${url}/v1/jobs/${job}`, { agent }, (response) => {
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

const client = async (k: number): Promise<void> => {
  if (k % 2 === 0) stream()
  await new Promise((done) => setTimeout(done, Math.random() * 1000))
  for (let n = -OPENING; n < Number(seconds); n++) {
    const next = performance.now() + 1000
    await ask(n < 0 ? opening : times)
    await new Promise((done) => setTimeout(done, Math.max(0, next - performance.now())))
  }
}

await Promise.all(Array.from({ length: Number(clients) }, (_, k) => client(k)))
/** ms: what half of the requests, what 99 of 100 and what all took at most. */
const quantiles = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (p: number): number => sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]
  return { p50: at(0.5), p99: at(0.99), most: at(1) }
}
const result = { requests: times.length, ...quantiles(times), opening: quantiles(opening), events, errors }
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
