import { Agent, get } from 'node:http'

/**
 * Many clients in a process of their own: each asks for a job once a second, every other one holds its stream of events. Prints what it saw as
 * JSON. Arguments: address, job, clients, seconds.
 */
const [url, job, clients, seconds] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: 1000 })
const times: number[] = []
const errors: string[] = []
let events = 0

const ask = (): Promise<void> =>
  new Promise((done) => {
    const start = performance.now()
    const fail = (what: string): void => {
      errors.push(what)
      done()
    }
    get(`${url}/v1/jobs/${job}`, { agent }, (response) => {
      response.resume()
      response.on('end', () => {
        times.push(performance.now() - start)
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
  for (let n = 0; n < Number(seconds); n++) {
    const next = performance.now() + 1000
    await ask()
    await new Promise((done) => setTimeout(done, Math.max(0, next - performance.now())))
  }
}

await Promise.all(Array.from({ length: Number(clients) }, (_, k) => client(k)))
times.sort((a, b) => a - b)
const quantile = (p: number): number => times[Math.min(times.length - 1, Math.floor(p * times.length))]
const result = { requests: times.length, p50: quantile(0.5), p99: quantile(0.99), most: times.at(-1), events, errors }
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0))
