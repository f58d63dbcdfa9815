import { beforeAll, describe, expect, it } from 'vitest'
import { readGmsh } from '../../src/mesh/gmsh.ts'
import { checkOnMesh } from '../../src/study/check.ts'
import { dataset } from '../../src/study/dataset.ts'
import type { Job } from '../../src/study/job.ts'
import type { QuantityTable } from '../../src/study/quantity-table.ts'
import { type ChosenReduction, reduce } from '../../src/study/reduce.ts'
import { gradientsOf } from '../../src/study/sensitivity.ts'
import { checkStudy } from '../../src/study/study.ts'
import { serialRunner } from '../../src/study/task.ts'
import { TASKS } from '../../src/study/tasks.ts'
import { openTraces } from '../../src/study/trace-source.ts'
import { tinyMesh } from '../end-to-end/tiny-study.ts'
import { heard, memoryFolder } from './memory-folder.ts'
import { tinierStudy } from './tiny-run.ts'

describe('gradients from differences', () => {
  const BASES = 8
  const steps = Float64Array.of(0.5, 2)
  /** Q₀ = (n + 1)(10 + a₀ − 3a₁), Q₁ has no value, Q₂ rests; run n(K + 1) + k. */
  const table = (failed: number): QuantityTable => {
    const values = new Float64Array(BASES * 3 * 3)
    for (let n = 0; n < BASES; n++)
      for (let k = 0; k < 3; k++) {
        const change = [0, steps[0], -3 * steps[1]][k]
        values.set([(n + 1) * (10 + change), Number.NaN, 0], (n * 3 + k) * 3)
      }
    values.fill(Number.NaN, failed * 3, failed * 3 + 3)
    return { count: BASES * 3, quantities: 3, values, status: [] }
  }

  it('are slopes relative to the size of each quantity; what has none counts nothing', () => {
    const found = gradientsOf(table(4), steps)
    for (let n = 0; n < BASES; n++) {
      const [a0, a1] = found.subarray(n * 6, n * 6 + 2)
      expect(a0).toBeCloseTo(n === 1 ? 0 : (n + 1) / 45, 12)
      expect(a1).toBeCloseTo((-3 * (n + 1)) / 45, 12)
      expect([...found.subarray(n * 6 + 2, n * 6 + 6)]).toEqual([0, 0, 0, 0])
    }
  })
})

describe('the norm of the quantities', () => {
  let plain: ChosenReduction
  let weighted: ChosenReduction

  beforeAll(async () => {
    const mesh = readGmsh(tinyMesh(), 'plate.msh')
    const jobOf = (norm: string, folder: Job['folder']): Job => {
      const json = tinierStudy()
      const study = checkStudy({ ...json, reduction: { ...json.reduction, norm, tolerance: 1e-6 } })
      return {
        ...{ study, domain: checkOnMesh(study, mesh), folder, meshHash: 'tiny', runner: serialRunner(TASKS) },
        ...{ progress: heard(), signal: new AbortController().signal, timings: async () => ({}) },
      }
    }
    const folder = memoryFolder()
    await dataset(jobOf('l2', folder), ['train', 'validation'])
    const chosen = async (norm: string): Promise<ChosenReduction> => {
      const own = memoryFolder()
      for (const [path, bytes] of folder.files) await own.write(path, bytes)
      const job = jobOf(norm, own)
      return reduce(job, await openTraces(job, 'train'), await openTraces(job, 'validation'))
    }
    plain = await chosen('l2')
    weighted = await chosen('quantities')
  }, 300_000)

  it('loses less of them with the same number of modes, on runs that it has not seen', () => {
    expect(weighted.rows.map(({ modes }) => modes)).toEqual([8, 16])
    // With 16 modes it may choose among 24 only, of 64 runs: there is little to gain.
    expect(weighted.rows[0].quantityError).toBeLessThan(0.9 * plain.rows[0].quantityError)
  })

  it('is causal as the plain one is', () => {
    const { mean, modes, modeCount, grid } = weighted.reduction
    const width = mean.length / grid.frames
    for (let k = 0; k < modeCount; k++)
      expect(modes.subarray(k * mean.length, k * mean.length + width).every((u) => u === 0)).toBe(true)
    expect(mean.subarray(0, width).every((u) => u === 0)).toBe(true)
    expect(weighted.beforeArrival).toBe(plain.beforeArrival)
  })
})
