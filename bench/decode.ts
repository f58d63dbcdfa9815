import { Matrix } from 'ml-matrix'
import { LANES } from '../src/numeric/kernels/lanes.ts'
import { decodeInto } from '../src/trace/codec.ts'
import { leadingFrames, prepareDecoder } from '../src/trace/decoder.ts'
import { traceSize } from '../src/trace/trace.ts'
import type { Bench } from './bench.ts'
import { medianSeconds, mustAgree } from './bench.ts'
import { coefficientsOf, MODES, waveReduction } from './plate.ts'

const REPEATS = 9
/** The size of the plate's traces. */
const GRID = { points: new Float64Array(2 * 112), components: 2, frames: 117, frameStep: 1e-6 } as const

const naiveInto = (
  out: Float64Array,
  mean: Float64Array,
  modes: Float64Array,
  a: Float64Array,
  count: number,
): void => {
  const size = mean.length
  for (let n = 0; n < count; n++) {
    for (let d = 0; d < size; d++) {
      let sum = mean[d]
      for (let k = 0; k < MODES; k++) sum += a[n * MODES + k] * modes[k * size + d]
      out[n * size + d] = sum
    }
  }
}

const matrixOf = (values: Float64Array, rows: number): Matrix => {
  const columns = values.length / rows
  return new Matrix(Array.from({ length: rows }, (_, i) => [...values.subarray(i * columns, (i + 1) * columns)]))
}

export const bench: Bench = {
  about: 'decoding traces, as the submodel asks for them, against a triple loop and ml-matrix',
  run: async () => {
    const reduction = waveReduction(GRID)
    const { mean, modes } = reduction
    const size = traceSize(GRID)
    const coefficients = coefficientsOf(LANES)
    const ours = new Float64Array(LANES * size)
    const theirs = new Float64Array(LANES * size)
    const prepared = prepareDecoder(reduction, { lanes: LANES })
    const half = prepareDecoder(reduction, { lanes: LANES, entries: leadingFrames(GRID, (GRID.frames + 1) / 2) })
    const ready = new Float64Array(LANES * size)
    const some = new Float64Array(LANES * half.size)
    const [left, right, shift] = [matrixOf(coefficients, LANES), matrixOf(modes, MODES), [...mean]]
    let product = new Matrix(0, 0)
    const seconds = await medianSeconds(
      {
        blocked: () => decodeInto(ours, reduction, coefficients, LANES, MODES, MODES),
        prepared: () => prepared.decodeInto(ready, coefficients, LANES, MODES),
        half: () => half.decodeInto(some, coefficients, LANES, MODES),
        naive: () => naiveInto(theirs, mean, modes, coefficients, LANES),
        matrix: () => {
          product = left.mmul(right).addRowVector(shift)
        },
      },
      REPEATS,
    )
    const gigaflops = (time: number): number => (2 * LANES * MODES * size) / time / 1e9
    return {
      figures: [
        { key: 'decodeInto', value: gigaflops(seconds.blocked), unit: 'GFLOP/s' },
        { key: 'prepared', value: gigaflops(seconds.prepared), unit: 'GFLOP/s, modes laid out once' },
        { key: 'naive', value: gigaflops(seconds.naive), unit: 'GFLOP/s, triple loop' },
        { key: 'mlMatrix', value: gigaflops(seconds.matrix), unit: 'GFLOP/s, mmul' },
        { key: 'preparedRatio', value: seconds.blocked / seconds.prepared, unit: 'times faster once laid out' },
        { key: 'halfRatio', value: seconds.prepared / seconds.half, unit: 'times faster with half of the frames' },
        { key: 'naiveRatio', value: seconds.naive / seconds.blocked, unit: 'times faster than the triple loop' },
        { key: 'mlMatrixRatio', value: seconds.matrix / seconds.blocked, unit: 'times faster than ml-matrix' },
      ],
      notes: [
        `${LANES} samples, ${MODES} modes, ${size} values each`,
        mustAgree('prepared and decodeInto', ready, ours, 0),
        mustAgree('triple loop and decodeInto', theirs, ours, 1e-12),
        mustAgree('ml-matrix and decodeInto', product.to1DArray(), ours, 1e-12),
      ],
    }
  },
}
