import { describe, expect, it } from 'vitest'
import { fitDiscriminant, scoresOf, shareInside, widestGap } from '../../src/generative/discriminant.ts'
import { sampleOf } from '../../src/generative/distances.ts'
import { randomStream } from '../../src/numeric/random.ts'

const N = 4000
/** Two normal classes with correlated columns (1, .8; .8, 1), the second shifted by `shift`. */
const classes = (shift: readonly [number, number]) => {
  const z = new Float64Array(2 * N)
  randomStream(3, 'discriminant').normalsInto(z, 0)
  const labels = Array.from({ length: N }, (_, n) => n % 2 === 1)
  const rows = Float64Array.from({ length: 2 * N }, (_, at) => {
    const n = at >> 1
    const own = at % 2 === 0 ? z[2 * n] : 0.8 * z[2 * n] + 0.6 * z[2 * n + 1]
    return own + (labels[n] ? shift[at % 2] : 0)
  })
  return { x: sampleOf(rows, 2), labels }
}

describe("Fisher's discriminant", () => {
  it('is S⁻¹ (m₂ − m₁), the classes at −1 and +1', () => {
    const { x, labels } = classes([1, -1])
    const { direction, offset } = fitDiscriminant(x, labels)
    // S⁻¹ (1, −1) is along (1, −1): the difference of the columns has variance .4, its classes are 2 apart.
    expect(direction[1] / direction[0]).toBeCloseTo(-1, 1)
    expect(direction[0]).toBeCloseTo(1, 1)
    expect(offset).toBeCloseTo(-1, 1)
    const scores = scoresOf({ direction, offset }, x)
    for (const label of [false, true]) {
      const own = [...scores].filter((_, n) => labels[n] === label)
      expect(own.reduce((a, b) => a + b) / own.length).toBeCloseTo(label ? 1 : -1, 12)
    }
  })

  it('refuses a class of one row, and classes that are the same', () => {
    const { x, labels } = classes([0, 0])
    expect(() => fitDiscriminant(x, labels.slice(1))).toThrow('labels: expected 4000 labels, one per row')
    expect(() =>
      fitDiscriminant(
        x,
        labels.map((_, n) => n === 0),
      ),
    ).toThrow('labels: expected two or more rows of class 1, received 1')
    const twice = sampleOf(Float64Array.of(1, 1, 2, 2), 1)
    expect(() => fitDiscriminant(twice, [false, true, false, true])).toThrow(
      'rows: expected classes with different means',
    )
  })
})

describe('the widest gap', () => {
  it('is the valley between two modes', () => {
    const { x, labels } = classes([3, -3])
    const scores = scoresOf(fitDiscriminant(x, labels), x)
    const gap = widestGap(scores, 0.002)
    expect(gap[0]).toBeLessThan(-0.1)
    expect(gap[1]).toBeGreaterThan(0.1)
    expect(shareInside(scores, gap)).toBeCloseTo(0.002, 6)
    // A normal law of the same mean and variance has far more there.
    const z = new Float64Array(N)
    randomStream(4, 'discriminant').normalsInto(z, 0)
    const deviation = Math.sqrt(scores.reduce((s, v) => s + v * v, 0) / N)
    expect(
      shareInside(
        z.map((v) => v * deviation),
        gap,
      ),
    ).toBeGreaterThan(0.05)
  })

  it('holds the share asked for, and all where there is less', () => {
    expect(widestGap([-2, -0.9, -0.8, 0, 0.7, 0.9, 3], 1 / 7)).toEqual([-0.8, 0.7])
    expect(widestGap([-2, -0.9, -0.8, 0.7, 0.9, 3], 0)).toEqual([-0.8, 0.7])
    expect(widestGap([-2, 0.1, 2], 0.9)).toEqual([-1, 1])
  })
})
