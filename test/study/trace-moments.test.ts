import { describe, expect, it } from 'vitest'
import { traceMoments } from '../../src/study/trace-moments.ts'
import type { TraceBatch, TraceGrid } from '../../src/trace/trace.ts'

const grid: TraceGrid = { points: Float64Array.of(0, 0), components: 1, frames: 3, frameStep: 1 }
const blocksOf = async function* (...blocks: readonly (readonly number[])[]): AsyncGenerator<TraceBatch> {
  for (const values of blocks) yield { grid, count: values.length / grid.frames, values: Float32Array.from(values) }
}

describe('moments of whole traces', () => {
  it('are mean and standard deviation over all blocks', async () => {
    const { mean, deviation } = await traceMoments(blocksOf([1, 0, 5, 3, 0, 5], [5, 0, 8]))
    expect([...mean]).toEqual([3, 0, 6])
    expect(deviation[0]).toBeCloseTo(Math.sqrt(8 / 3), 14)
    expect([deviation[1], deviation[2]]).toEqual([0, Math.SQRT2])
  })

  it('keep their digits far from zero', async () => {
    const { deviation } = await traceMoments(blocksOf([4096, 0, 0], [4096.5, 0, 0]))
    expect(deviation[0]).toBe(0.25)
  })
})
