/**
 * Streams COUNT synthetic traces of SIZE values through the reduction, made as they are asked for, and prints as JSON how much
 * memory that took and how far the result is from the exact one: `node test/outside/stream-traces.ts COUNT SIZE`.
 */
import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { addProductInto, rowMajor } from '../../src/numeric/blocked-product.ts'
import { randomStream } from '../../src/numeric/random.ts'
import { reductionStream } from '../../src/trace/streaming-reduction.ts'

const [count, size] = process.argv.slice(2).map(Number)
const MODES = 192
/** Directions of the traces, orthonormal, so that the exact singular values are those of the [count, RANK] amplitudes. */
const RANK = 480
const DECAY = 0.985
const BLOCK = 64

const directions = new Float64Array(RANK * size)
for (let k = 0; k < RANK; k++)
  for (let d = 0; d < size; d++)
    directions[k * size + d] = Math.sqrt(2 / (size + 1)) * Math.sin((Math.PI * (k + 1) * (d + 1)) / (size + 1))
const offset = new Float64Array(size).map((_, d) => Math.cos((20 * d) / size))

const stream = randomStream(1, 'test/outside/stream')
const amplitudes = new Float64Array(BLOCK * RANK)
const values = new Float64Array(BLOCK * size)
const sum = new Float64Array(RANK)
const squares = new Float64Array(RANK * RANK)

/** Mean and scatter of the amplitudes. */
const account = (rows: number): void => {
  for (let n = 0; n < rows; n++) {
    for (let i = 0; i < RANK; i++) {
      const a = amplitudes[n * RANK + i]
      sum[i] += a
      for (let j = 0; j < RANK; j++) squares[i * RANK + j] += a * amplitudes[n * RANK + j]
    }
  }
}

const fill = (start: number, rows: number): void => {
  for (let n = 0; n < rows; n++) {
    const row = amplitudes.subarray(n * RANK, (n + 1) * RANK)
    stream.normalsInto(row, start + n)
    for (let k = 0; k < RANK; k++) row[k] *= DECAY ** k
    values.set(offset, n * size)
  }
  addProductInto(rowMajor(values, size), rowMajor(amplitudes, RANK), rowMajor(directions, size), rows, RANK, size)
  account(rows)
}

const grid = { points: new Float64Array(2 * (size / 20)), components: 2, frames: 10, frameStep: 1e-6 } as const
const reduced = reductionStream(grid, { modes: MODES })
const began = performance.now()
for (let start = 0; start < count; start += BLOCK) {
  const rows = Math.min(BLOCK, count - start)
  fill(start, rows)
  reduced.add({ grid, count: rows, values: Float32Array.from(values.subarray(0, rows * size)) })
}
const { reduction, missed } = reduced.finish()
const seconds = (performance.now() - began) / 1000
const maxRss = process.resourceUsage().maxRSS / 1024

const scatter = Matrix.zeros(RANK, RANK)
for (let i = 0; i < RANK; i++)
  for (let j = 0; j < RANK; j++) scatter.set(i, j, squares[i * RANK + j] - (sum[i] * sum[j]) / count)
const eigenvalues = new EigenvalueDecomposition(scatter, { assumeSymmetric: true }).realEigenvalues
const exact = eigenvalues.sort((a, b) => b - a).map(Math.sqrt)

const product = new Float64Array(MODES * MODES)
addProductInto(
  rowMajor(product, MODES),
  rowMajor(reduction.modes, size),
  { values: reduction.modes, offset: 0, rowStride: 1, columnStride: size },
  MODES,
  size,
  MODES,
)
const largest = (values: ArrayLike<number>): number => Array.from(values).reduce((m, v) => Math.max(m, Math.abs(v)), 0)
console.log(
  JSON.stringify({
    maxRss,
    seconds,
    modes: reduction.modeCount,
    singularError: largest(reduction.singularValues.map((s, k) => s / exact[k] - 1)),
    missedShare: missed / exact[MODES - 1] ** 2,
    belowBound: reduction.singularValues.every((s, k) => exact[k] ** 2 - s ** 2 <= missed + 1e-6 * exact[k] ** 2),
    orthonormality: largest(product.map((v, at) => v - (at % (MODES + 1) === 0 ? 1 : 0))),
    meanError: largest(
      reduction.mean.map((m, d) => {
        let expected = offset[d]
        for (let k = 0; k < RANK; k++) expected += (sum[k] / count) * directions[k * size + d]
        return m - expected
      }),
    ),
  }),
)
