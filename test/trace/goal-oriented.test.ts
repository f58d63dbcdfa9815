import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/random.ts'
import { decodeInto, encodeBatch } from '../../src/trace/codec.ts'
import { towardsQuantities } from '../../src/trace/goal-oriented.ts'
import { fitReduction, type Reduction, truncateReduction } from '../../src/trace/reduction.ts'
import { type TraceBatch, type TraceGrid, traceSize } from '../../src/trace/trace.ts'

const GRID: TraceGrid = { points: new Float64Array(2 * 5), components: 2, frames: 8, frameStep: 1e-6 }
const SIZE = traceSize(GRID)
const K = 12

/** Twelve directions, each with two thirds of the one before it. */
const batchOf = (count: number, purpose: string): TraceBatch => {
  const directions = new Float64Array(K * SIZE)
  randomStream(6, 'test/goal').normalsInto(directions, 0)
  const stream = randomStream(6, purpose)
  const a = new Float64Array(K)
  const values = new Float32Array(count * SIZE)
  for (let n = 0; n < count; n++) {
    stream.normalsInto(a, n)
    for (let d = 0; d < SIZE; d++)
      values[n * SIZE + d] = 2 + a.reduce((s, x, k) => s + x * (2 / 3) ** k * directions[k * SIZE + d], 0)
  }
  return { grid: GRID, count, values }
}

const training = batchOf(200, 'training')
const fresh = batchOf(60, 'fresh')
const plain = fitReduction(training, { modes: K })
/** A quantity that feels two of the weakest modes, and one that feels one in the middle. */
const gradients = new Float64Array(2 * K)
gradients[9] = 3
gradients[10] = -2
gradients[K + 6] = 1
const goal = towardsQuantities(plain, gradients, 5)

const rebuilt = (reduction: Reduction): Float64Array => {
  const out = new Float64Array(fresh.count * SIZE)
  decodeInto(out, reduction, encodeBatch(reduction, fresh), fresh.count)
  return out
}

/** Mean square of what a reduction loses of the two quantities, and of the motion, on fresh traces. */
const losses = (reduction: Reduction): { readonly quantity: number; readonly motion: number } => {
  const out = rebuilt(reduction)
  const difference = { ...fresh, values: Float32Array.from(out, (v, at) => v - fresh.values[at]) }
  const a = encodeBatch({ ...plain, mean: new Float64Array(SIZE) }, difference)
  let quantity = 0
  for (let n = 0; n < fresh.count; n++)
    for (let q = 0; q < 2; q++) {
      let change = 0
      for (let k = 0; k < K; k++) change += gradients[q * K + k] * a[n * K + k]
      quantity += change ** 2
    }
  return { quantity, motion: difference.values.reduce((sum, v) => sum + v * v, 0) }
}

describe('a reduction towards quantities', () => {
  it('loses far less of them than the plain one of the same size, and of the motion no more than with one mode less for each', () => {
    const [ours, theirs, three] = [goal, truncateReduction(plain, 5), truncateReduction(plain, 3)].map(losses)
    expect(ours.quantity).toBeLessThan(0.05 * theirs.quantity)
    expect(ours.motion).toBeLessThan(1.02 * three.motion)
    expect(ours.motion).toBeGreaterThan(theirs.motion)
  })

  it('has duals: coefficients of its own modes are theirs', () => {
    const out = new Float64Array(5 * SIZE)
    const unit = Float64Array.from({ length: 25 }, (_, at) => (at % 6 === 0 ? 1 : 0))
    decodeInto(out, goal, unit, 5)
    const back = encodeBatch(goal, { grid: GRID, count: 5, values: Float32Array.from(out) })
    back.forEach((a, at) => {
      expect(a).toBeCloseTo(unit[at], 4)
    })
  })

  it('gives training coefficients variance s²/N and no correlation', () => {
    const a = encodeBatch(goal, training)
    for (let j = 0; j < 5; j++)
      for (let k = 0; k < 5; k++) {
        let sum = 0
        for (let n = 0; n < training.count; n++) sum += a[5 * n + j] * a[5 * n + k]
        expect(sum / (goal.singularValues[j] * goal.singularValues[k])).toBeCloseTo(j === k ? 1 : 0, 4)
      }
  })

  it('counts quantities as much as motion: its energy is twice that of motion alone', () => {
    expect(goal.totalEnergy / plain.totalEnergy).toBeCloseTo(2, 6)
  })

  it('truncates with its duals', () => {
    const two = truncateReduction(goal, 2)
    expect(two.duals).toEqual(goal.duals!.slice(0, 2 * SIZE))
    const [all, some] = [encodeBatch(goal, fresh), encodeBatch(two, fresh)]
    for (let n = 0; n < fresh.count; n++) expect(some.slice(2 * n, 2 * n + 2)).toEqual(all.slice(5 * n, 5 * n + 2))
  })

  it('is the plain one where nothing is felt', () => {
    const same = towardsQuantities(plain, new Float64Array(K), 5)
    same.singularValues.forEach((s, k) => {
      expect(s).toBeCloseTo(plain.singularValues[k], 8)
    })
    rebuilt(same).forEach((v, at) => {
      expect(Math.abs(v - rebuiltPlain[at])).toBeLessThan(1e-9)
    })
  })
  const rebuiltPlain = rebuilt(truncateReduction(plain, 5))
})
