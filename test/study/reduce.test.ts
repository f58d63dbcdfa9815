import { describe, expect, it } from 'vitest'
import type { QuantityTable } from '../../src/study/quantity-table.ts'
import { checkVarying, relativeError } from '../../src/study/reduce.ts'
import type { Study } from '../../src/study/schema.ts'

/** A table from rows of values; NaN is a failed sample's. */
const table = (rows: readonly (readonly number[])[]): QuantityTable => ({
  count: rows.length,
  quantities: rows[0].length,
  values: Float64Array.from(rows.flat()),
  status: rows.map(() => 'ok'),
})
const at = { point: [0, 0] as [number, number] }
const quantities: Study['quantities'] = ['peak', 'clamped', 'arrival'].map((name) => ({
  ...({ name, kind: 'peak-displacement', at, component: 'x' } as const),
}))

describe('the error of a reduction', () => {
  it('is the mean over quantities of Σ|difference| / Σ|value|, over samples that are good in both', () => {
    const real = table([
      [1, 10],
      [3, -10],
      [Number.NaN, 5],
      [7, 5],
    ])
    const reduced = table([
      [1.2, 10],
      [2.8, -9],
      [5, 5],
      [Number.NaN, 5],
    ])
    expect(relativeError(real, reduced)).toBeCloseTo((0.4 / 4 + 1 / 30) / 2, 12)
  })
})

describe('quantities', () => {
  it('that vary are taken', () => {
    const rows = [
      [1, 2, 3],
      [2, 2.5, Number.NaN],
      [2, 2, 4],
    ]
    expect(() => checkVarying(quantities, table(rows))).not.toThrow()
  })

  it('that never move, or never arrive, are refused, all of them', () => {
    const rows = [
      [1, 0, Number.NaN],
      [2, 0, Number.NaN],
    ]
    expect(() => checkVarying(quantities, table(rows))).toThrow(
      "quantities[1]: expected a quantity that varies over the validation runs, received 'clamped', 0 in all\n" +
        "quantities[2]: expected a quantity that varies over the validation runs, received 'arrival', no value in any",
    )
  })
})
