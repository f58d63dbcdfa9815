import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/random.ts'
import { conditionalMeanError, type RunsAt } from '../../src/study/conditional-mean.ts'
import type { LoadSample } from '../../src/study/law.ts'
import { checkStudy } from '../../src/study/study.ts'
import { tinyStudy } from '../end-to-end/tiny-study.ts'

const study = checkStudy(tinyStudy())

/** n runs whose only quantity is a law of x, the position scaled to [−1, 1], and of noise. */
const runs = (name: string, n: number, law: (x: number, z: number) => number): RunsAt => {
  const [uniforms, normals] = [randomStream(2, `test/${name}/u`), randomStream(2, `test/${name}/z`)]
  const [u, z] = [new Float64Array(4), new Float64Array(1)]
  const samples: LoadSample[] = []
  const values = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    uniforms.uniformsInto(u, i)
    normals.normalsInto(z, i)
    samples.push({
      amplitude: 2e8 + 2e8 * u[0],
      arrival: 20e-6 * u[1],
      position: 0.15 + 0.1 * u[2],
      width: 40e-6 + 30e-6 * u[3],
    })
    values[i] = law(2 * u[2] - 1, z[0])
  }
  return { table: { count: n, quantities: 1, values, status: new Array(n).fill('ok') }, samples }
}
const real = runs('real', 2000, (x, z) => 5 + 2 * x + 0.3 * z)

describe('the error of E[Q | θ]', () => {
  it('is small for the same law', () => {
    const { value, interval } = conditionalMeanError(
      study,
      runs('same', 2000, (x, z) => 5 + 2 * x + 0.3 * z),
      real,
    )!
    expect(value).toBeLessThan(0.05)
    expect(interval[0]).toBeGreaterThanOrEqual(0)
    expect(interval[1]).toBeGreaterThan(value)
  })

  it('is about 1 for a model that ignores θ, though its law of Q is right', () => {
    const blind = runs('blind', 2000, (_, z) => 5 + Math.sqrt(4 / 3 + 0.09) * z)
    expect(Math.abs(conditionalMeanError(study, blind, real)!.value - 1)).toBeLessThan(0.1)
  })

  it('is the relative size of what is wrong', () => {
    const steep = runs('steep', 4000, (x, z) => 5 + 2.5 * x + 0.3 * z)
    const { value, interval } = conditionalMeanError(study, steep, real)!
    expect(Math.abs(value - 0.25)).toBeLessThan(0.03)
    expect(interval[0]).toBeLessThan(0.25)
    expect(interval[1]).toBeGreaterThan(0.25)
  })

  it('leaves failed runs out, and says nothing of too few', () => {
    const half = runs('same', 400, (x, z) => 5 + 2 * x + 0.3 * z)
    const status = half.table.status.map((_, i) => (i % 2 ? 'unstable' : 'ok'))
    const values = half.table.values.map((v, i) => (i % 2 ? Number.NaN : v))
    const failing = { ...half, table: { ...half.table, status, values } }
    expect(conditionalMeanError(study, failing, real)!.value).toBeLessThan(0.2)
    const none = { ...half, table: { ...half.table, status: status.fill('unstable'), values: values.fill(Number.NaN) } }
    expect(conditionalMeanError(study, none, real)).toBe(null)
  })
})
