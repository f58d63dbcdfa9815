import { Matrix, SingularValueDecomposition } from 'ml-matrix'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { encodeBatch, encodeInto } from '../../src/trace/codec.ts'
import { fitReduction, type Reduction, type ReductionOptions, STREAM_BLOCK } from '../../src/trace/reduction.ts'
import { reductionStream, type StreamedReduction } from '../../src/trace/streaming-reduction.ts'
import { type TraceBatch, type TraceGrid, traceSize } from '../../src/trace/trace.ts'

const GRID: TraceGrid = { points: new Float64Array(2 * 10), components: 2, frames: 20, frameStep: 1e-5 }
const SIZE = traceSize(GRID)

/** Traces of `rank` random directions with amplitudes decay^k about a mean that drifts, so that block means differ. */
const batchOf = (count: number, rank: number, decay: number): TraceBatch => {
  const stream = randomStream(3, 'test/stream')
  const directions = new Float64Array(rank * SIZE)
  stream.normalsInto(directions, 0)
  const amplitudes = new Float64Array(rank)
  const values = new Float32Array(count * SIZE)
  const row = new Float64Array(SIZE)
  for (let n = 0; n < count; n++) {
    stream.normalsInto(amplitudes, n + 1)
    row.fill(3 + n / count)
    for (let k = 0; k < rank; k++) {
      for (let d = 0; d < SIZE; d++) row[d] += decay ** k * amplitudes[k] * directions[k * SIZE + d]
    }
    values.set(row, n * SIZE)
  }
  return { grid: GRID, count, values }
}

/** The traces in pieces of these sizes, again and again. */
const inPieces = (batch: TraceBatch, sizes: readonly number[]): TraceBatch[] => {
  const pieces: TraceBatch[] = []
  for (let at = 0, k = 0; at < batch.count; k++) {
    const count = Math.min(sizes[k % sizes.length], batch.count - at)
    pieces.push({ ...batch, count, values: batch.values.subarray(at * SIZE, (at + count) * SIZE) })
    at += count
  }
  return pieces
}

const streamed = (pieces: readonly TraceBatch[], options: ReductionOptions): StreamedReduction => {
  const stream = reductionStream(GRID, options)
  for (const piece of pieces) stream.add(piece)
  return stream.finish()
}

const rowsOf = ({ modes, modeCount }: Reduction): Matrix =>
  new Matrix(Array.from({ length: modeCount }, (_, k) => modes.subarray(k * SIZE, (k + 1) * SIZE)))

/** Sine of the largest angle between the spaces of the leading `rank` modes: ‖(I − P_b) Φ_a‖. */
const angle = (a: Reduction, b: Reduction, rank: number): number => {
  const [x, y] = [a, b].map((r) => rowsOf(r).subMatrix(0, rank - 1, 0, SIZE - 1))
  const outside = x.clone().sub(x.mmul(y.transpose()).mmul(y))
  return new SingularValueDecomposition(outside, { autoTranspose: true }).diagonal[0]
}

describe('a streamed reduction', () => {
  const COUNT = 2 * STREAM_BLOCK + 37
  const MODES = 24
  const batch = batchOf(COUNT, 200, 0.9)
  const exact = new SingularValueDecomposition(
    (() => {
      const m = new Matrix(Array.from({ length: COUNT }, (_, n) => batch.values.subarray(n * SIZE, (n + 1) * SIZE)))
      return m.subRowVector(m.mean('column'))
    })(),
    { computeLeftSingularVectors: false, computeRightSingularVectors: false },
  ).diagonal
  const { reduction, missed } = streamed(inPieces(batch, [64]), { modes: MODES })
  const dense = fitReduction(batch, { modes: MODES })

  it('has the singular values of the dense decomposition', () => {
    reduction.singularValues.forEach((s, k) => {
      expect(Math.abs(s / exact[k] - 1)).toBeLessThan(1e-6)
    })
  })

  it('bounds what it misses, from both sides', () => {
    expect(missed).toBeGreaterThan(0)
    expect(missed).toBeLessThan(0.01 * exact[MODES - 1] ** 2)
    const slack = 1e-10 * exact[0] ** 2
    reduction.singularValues.forEach((s, k) => {
      expect(exact[k] ** 2 - s ** 2).toBeLessThan(missed + slack)
      expect(s ** 2 - exact[k] ** 2).toBeLessThan(slack)
    })
  })

  it('spans the space of the dense modes', () => {
    for (const rank of [1, 8, MODES]) expect(angle(reduction, dense, rank)).toBeLessThan(1e-3)
    expect(angle(reduction, dense, 8)).toBeLessThan(1e-6)
  })

  it('has orthonormal modes', () => {
    const m = rowsOf(reduction)
    expect(m.mmul(m.transpose()).sub(Matrix.eye(MODES)).max()).toBeLessThan(1e-12)
    expect(m.mmul(m.transpose()).sub(Matrix.eye(MODES)).min()).toBeGreaterThan(-1e-12)
  })

  it("has the dense one's mean to the bit, and its energy", () => {
    expect(reduction.mean).toEqual(dense.mean)
    expect(Math.abs(reduction.totalEnergy / dense.totalEnergy - 1)).toBeLessThan(1e-10)
  })

  it('loses as little energy as the best reduction of that rank does', () => {
    const kept = (r: Reduction): number => encodeBatch(r, batch).reduce((sum, a) => sum + a * a, 0)
    expect(kept(reduction) / kept(dense)).toBeGreaterThan(1 - 1e-8)
  })

  it.each([[[1]], [[17, 300, 5]], [[COUNT]]])('has the same bits for pieces of %j', (sizes) => {
    expect(streamed(inPieces(batch, sizes), { modes: MODES })).toEqual({ reduction, missed })
  })

  it('is exact where nothing is discarded', () => {
    const few = batchOf(STREAM_BLOCK + 3, 30, 0.7)
    const stream = streamed([few], { modes: 40 })
    const gram = fitReduction(few, { modes: 40 })
    // What each block discards are the directions that only single precision made.
    expect(stream.missed).toBeLessThan(1e-12 * gram.singularValues[0] ** 2)
    expect(stream.reduction.modeCount).toBe(gram.modeCount)
    const leading = gram.singularValues.subarray(0, 20)
    leading.forEach((s, k) => {
      expect(Math.abs(stream.reduction.singularValues[k] / s - 1)).toBeLessThan(1e-7)
    })
  })

  it('takes fewer traces than a block', () => {
    const few = batchOf(9, 30, 0.9)
    expect(streamed([few], { modes: 30 }).reduction.modeCount).toBe(8)
    expect(angle(streamed([few], { modes: 30 }).reduction, fitReduction(few, { modes: 30 }), 8)).toBeLessThan(1e-6)
  })

  it('has the modes of the H1 norm too', () => {
    const some = batchOf(STREAM_BLOCK + 30, 60, 0.8)
    const stream = streamed([some], { modes: 8, norm: 'h1' }).reduction
    const gram = fitReduction(some, { modes: 8, norm: 'h1' })
    stream.singularValues.forEach((s, k) => {
      expect(Math.abs(s / gram.singularValues[k] - 1)).toBeLessThan(1e-8)
    })
    const between = new Float64Array(8 * 8)
    // Coefficients of one's modes in the other: an orthogonal matrix, diagonal but for signs where the values are distinct.
    encodeInto(between, { ...gram, mean: new Float64Array(SIZE) }, stream.modes, 8)
    for (let j = 0; j < 8; j++)
      for (let k = 0; k < 8; k++) expect(Math.abs(between[8 * j + k])).toBeCloseTo(j === k ? 1 : 0, 6)
  })
})

describe('a stream refuses', () => {
  const batch = batchOf(20, 5, 0.5)

  it('a value that is not finite, naming trace, frame and point', () => {
    const values = batch.values.slice()
    values[7 * SIZE + 3 * 20 + 5] = Number.NaN
    const stream = reductionStream(GRID, { modes: 4 })
    stream.add(batch)
    const attempt = () => stream.add({ ...batch, values })
    expect(attempt).toThrow(InvalidInput)
    expect(attempt).toThrow(
      /^trace 27: expected finite values, received NaN in frame 3 \(0\.00003000 s\), point 2 at \(0, 0\) m, y$/,
    )
  })

  it('one trace, and traces that do not vary', () => {
    const stream = (count: number, values: Float32Array) => () =>
      streamed([{ grid: GRID, count, values }], { modes: 4 })
    expect(stream(1, new Float32Array(SIZE).fill(2))).toThrow(/at least 2, since one has no law, received 1/)
    expect(stream(0, new Float32Array(0))).toThrow(/at least 2, since one has no law, received 0/)
    const same = batch.values.slice(0, SIZE)
    const equal = new Float32Array(300 * SIZE).map((_, at) => same[at % SIZE])
    expect(stream(300, equal)).toThrow(/traces that differ from run to run .*, received 300 equal ones/)
    expect(stream(300, equal)).toThrow(InvalidInput)
  })

  it('traces of another size, and no modes', () => {
    expect(() => reductionStream(GRID, { modes: 4 }).add({ ...batch, grid: { ...GRID, frames: 7 } })).toThrow(
      /batch.grid: expected 400 values per trace, received 140/,
    )
    expect(() => reductionStream(GRID, { modes: 0 })).toThrow(/modes: expected a whole number ≥ 1/)
  })
})
