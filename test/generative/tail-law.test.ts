import { describe, expect, it } from 'vitest'
import { fitConditionalLaw, standardise, whiten } from '../../src/generative/conditional-law.ts'
import { fillTail, fitTailLaw } from '../../src/generative/tail-law.ts'
import { latentOf, pairsOf } from './known-law.ts'

const MODES = 8
const LEAD = 3

/** Mode 3 is a parabola of mode 0 plus little noise, mode 4 a product of modes 0 and 1; the others are noise. */
const curved = (count: number, seed: number) =>
  pairsOf(count, 1, MODES, seed, (out, theta, z) => {
    for (let k = 0; k < MODES; k++) out[k] = z[k] * 0.8 ** k
    out[0] = 2 * z[0] + theta[0]
    out[3] = 0.4 * ((z[0] * z[0] - 1) / Math.SQRT2 + 0.2 * z[3])
    out[4] = 0.3 * (z[0] * z[1] + 0.2 * z[4])
  })

const whiteOf = (law: ReturnType<typeof fitConditionalLaw>, data: ReturnType<typeof curved>) =>
  whiten(law, standardise(law, data.conditions, data.coefficients, data.count), data.count)

const correlation = (x: Float64Array, y: Float64Array, column: number): number => {
  let [xy, xx, yy] = [0, 0, 0]
  for (let at = column; at < x.length; at += MODES) {
    xy += x[at] * y[at]
    xx += x[at] * x[at]
    yy += y[at] * y[at]
  }
  return xy / Math.sqrt(xx * yy)
}

describe('tail law', () => {
  const data = curved(1000, 1)
  const law = fitConditionalLaw(data)
  const tail = fitTailLaw(law, data, LEAD)
  const fresh = curved(4000, 2)
  const truth = whiteOf(law, fresh)
  const latent = latentOf(fresh.count, MODES - 1, 3)
  const made = truth.map((w, at) => (at % MODES < LEAD ? w : latent[at]))
  fillTail(tail, fresh.conditions, made, fresh.count)

  it('leaves the leading modes alone', () => {
    for (let at = 0; at < made.length; at++) if (at % MODES < LEAD) expect(made[at]).toBe(truth[at])
  })

  it('predicts the modes that bend with the leading ones and no others', () => {
    const predicted = [3, 4, 5, 6, 7].map((k) => correlation(made, truth, k))
    // Two of the five white tail directions hold the parabola and the product.
    expect(predicted.filter((c) => c > 0.8).length).toBe(2)
    expect(predicted.filter((c) => Math.abs(c) < 0.15).length).toBe(3)
  })

  it('keeps unit variance and no correlation', () => {
    for (let i = LEAD; i < MODES; i++) {
      for (let j = LEAD; j <= i; j++) {
        let sum = 0
        for (let n = 0; n < fresh.count; n++) sum += (made[n * MODES + i] * made[n * MODES + j]) / fresh.count
        // Four standard errors of the variance of a squared normal, whose kurtosis is 15.
        expect(Math.abs(sum - (i === j ? 1 : 0))).toBeLessThan(0.24)
      }
    }
  })

  it('does not extrapolate beyond the training range', () => {
    const at = (w: number): Float64Array => {
      const row = Float64Array.from({ length: MODES }, (_, k) => (k === 0 ? w : 0))
      fillTail(tail, Float64Array.of(0), row, 1)
      return row.slice(LEAD)
    }
    expect(at(50)).toEqual(at(500))
    expect(at(1)).not.toEqual(at(50))
  })
})
