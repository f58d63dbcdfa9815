import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { type ChunkInput, type ChunkOutput, completeSeries, rangesOf, readSeries } from '../../src/study/chunks.ts'
import { type AnyTask, serialRunner, type Task } from '../../src/study/task.ts'
import { heard, memoryFolder } from './memory-folder.ts'

type Input = ChunkInput<{ readonly scale: number }>

/** sample n → scale · n, and a record of what ran */
const squares = (ran: string[]): AnyTask => {
  const task: Task<number, number, Input, ChunkOutput> = {
    prepare: (setup) => setup,
    run: (setup, { path, start, count, scale }) => {
      ran.push(`${path} ${start}+${count}`)
      const values = Float64Array.from({ length: count }, (_, k) => setup * scale * (start + k))
      return { path, start, count, data: { values } }
    },
    transfer: () => [],
  }
  return task as unknown as AnyTask
}

const setting = () => {
  const folder = memoryFolder()
  const ran: string[] = []
  const progress = heard()
  const complete = (total: number, stop?: AbortSignal): Promise<void> =>
    completeSeries({
      folder,
      runner: serialRunner({ squares: squares(ran) }),
      task: 'squares',
      setup: 2,
      series: [
        { path: 'a', total, input: async () => ({ scale: 1 }) },
        { path: 'b', total: 10, input: async () => ({ scale: 3 }) },
      ],
      stage: 'runs',
      progress,
      signal: stop ?? new AbortController().signal,
    })
  const values = async (path: string, total: number): Promise<number[]> => {
    const all: number[] = []
    for await (const { data } of readSeries(folder, path, total)) all.push(...(data['values'] as Float64Array))
    return all
  }
  return { folder, ran, progress, complete, values }
}
const multiples = (n: number, factor: number): number[] => Array.from({ length: n }, (_, k) => factor * k)

describe('a series in chunks', () => {
  it('is cut at multiples of 64', () => {
    expect(rangesOf(130)).toEqual([
      { start: 0, count: 64 },
      { start: 64, count: 64 },
      { start: 128, count: 2 },
    ])
    expect(rangesOf(64)).toEqual([{ start: 0, count: 64 }])
    expect(rangesOf(0)).toEqual([])
  })

  it('is computed, stored and read back in order', async () => {
    const { complete, values, ran, progress } = setting()
    await complete(130)
    expect(ran).toEqual(['a 0+64', 'a 64+64', 'a 128+2', 'b 0+10'])
    expect(await values('a', 130)).toEqual(multiples(130, 2))
    expect(await values('b', 10)).toEqual(multiples(10, 6))
    expect(progress.said).toEqual(['runs: 0 of 140', 'runs: ended at 140'])
  })

  it('is not computed again', async () => {
    const { complete, ran, progress, folder } = setting()
    await complete(130)
    const before = [...folder.written]
    await complete(130)
    expect(ran.length).toBe(4)
    expect(folder.written).toEqual(before)
    expect(progress.said.slice(2)).toEqual(['runs: 140 of 140', 'runs: ended at 140'])
  })

  it('is extended by what is missing, the cut-off chunk included', async () => {
    const { complete, values, ran } = setting()
    await complete(130)
    await complete(200)
    expect(ran.slice(4)).toEqual(['a 128+64', 'a 192+8'])
    expect(await values('a', 200)).toEqual(multiples(200, 2))
  })

  const damage: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array])[] = [
    ['cut short', (bytes) => bytes.subarray(0, bytes.length - 8)],
    ['empty', () => new Uint8Array(0)],
    ['with a flipped bit', (bytes) => bytes.with(bytes.length - 3, bytes[bytes.length - 3] ^ 1)],
    ['with a broken header', (bytes) => bytes.with(16, 0)],
    ['of another program', () => new TextEncoder().encode('\x89PNG\r\n and much more than that')],
  ]
  it.each(damage)('computes a damaged chunk again, and says so: %s', async (_, harm) => {
    const { complete, values, ran, folder, progress } = setting()
    await complete(130)
    folder.files.set('a/chunks/000064-64.bin', harm(folder.files.get('a/chunks/000064-64.bin')!))
    await complete(130)
    expect(ran.slice(4)).toEqual(['a 64+64'])
    expect(await values('a', 130)).toEqual(multiples(130, 2))
    expect(progress.said[2]).toMatch(/^warning: a\/chunks\/000064-64\.bin is damaged and is computed again \(.+\)$/)
  })

  it('keeps what was finished when it is stopped, and goes on from there', async () => {
    const { complete, values, ran, folder } = setting()
    const controller = new AbortController()
    const write = folder.write
    Object.assign(folder, {
      write: async (path: string, bytes: Uint8Array) => {
        await write(path, bytes)
        if (path.includes('000064')) controller.abort(new Error('stopped'))
      },
    })
    await expect(complete(200, controller.signal)).rejects.toThrow('stopped')
    expect(ran).toEqual(['a 0+64', 'a 64+64'])
    await complete(200)
    expect(ran.slice(2)).toEqual(['a 128+64', 'a 192+8', 'b 0+10'])
    expect(await values('a', 200)).toEqual(multiples(200, 2))
  })

  it('that is not there is refused, with what makes it', async () => {
    const read = async (path: string): Promise<void> => {
      for await (const _ of readSeries(memoryFolder(), path, 100));
    }
    await expect(read('dataset/train')).rejects.toThrow(
      'dataset/train: expected samples 0 to 63, received none on disk (run `nestwave dataset` with this study first)',
    )
    await expect(read('estimate/gan')).rejects.toBeInstanceOf(InvalidInput)
  })
})
