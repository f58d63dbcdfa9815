import { describe, expect, it } from 'vitest'
import { leftOutPredictions } from '../../src/generative/left-out.ts'
import { predict, ridgeFit } from '../../src/generative/ridge.ts'
import { randomStream } from '../../src/numeric/random.ts'

const COUNT = 203
const WIDTH = 60

const design = new Float64Array(COUNT * WIDTH)
randomStream(1, 'test/design').normalsInto(design, 0)
for (let n = 0; n < COUNT; n++) design[n * WIDTH] = 1
const noise = new Float64Array(COUNT)
randomStream(1, 'test/noise').normalsInto(noise, 0)

const meanSquare = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, v, n) => sum + (v - b[n]) ** 2 / a.length, 0)

describe('predictions of rows that a fit left out', () => {
  it('are exact where the law is linear and has no noise', () => {
    const targets = noise.map((_, n) => 2 + 3 * design[n * WIDTH + 1] - design[n * WIDTH + 7])
    expect(Math.sqrt(meanSquare(leftOutPredictions(design, targets, COUNT), targets))).toBeLessThan(1e-4)
  })

  it('know nothing of the noise of their own rows, which a fit with many weights does', () => {
    const targets = noise.map((e, n) => 3 * design[n * WIDTH + 1] + e)
    const own = predict(design, ridgeFit(design, targets, COUNT).weights, COUNT)
    const spread = meanSquare(noise, new Float64Array(COUNT))
    expect(meanSquare(own, targets)).toBeLessThan(0.85 * spread)
    expect(meanSquare(leftOutPredictions(design, targets, COUNT), targets)).toBeGreaterThan(1.05 * spread)
  })
})
