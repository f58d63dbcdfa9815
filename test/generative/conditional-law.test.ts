import { describe, expect, it } from 'vitest'
import {
  colour,
  conditionalMoments,
  fitConditionalLaw,
  standardise,
  unstandardise,
  whiten,
} from '../../src/generative/conditional-law.ts'
import { legendreBasis, totalDegreeIndices } from '../../src/generative/legendre.ts'
import { ridgeFit } from '../../src/generative/ridge.ts'
import { selectPairs, withLeadingModes } from '../../src/generative/training-data.ts'
import { deviationAt, heteroscedastic, meanAt } from './known-law.ts'

const MODES = 12
const data = heteroscedastic(4000, MODES, 1)
const law = fitConditionalLaw(data)

describe('legendreBasis', () => {
  it('has one function per multi-index, the constant first', () => {
    expect(totalDegreeIndices(2, 3).length).toBe(10)
    expect(totalDegreeIndices(4, 3).length).toBe(35)
    expect(totalDegreeIndices(2, 3)[0]).toEqual([0, 0])
  })

  it('is orthonormal under the uniform law', () => {
    const basis = legendreBasis(2, 3)
    // Three Gauss points integrate degree 5 per variable; degree 6 needs four.
    const x = [-0.8611363115940526, -0.3399810435848563, 0.3399810435848563, 0.8611363115940526]
    const w = [0.34785484513745385, 0.6521451548625461, 0.6521451548625461, 0.34785484513745385]
    const gram = new Float64Array(basis.size ** 2)
    const values = new Float64Array(basis.size)
    x.forEach((a, i) => {
      x.forEach((b, j) => {
        basis.evaluateInto(values, Float64Array.of(a, b))
        gram.forEach((_, at) => {
          gram[at] += (w[i] * w[j] * values[Math.floor(at / basis.size)] * values[at % basis.size]) / 4
        })
      })
    })
    gram.forEach((g, at) => {
      expect(g).toBeCloseTo(Math.floor(at / basis.size) === at % basis.size ? 1 : 0, 12)
    })
  })

  it('does not extrapolate', () => {
    const basis = legendreBasis(1, 3)
    const [inside, outside] = [new Float64Array(4), new Float64Array(4)]
    basis.evaluateInto(inside, Float64Array.of(1))
    basis.evaluateInto(outside, Float64Array.of(1.7))
    expect(outside).toEqual(inside)
  })
})

describe('ridgeFit', () => {
  const count = 200
  const x = Float64Array.from({ length: count }, (_, n) => Math.sin(7 * n))
  const design = Float64Array.from({ length: 2 * count }, (_, at) => (at % 2 === 0 ? 1 : x[at >> 1]))

  it('recovers an exact line and its zero variance', () => {
    const { weights, predictionVariance } = ridgeFit(
      design,
      x.map((v) => 2 - 3 * v),
      count,
    )
    expect(weights[0]).toBeCloseTo(2, 4)
    expect(weights[1]).toBeCloseTo(-3, 4)
    expect(predictionVariance[0]).toBeLessThan(1e-8)
  })

  it('leaves only the mean where there is nothing to explain', () => {
    const noise = Float64Array.from({ length: count }, (_, n) => 1 + Math.cos(1000 * n * n))
    const { weights, predictionVariance } = ridgeFit(design, noise, count)
    expect(Math.abs(weights[1])).toBeLessThan(0.1)
    expect(predictionVariance[0]).toBeGreaterThan(0.4)
  })
})

describe('fitConditionalLaw', () => {
  it('finds mean and deviation of every coefficient at conditions of its own', () => {
    const theta = Float64Array.of(-0.7, 0.4, 0, 0, 0.6, -0.8)
    const { mean, sigma } = conditionalMoments(law, theta, 3)
    for (let n = 0; n < 3; n++) {
      const t = theta.subarray(2 * n, 2 * n + 2)
      for (let k = 0; k < MODES; k++) {
        // Four standard errors: ten terms, 4,000 pairs, twice the average leverage near the corners.
        expect(Math.abs(mean[n * MODES + k] - meanAt(k, t)) / deviationAt(k, t)).toBeLessThan(0.28)
        // σ belongs to the rotated direction; its square sums to the coefficient's variance.
        let variance = 0
        for (let j = 0; j < MODES; j++) {
          const unit = law.directions[j * MODES + k]
          variance += (unit * sigma[n * MODES + j]) ** 2
        }
        expect(Math.abs(Math.sqrt(variance) / deviationAt(k, t) - 1)).toBeLessThan(0.3)
      }
    }
  })

  it('whitens the training data up to the shrinkage', () => {
    const w = whiten(law, standardise(law, data.conditions, data.coefficients, data.count), data.count)
    for (let i = 0; i < MODES; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0
        for (let n = 0; n < data.count; n++) sum += (w[n * MODES + i] * w[n * MODES + j]) / data.count
        expect(Math.abs(sum - (i === j ? 1 : 0))).toBeLessThan(0.1)
      }
    }
  })

  it('is undone exactly', () => {
    const e = standardise(law, data.conditions, data.coefficients, data.count)
    const back = unstandardise(law, data.conditions, e, data.count)
    const worst = Math.max(...back.map((a, at) => Math.abs(a - data.coefficients[at])))
    expect(worst).toBeLessThan(1e-12)
    const again = colour(law, whiten(law, e, data.count), data.count)
    expect(Math.max(...again.map((v, at) => Math.abs(v - e[at])))).toBeLessThan(1e-12)
  })

  it('orders white directions by the energy of the residuals', () => {
    const { sigma } = conditionalMoments(law, new Float64Array(2), 1)
    const energies = Array.from(sigma)
    expect(energies.toSorted((a, b) => b - a).slice(0, 3)).toEqual(energies.slice(0, 3))
  })

  it('works with as many coefficients as samples, and without conditions', () => {
    const few = selectPairs(
      heteroscedastic(60, 60, 2),
      Array.from({ length: 60 }, (_, i) => i),
    )
    expect(fitConditionalLaw(few).colouring.every(Number.isFinite)).toBe(true)
    const bare = { ...withLeadingModes(data, 3), conditionCount: 0, conditions: new Float64Array(0) }
    const { mean } = conditionalMoments(fitConditionalLaw(bare), new Float64Array(0), 1)
    const average = bare.coefficients.reduce((sum, a, at) => sum + (at % 3 === 0 ? a : 0), 0) / bare.count
    expect(mean[0]).toBeCloseTo(average, 10)
  })

  it('names every problem of its input', () => {
    const bad = {
      ...data,
      coefficients: data.coefficients.map((v, i) => (i === 5 ? Number.NaN : v)),
      conditions: new Float64Array(3),
    }
    expect(() => fitConditionalLaw(bad)).toThrow(
      /conditions: expected 8000 values, received 3\n.*coefficients\[5\]: .*NaN/,
    )
  })
})
