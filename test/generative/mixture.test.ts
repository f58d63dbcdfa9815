import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fitGaussianMixture } from '../../src/generative/gaussian-mixture.ts'
import { meanColumnKs } from '../../src/generative/kolmogorov-smirnov.ts'
import { fitMixture } from '../../src/generative/mixture/expectation-maximisation.ts'
import { chooseMixture } from '../../src/generative/mixture/mixture-choice.ts'
import {
  componentAt,
  type MixtureLaw,
  meanLogDensity,
  responsibilitiesInto,
} from '../../src/generative/mixture/mixture-law.ts'
import { mixtureStart } from '../../src/generative/mixture/mixture-start.ts'
import { fitScaleGauss } from '../../src/generative/scale-gauss.ts'
import type { TraceModel } from '../../src/generative/trace-model.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { bimodal, latentOf } from './known-law.ts'

interface Case {
  readonly rows: number[]
  readonly size: number
  readonly ridge: number
  readonly iterations: number
  readonly start: { readonly weights: number[]; readonly means: number[]; readonly variances: number[] }
  readonly weights: number[]
  readonly means: number[]
  readonly covariances: number[]
  readonly meanLogDensity: number
  readonly responsibilities: number[]
}
const { cases } = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../fixtures/gaussian-mixture/values.json'), 'utf8'),
) as { cases: Case[] }

/** L Lᵀ of every component. */
const covariancesOf = ({ size: q, weights, factors }: MixtureLaw): number[] =>
  Array.from({ length: weights.length * q * q }, (_, at) => {
    const [k, i, j] = [Math.floor(at / (q * q)), Math.floor(at / q) % q, at % q]
    let sum = 0
    for (let m = 0; m <= Math.min(i, j); m++) sum += factors[(k * q + i) * q + m] * factors[(k * q + j) * q + m]
    return sum
  })

const startOf = ({ size: q, start }: Case): MixtureLaw => ({
  size: q,
  weights: Float64Array.from(start.weights),
  means: Float64Array.from(start.means),
  factors: Float64Array.from({ length: start.weights.length * q * q }, (_, at) =>
    Math.floor(at / q) % q === at % q ? Math.sqrt(start.variances[at % q]) : 0,
  ),
})

const expectClose = (made: ArrayLike<number>, reference: readonly number[]): void => {
  const scale = Math.max(...reference.map(Math.abs))
  const worst = Math.max(...reference.map((v, k) => Math.abs(made[k] - v)))
  expect(made.length).toBe(reference.length)
  expect(worst).toBeLessThan(1e-9 * scale)
}

describe('expectation-maximisation', () => {
  it.each(
    cases.map((c, k) => [k, c] as const),
  )('is that of scikit-learn from the same start: case %d', (_, reference) => {
    const rows = Float64Array.from(reference.rows)
    const { law, iterations } = fitMixture(rows, startOf(reference), { ...reference, tolerance: 0 })
    expect(iterations).toBe(reference.iterations)
    expectClose(law.weights, reference.weights)
    expectClose(law.means, reference.means)
    expectClose(covariancesOf(law), reference.covariances)
    expect(meanLogDensity(law, rows)).toBeCloseTo(reference.meanLogDensity, 9)
    const shares = new Float64Array((rows.length / law.size) * law.weights.length)
    responsibilitiesInto(shares, law, rows)
    expectClose(shares.slice(0, reference.responsibilities.length), reference.responsibilities)
  })

  it('never loses density', () => {
    const [rows, q] = [Float64Array.from(cases[1].rows), cases[1].size]
    const start = mixtureStart(rows, q, 3, 1e-6, randomStream(1, 'test/mixture'), 0)
    const densities = [1, 2, 3, 5, 10, 40].map(
      (iterations) => fitMixture(rows, start, { ridge: 1e-6, iterations, tolerance: 0 }).logDensity,
    )
    expect(densities).toEqual(densities.toSorted((a, b) => a - b))
  })

  it('survives rows that are all equal, and more components than rows differ', () => {
    const rows = new Float64Array(40).fill(2)
    const start = mixtureStart(rows, 2, 3, 1e-3, randomStream(1, 'test/mixture'), 0)
    const { law } = fitMixture(rows, start, { ridge: 1e-3, iterations: 5, tolerance: 0 })
    expect([...law.weights, ...law.means, ...law.factors].every(Number.isFinite)).toBe(true)
  })
})

describe('the choice of a mixture', () => {
  const normals = new Float64Array(600 * 5)
  randomStream(4, 'test/mixture').normalsInto(normals, 0)

  it('is one component for a normal law', () => expect(chooseMixture(normals, 5, 0).law.weights.length).toBe(1))

  it('finds the branches of a two-branch law, with their weights and places', () => {
    const branches = normals.map((z, at) => {
      const side = Math.floor(at / 5) % 4 === 0 ? -1.7 : 0.6
      return at % 5 === 0 ? side + 0.3 * z : z
    })
    const { law, tried } = chooseMixture(branches, 5, 0)
    expect(law.weights.length).toBe(2)
    const first = law.weights[0] < law.weights[1] ? 0 : 1
    expect(law.weights[first]).toBeCloseTo(0.25, 2)
    expect(Math.abs(law.means[first * law.size] + 1.7)).toBeLessThan(0.08)
    expect(Math.abs(law.means[(1 - first) * law.size] - 0.6)).toBeLessThan(0.05)
    expect(Math.abs(law.factors[first * law.size ** 2] - 0.3)).toBeLessThan(0.05)
    expect(Math.max(...tried.filter((t) => t.components === 2).map((t) => t.gain))).toBeGreaterThan(0.4)
  })

  it('is the same from the same seed', () => {
    expect(chooseMixture(normals, 5, 3)).toEqual(chooseMixture(normals, 5, 3))
  })
})

describe('gaussian-mixture', () => {
  const [training, held] = [bimodal(1000, 24, 1), bimodal(1500, 24, 2)]
  const latent = latentOf(held.count, held.modes, 7)
  const [mixture, gauss] = [fitGaussianMixture(training), fitScaleGauss(training)]

  it('keeps the two branches that one Gaussian loses', async () => {
    const ks = async (model: TraceModel): Promise<number> =>
      meanColumnKs(await model.sample(held.conditions, latent, held.count), held.coefficients, held.modes, 2)
    expect(await ks(mixture)).toBeLessThan(0.05)
    expect(await ks(gauss)).toBeGreaterThan(0.1)
    expect(mixture.state.mixture.weights.length).toBeGreaterThan(1)
    expect(mixture.description).toMatch(/^mixture of \d Gaussians on the leading \d+ whitened modes/)
  })

  it('puts hardly a sample between the branches', async () => {
    const between = (rows: Float64Array): number => {
      let count = 0
      for (let n = 0; n < held.count; n++) if (Math.abs(rows[n * held.modes]) < 1) count++
      return count / held.count
    }
    const share = async (model: TraceModel): Promise<number> =>
      between(await model.sample(held.conditions, latent, held.count))
    expect(between(held.coefficients)).toBeLessThan(0.02)
    expect(await share(mixture)).toBeLessThan(0.03)
    expect(await share(gauss)).toBeGreaterThan(0.1)
  })

  it('chooses the component by the category number', () => {
    const law: MixtureLaw = {
      size: 1,
      weights: Float64Array.of(0.2, 0.5, 0.3),
      means: new Float64Array(3),
      factors: new Float64Array(3),
    }
    expect([0, 0.19, 0.21, 0.69, 0.71, 1].map((u) => componentAt(law, u))).toEqual([0, 0, 1, 1, 2, 2])
  })
})
