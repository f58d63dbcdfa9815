import { gatherRows } from '../generative/training-data.ts'
import { ksStatistic } from '../uq/ks.ts'
import { readSeries } from './chunks.ts'
import type { StudyFolder } from './folder.ts'

/** Samples of every quantity of a series; a failed sample is NaN in its row, with its reason in `status`. */
export interface QuantityTable {
  readonly count: number
  readonly quantities: number
  /** [n · q] */
  readonly values: Float64Array
  readonly status: readonly string[]
}

/** Reads a finished series in sample order. */
export const readTable = async (
  folder: StudyFolder,
  path: string,
  total: number,
  quantities: number,
): Promise<QuantityTable> => {
  const values = new Float64Array(total * quantities)
  const status: string[] = []
  for await (const { start, data } of readSeries(folder, path, total)) {
    values.set(data['quantities'] as Float64Array, start * quantities)
    status.push(...(data['status'] as string[]))
  }
  status.forEach((s, n) => {
    if (s !== 'ok') values.fill(Number.NaN, n * quantities, (n + 1) * quantities)
  })
  return { count: total, quantities, values, status }
}

/** The first n samples. */
export const head = (table: QuantityTable, n: number): QuantityTable => ({
  ...table,
  count: Math.min(n, table.count),
  values: table.values.subarray(0, n * table.quantities),
  status: table.status.slice(0, n),
})

/** The samples with these numbers, in this order. */
export const tableRows = (table: QuantityTable, rows: readonly number[]): QuantityTable => ({
  ...table,
  count: rows.length,
  values: gatherRows(table.values, table.quantities, rows),
  status: rows.map((n) => table.status[n]),
})

export const column = ({ values, quantities, count }: QuantityTable, q: number): Float64Array =>
  Float64Array.from({ length: count }, (_, n) => values[n * quantities + q])

export const failures = (table: QuantityTable): number => table.status.filter((s) => s !== 'ok').length

/** Two-sample KS distance of each quantity; NaN where all samples of one side failed. */
export const ksByQuantity = (a: QuantityTable, b: QuantityTable): number[] =>
  Array.from({ length: a.quantities }, (_, q) => {
    const [x, y] = [column(a, q), column(b, q)]
    return [x, y].every((values) => values.some(Number.isFinite)) ? ksStatistic(x, y) : Number.NaN
  })

export const average = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length
