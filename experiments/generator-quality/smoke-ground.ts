import { type FieldMap, fieldMoments, sampleOf } from '../../src/generative/distances.ts'
import type { TrainingData } from '../../src/generative/training-data.ts'
import type { QuantityTable } from '../../src/study/quantity-table.ts'
import { branches, smokeData } from '../experiment-data.ts'
import type { Ground } from './held.ts'

const TEST_RUNS = 200

/** A field of as many values as modes: the coefficients themselves, about 1. */
const fieldOf = (modes: number): FieldMap => ({
  mean: new Float64Array(modes).fill(1),
  modes: Float64Array.from({ length: modes ** 2 }, (_, at) => (at % (modes + 1) === 0 ? 1 : 0)),
})

/** Two quantities of a law without a structure: the size of a row, and its largest number. */
const quantitiesOf = (coefficients: Float64Array, n: number): Float64Array => {
  const modes = coefficients.length / n
  const out = new Float64Array(2 * n)
  for (let i = 0; i < n; i++) {
    const row = coefficients.subarray(i * modes, (i + 1) * modes)
    out[2 * i] = Math.hypot(...row)
    out[2 * i + 1] = Math.max(...row)
  }
  return out
}

const tableOf = ({ coefficients, count }: TrainingData): QuantityTable => ({
  ...{ count, quantities: 2, values: quantitiesOf(coefficients, count), status: new Array(count).fill('ok') },
})

/** A law that is made in no time, with held-out runs of its own. */
export const smokeGround = (): Ground => {
  const data = smokeData()
  const { training } = data
  const fields = fieldOf(training.modes)
  const momentsOf = (d: TrainingData) => fieldMoments(fields, sampleOf(d.coefficients, d.modes))
  return {
    data,
    hash: data.hash,
    open: async (split) => {
      const runs = split === 'test' ? branches(TEST_RUNS, 'test') : data.validation
      return {
        ...{ split, runs, fields },
        moments: { training: momentsOf(training), held: momentsOf(runs) },
        tables: { training: tableOf(training), held: tableOf(runs) },
        quantities: async (coefficients, n) => quantitiesOf(coefficients, n),
      }
    },
  }
}
