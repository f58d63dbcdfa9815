import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tinyStudy } from '../end-to-end/tiny-study.ts'
import { type Station, station, until, uploadTinyMesh } from './service-process.ts'

/** Loopback only, bounded in number and time. Thresholds of time live here, not in `npm test`. */
const CLIENTS = 200
const SECONDS = 20
const P99 = 50
/** `npm run verify`: 10,000. */
const JOBS = Number(process.env.NESTWAVE_LOAD_JOBS ?? 2000)
const PAGE = JOBS / 50

const run = promisify(execFile)
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]

describe('200 clients while all cores compute', () => {
  let place: Station
  beforeAll(async () => {
    place = station({ NESTWAVE_SLOTS: '2', NESTWAVE_LOG_LEVEL: 'warn' })
    await place.start()
    await uploadTinyMesh(place.client)
  }, 60_000)
  afterAll(() => place.remove(), 60_000)

  it(`each once a second, half of them streaming: no error, 99 of 100 within ${P99} ms`, async () => {
    const study = { ...tinyStudy(), estimate: { ...tinyStudy().estimate, samples: 400_000 } }
    const { id } = await place.client.submit({ kind: 'run', study })
    await until('the estimate to be computed', async () => {
      const { progress } = await place.client.job(id)
      return (progress?.stage ?? '').startsWith('submodel runs') && progress!.total > 100_000
    })
    const script = resolve(import.meta.dirname, 'load-client.ts')
    const { stdout } = await run(process.execPath, [script, place.url, id, String(CLIENTS), String(SECONDS)])
    const seen = JSON.parse(stdout)
    console.log(`load: ${stdout.trim()}`)
    expect((await place.client.job(id)).state).toBe('running')
    expect(seen.errors).toEqual([])
    expect(seen.requests).toBe(CLIENTS * SECONDS)
    expect(seen.events).toBeGreaterThan(CLIENTS)
    expect(seen.p99).toBeLessThanOrEqual(P99)
    await place.client.cancel(id)
  }, 180_000)
})

describe(`${JOBS} queued jobs`, () => {
  let place: Station
  beforeAll(async () => {
    place = station({ NESTWAVE_SLOTS: '0', NESTWAVE_LOG_LEVEL: 'warn' })
    await place.start()
    await uploadTinyMesh(place.client)
  }, 60_000)
  afterAll(() => place.remove(), 60_000)

  it('are made, and listed page by page without slowing', async () => {
    const body = JSON.stringify({ kind: 'dataset', study: tinyStudy() })
    const headers = { 'Content-Type': 'application/json' }
    const start = performance.now()
    let left = JOBS
    const make = async (): Promise<void> => {
      while (left-- > 0) {
        const response = await fetch(`${place.url}/v1/jobs`, { method: 'POST', headers, body })
        if (response.status !== 201) throw new Error(await response.text())
        await response.arrayBuffer()
      }
    }
    await Promise.all(Array.from({ length: 16 }, make))
    console.log(`${JOBS} jobs made in ${((performance.now() - start) / 1000).toFixed(1)} s`)
    const seen = new Set<string>()
    const times: number[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const begin = performance.now()
      const page = await place.client.jobs({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) })
      times.push(performance.now() - begin)
      for (const { id } of page.items) seen.add(id)
      cursor = page.next
    }
    expect(seen.size).toBe(JOBS)
    const [first, last] = [median(times.slice(0, 10)), median(times.slice(-10))]
    console.log(`pages of ${PAGE}: ${first.toFixed(1)} ms at the beginning, ${last.toFixed(1)} ms at the end`)
    expect(last).toBeLessThan(3 * first)
    const gets: number[] = []
    for (const id of [...seen].slice(0, 200)) {
      const begin = performance.now()
      await place.client.job(id)
      gets.push(performance.now() - begin)
    }
    console.log(`one of them: ${median(gets).toFixed(1)} ms`)
    expect(median(gets)).toBeLessThan(P99)
  }, 240_000)
})
