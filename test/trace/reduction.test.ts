import { Matrix, SingularValueDecomposition } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { decodeInterleavedInto, decodeInto, decodeTrace, encodeBatch, encodeInto } from '../../src/trace/codec.ts'
import { leadingEigenpairs } from '../../src/trace/leading-eigenvectors.ts'
import { energyFraction, fitReduction, truncateReduction } from '../../src/trace/reduction.ts'
import type { TraceBatch, TraceGrid } from '../../src/trace/trace.ts'

const GRID: TraceGrid = { points: new Float64Array(2 * 6), components: 2, frames: 10, frameStep: 1e-5 }
const SIZE = 120
const COUNT = 40

/** Traces of `rank` random directions with amplitudes 2^−k about a mean of 3. */
const batchOf = (rank: number, count = COUNT): TraceBatch => {
  const stream = randomStream(1, 'test/traces')
  const directions = new Float64Array(rank * SIZE)
  stream.normalsInto(directions, 0)
  const amplitudes = new Float64Array(rank)
  const values = new Float32Array(count * SIZE).fill(3)
  for (let n = 0; n < count; n++) {
    stream.normalsInto(amplitudes, n + 1)
    for (let k = 0; k < rank; k++) {
      for (let d = 0; d < SIZE; d++) values[n * SIZE + d] += 2 ** -k * amplitudes[k] * directions[k * SIZE + d]
    }
  }
  return { grid: GRID, count, values }
}

const centred = (batch: TraceBatch): Matrix => {
  const m = new Matrix(Array.from({ length: batch.count }, (_, n) => batch.values.subarray(n * SIZE, (n + 1) * SIZE)))
  return m.subRowVector(m.mean('column'))
}

describe('fitReduction', () => {
  const batch = batchOf(20)
  const reduction = fitReduction(batch, { modes: 12 })

  it("finds ml-matrix's singular values and energy", () => {
    const exact = new SingularValueDecomposition(centred(batch), { autoTranspose: true }).diagonal
    reduction.singularValues.forEach((s, k) => {
      expect(Math.abs(s / exact[k] - 1)).toBeLessThan(1e-8)
    })
    const total = exact.reduce((sum, s) => sum + s * s, 0)
    const kept = exact.slice(0, 12).reduce((sum, s) => sum + s * s, 0)
    expect(energyFraction(reduction)).toBeCloseTo(kept / total, 10)
  })

  it('has orthonormal modes', () => {
    const m = new Matrix(Array.from({ length: 12 }, (_, k) => reduction.modes.subarray(k * SIZE, (k + 1) * SIZE)))
    expect(m.mmul(m.transpose()).sub(Matrix.eye(12)).norm()).toBeLessThan(1e-12)
  })

  it('gives training coefficients mean 0 and variance s²/N', () => {
    const a = encodeBatch(reduction, batch)
    for (const k of [0, 5, 11]) {
      let sum = 0
      let squares = 0
      for (let n = 0; n < COUNT; n++) {
        sum += a[n * 12 + k]
        squares += a[n * 12 + k] ** 2
      }
      const s = reduction.singularValues[k]
      expect(Math.abs(sum)).toBeLessThan(1e-6 * s)
      expect(Math.abs(squares / (s * s) - 1)).toBeLessThan(1e-8)
    }
  })

  it('drops directions that the traces do not span', () => {
    expect(fitReduction(batchOf(5), { modes: 30 }).modeCount).toBe(5)
    expect(fitReduction(batchOf(20, 8), { modes: 30 }).modeCount).toBe(7)
  })

  it('truncates to views of the leading modes', () => {
    const small = truncateReduction(reduction, 4)
    expect(small.modes.buffer).toBe(reduction.modes.buffer)
    expect(small.modes).toEqual(reduction.modes.slice(0, 4 * SIZE))
    expect(energyFraction(small)).toBe(energyFraction(reduction, 4))
    expect(() => truncateReduction(reduction, 13)).toThrow(/rank: expected a whole number from 1 to 12, received 13/)
  })

  it('names every problem of its input', () => {
    const bad = { ...batch, values: batch.values.map((v, i) => (i === 7 ? Number.NaN : v)).subarray(1) }
    const attempt = () => fitReduction(bad, { modes: 0 })
    expect(attempt).toThrow(InvalidInput)
    expect(attempt).toThrow(
      /4800 values, received 4799[\s\S]*modes: [\s\S]*trace 0: expected finite values, received NaN in frame 0 /,
    )
    expect(() => fitReduction({ ...batch, values: new Float32Array(batch.values.length) }, { modes: 3 })).toThrow(
      /differ/,
    )
  })
})

describe('fitReduction refuses', () => {
  const batch = batchOf(20)
  const attempt = (count: number, values: Float32Array) => () =>
    fitReduction({ grid: GRID, count, values }, { modes: 3 })

  it('one trace', () => {
    expect(attempt(1, batch.values.slice(0, SIZE))).toThrow(InvalidInput)
    expect(attempt(1, batch.values.slice(0, SIZE))).toThrow(
      'training traces: expected at least 2, since one has no law, received 1',
    )
  })

  it('traces that do not vary', () => {
    const equal = new Float32Array(9 * SIZE).map((_, at) => batch.values[at % SIZE])
    expect(attempt(9, equal)).toThrow(InvalidInput)
    expect(attempt(9, equal)).toThrow(
      /training traces: expected traces that differ from run to run .*, received 9 equal/,
    )
  })

  it('a value that is not finite, naming trace, frame, point and component', () => {
    const values = batch.values.slice()
    values[4 * SIZE + 7 * 12 + 5] = Number.NEGATIVE_INFINITY
    expect(attempt(COUNT, values)).toThrow(
      'trace 4: expected finite values, received -Infinity in frame 7 (0.00007000 s), point 2 at (0, 0) m, y',
    )
  })
})

describe('codec', () => {
  const batch = batchOf(6)
  const reduction = fitReduction(batch, { modes: 6 })
  const coefficients = encodeBatch(reduction, batch)

  it('reproduces traces of the span', () => {
    const out = new Float64Array(COUNT * SIZE)
    decodeInto(out, reduction, coefficients, COUNT)
    expect(Math.max(...out.map((v, at) => Math.abs(v - batch.values[at])))).toBeLessThan(1e-5)
    expect(decodeTrace(reduction, coefficients.subarray(6, 12)).values).toEqual(out.slice(SIZE, 2 * SIZE))
  })

  it('interleaves the same numbers', () => {
    const [out, lanes] = [new Float64Array(3 * SIZE), new Float64Array(3 * SIZE)]
    decodeInto(out, reduction, coefficients, 3)
    decodeInterleavedInto(lanes, reduction, coefficients, 3)
    expect(Float64Array.from(lanes, (_, at) => lanes[(at % SIZE) * 3 + Math.floor(at / SIZE)])).toEqual(out)
  })

  it('decodes with the leading coefficients of longer rows', () => {
    const [out, small] = [new Float64Array(2 * SIZE), new Float64Array(2 * SIZE)]
    decodeInto(out, reduction, coefficients, 2, 3)
    decodeInto(small, truncateReduction(reduction, 3), coefficients, 2, 3, 6)
    expect(out).toEqual(small)
  })

  it('encodes double and single precision alike', () => {
    const a = new Float64Array(6)
    encodeInto(a, reduction, Float64Array.from(batch.values.subarray(0, SIZE)), 1)
    expect(a).toEqual(coefficients.slice(0, 6))
  })

  it('refuses buffers that are too short', () => {
    expect(() => decodeInto(new Float64Array(5), reduction, coefficients, 1)).toThrow(/out.length: expected ≥ 120/)
  })
})

describe('leadingEigenpairs', () => {
  it('iterates the leading subspace of a large matrix', () => {
    const n = 1501
    const basis = new Float64Array(n).map((_, i) => Math.sqrt(2 / (n + 1)) * Math.sin((Math.PI * (i + 1)) / (n + 1)))
    const second = new Float64Array(n).map(
      (_, i) => Math.sqrt(2 / (n + 1)) * Math.sin((2 * Math.PI * (i + 1)) / (n + 1)),
    )
    const matrix = new Float64Array(n * n)
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) matrix[i * n + j] = 5 * basis[i] * basis[j] + 2 * second[i] * second[j]
    }
    const { values, vectors } = leadingEigenpairs(matrix, n, 2, 0)
    expect(values[0]).toBeCloseTo(5, 10)
    expect(values[1]).toBeCloseTo(2, 10)
    expect(Math.abs(basis.reduce((sum, b, i) => sum + b * vectors[i], 0))).toBeCloseTo(1, 10)
  })
})
