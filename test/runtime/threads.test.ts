import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { type LoadedStudy, loadStudy } from '../../src/runtime/study-file.ts'
import { threadRunner } from '../../src/runtime/threads.ts'
import type { ChunkOutput } from '../../src/study/chunks.ts'
import { serialRunner } from '../../src/study/task.ts'
import { TASKS } from '../../src/study/tasks.ts'
import { tinyStudy, type Workplace, workplace } from '../end-to-end/tiny-study.ts'

let place: Workplace
let setup: LoadedStudy
beforeAll(async () => {
  place = workplace({ ...tinyStudy(), time: { duration: 60e-6, keepEvery: 2 } })
  setup = await loadStudy(place.study)
})
afterAll(() => place.remove())

const never = new AbortController().signal
const chunk = (start: number, count = 8) => ({ path: 'p', start, count, split: 'train' })
const inputs = async function* (n: number, asked: number[] = []) {
  for (let k = 0; k < n; k++) {
    asked.push(k)
    yield chunk(8 * k)
  }
}
const collect = async (source: AsyncIterable<ChunkOutput>): Promise<ChunkOutput[]> => {
  const all: ChunkOutput[] = []
  for await (const output of source) all.push(output)
  return all.sort((a, b) => a.start - b.start)
}
const run = (workers: number, n = 5): Promise<ChunkOutput[]> =>
  collect(threadRunner(workers).map('full-domain', setup, inputs(n), never))

describe('worker threads', () => {
  it('compute every chunk once, with the bits of one thread and of none, in any number and order', async () => {
    const serial = await collect(serialRunner(TASKS).map('full-domain', setup, inputs(5), never))
    expect(serial.map(({ start }) => start)).toEqual([0, 8, 16, 24, 32])
    expect(await run(1)).toEqual(serial)
    expect(await run(3)).toEqual(serial)
    const backwards = async function* () {
      for (let k = 4; k >= 0; k--) yield chunk(8 * k)
    }
    expect(await collect(threadRunner(2).map('full-domain', setup, backwards(), never))).toEqual(serial)
  })

  it('start none for no chunk', async () => {
    expect(await run(2, 0)).toEqual([])
  })

  it('ask for no more chunks than they can hold', async () => {
    const asked: number[] = []
    for await (const _ of threadRunner(2).map('full-domain', setup, inputs(50, asked), never)) break
    expect(asked.length).toBeLessThanOrEqual(3)
  })

  it('pass on bad input found in preparation, with every problem', async () => {
    const broken = { ...setup, study: { ...setup.study, load: { ...setup.study.load, group: 'nowhere' } } }
    const error = await collect(threadRunner(2).map('full-domain', broken, inputs(3), never)).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(InvalidInput)
    expect((error as InvalidInput).problems).toEqual([
      {
        path: 'load.group',
        expected: "a named group of facets (available: 'left', 'right', 'bottom', 'top')",
        received: "'nowhere'",
      },
    ])
  })

  it('pass on an error of a run', async () => {
    const bad = async function* () {
      yield chunk(0)
      yield { ...chunk(8), count: 'many' }
    }
    const error = await collect(threadRunner(1).map('submodel', null, bad(), never)).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message).toMatch(/null/)
  })

  it('pass on an error of what makes the chunks', async () => {
    const failing = async function* () {
      yield chunk(0)
      throw new Error('no more')
    }
    await expect(collect(threadRunner(2).map('full-domain', setup, failing(), never))).rejects.toThrow('no more')
  })

  it('stop at once when aborted, with the reason', async () => {
    const controller = new AbortController()
    const seen: number[] = []
    const endless = async function* () {
      for (let k = 0; ; k++) yield chunk(8 * (k % 5))
    }
    const work = (async () => {
      for await (const output of threadRunner(2).map<unknown, ChunkOutput>(
        'full-domain',
        setup,
        endless(),
        controller.signal,
      )) {
        seen.push(output.start)
        if (seen.length === 2) controller.abort(new Error('stopped'))
      }
    })()
    await expect(work).rejects.toThrow('stopped')
    expect(seen.length).toBeLessThan(8)
  })

  it('stop in the middle of a chunk', async () => {
    const controller = new AbortController()
    const long = async function* () {
      yield chunk(0, 8 * 10_000)
    }
    setTimeout(() => controller.abort(new Error('stopped')), 300)
    const begun = performance.now()
    await expect(collect(threadRunner(1).map('full-domain', setup, long(), controller.signal))).rejects.toThrow(
      'stopped',
    )
    expect(performance.now() - begun).toBeLessThan(5000)
  })

  it('do not begin when aborted before', async () => {
    const asked: number[] = []
    const signal = AbortSignal.abort(new Error('too late'))
    await expect(collect(threadRunner(2).map('full-domain', setup, inputs(3, asked), signal))).rejects.toThrow(
      'too late',
    )
    expect(asked).toEqual([])
  })
})
