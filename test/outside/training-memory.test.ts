import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const MEGABYTE = 2 ** 20

/** In a process of its own, so that nothing else is counted. */
const residentAt = async (...steps: readonly number[]): Promise<readonly number[]> => {
  const script = join(import.meta.dirname, 'training-memory.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, ...steps.map(String)])
  return JSON.parse(stdout)
}

it('a training of 10,000 steps grows by at most 20 MB after its first 1,000', async () => {
  const [early, middle, late] = await residentAt(1000, 5000, 10_000)
  expect(early).toBeGreaterThan(20 * MEGABYTE)
  expect(middle - early).toBeLessThan(20 * MEGABYTE)
  expect(late - early).toBeLessThan(20 * MEGABYTE)
})
