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
  const tail = fitTailLaw(law, data, LEAD, { shared: true })
  const fresh = curved(4000, 2)
  const truth = whiteOf(law, fresh)
  const latent = latentOf(fresh.count, MODES - 1, 3)
  const made = truth.map((w, at) => (at % MODES < LEAD ? w : latent[at]))
  const loudness = latentOf(fresh.count, 0, 4)
  fillTail(tail, fresh.conditions, made, loudness, fresh.count)

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
      fillTail(tail, Float64Array.of(0), row, Float64Array.of(0), 1)
      return row.slice(LEAD)
    }
    expect(at(50)).toEqual(at(500))
    expect(at(1)).not.toEqual(at(50))
  })
})

/** Modes 3 … 7 are noise whose variance is exp(1.2 z₀ − 0.72): louder where mode 0 is large. */
const louder = (count: number, seed: number) =>
  pairsOf(count, 1, MODES, seed, (out, _, z) => {
    for (let k = 0; k < MODES; k++) out[k] = z[k] * 0.8 ** k
    out[0] = 2 * z[0]
    for (let k = LEAD; k < MODES; k++) out[k] *= Math.exp(0.6 * z[0] - 0.36)
  })

describe('tail law of runs that are loud in all modes', () => {
  const data = louder(1000, 1)
  const law = fitConditionalLaw(data)
  const fresh = louder(4000, 2)
  const truth = whiteOf(law, fresh)

  const made = (options: { readonly fresh?: typeof data }): Float64Array => {
    const tail = fitTailLaw(law, data, LEAD, { shared: true, ...options })
    const latent = latentOf(fresh.count, MODES - 1, 3)
    const out = truth.map((w, at) => (at % MODES < LEAD ? w : latent[at]))
    fillTail(tail, fresh.conditions, out, latentOf(fresh.count, 0, 4), fresh.count)
    return out
  }
  const logRadius = (white: Float64Array): Float64Array =>
    Float64Array.from({ length: fresh.count }, (_, n) =>
      Math.log(white.subarray(n * MODES + LEAD, (n + 1) * MODES).reduce((sum, w) => sum + w * w, 0)),
    )
  const moments = (a: Float64Array) => {
    const mean = a.reduce((x, y) => x + y, 0) / a.length
    return { mean, deviation: Math.sqrt(a.reduce((x, y) => x + (y - mean) ** 2, 0) / a.length) }
  }

  it('follows the loudness: the law of the log radius, which normal modes of one variance miss', () => {
    const [real, model] = [moments(logRadius(truth)), moments(logRadius(made({})))]
    const plain = moments(logRadius(latentOf(fresh.count, MODES - 1, 5)))
    expect(Math.abs(model.deviation / real.deviation - 1)).toBeLessThan(0.1)
    expect(plain.deviation / real.deviation).toBeLessThan(0.7)
    expect(Math.abs(model.mean - real.mean)).toBeLessThan(0.1)
  })

  it('takes its level from fresh runs where there are some', () => {
    const twice = { ...fresh, coefficients: fresh.coefficients.map((a, at) => (at % MODES < LEAD ? a : 2 * a)) }
    const variance = (white: Float64Array): number =>
      moments(white.filter((_, at) => at % MODES >= LEAD)).deviation ** 2
    const target = variance(whiteOf(law, twice))
    expect(Math.abs(variance(made({ fresh: twice })) / target - 1)).toBeLessThan(0.15)
  })
})
