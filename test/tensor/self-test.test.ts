import { describe, expect, it } from 'vitest'
import type { CompiledGraph } from '../../src/tensor/compiled-graph.ts'
import { evaluate } from '../../src/tensor/evaluate.ts'
import { OP_KINDS, type Tensor } from '../../src/tensor/graph.ts'
import { selfTestFailure, selfTestGraph } from '../../src/tensor/self-test.ts'
import { reachable } from '../../src/tensor/traverse.ts'
import { toDouble, toSingle } from './numbers.ts'

type Values = Record<string, Float32Array>

/** The interpreter as an executor, its results changed by `spoil`. */
const compiler =
  (spoil: (values: Values) => void) =>
  async (outputs: Readonly<Record<string, Tensor>>): Promise<CompiledGraph> => ({
    run: async (feeds) => {
      const values = toSingle(evaluate(outputs, toDouble(feeds)))
      spoil(values)
      return values
    },
    runInto: async () => {},
    release: async () => {},
  })

describe('self-test', () => {
  it('uses every primitive that an executor meets', () => {
    const used = new Set(reachable(Object.values(selfTestGraph())).map((x) => x.op.kind))
    expect(OP_KINDS.filter((kind) => !used.has(kind))).toEqual(['stopGradient'])
  })

  it('passes an executor that is right', async () => {
    expect(await selfTestFailure(compiler(() => {}))).toBeUndefined()
  })

  it.each<[string, (v: Values) => void]>([
    ['penalty', (v) => v.penalty.fill(v.penalty[0] * 1.0001)],
    ['byX', (v) => v.byX.fill(0, 5, 6)],
    ['byW1', (v) => v.byW1.fill(Number.NaN, 1, 2)],
  ])('refuses one whose %s is wrong', async (name, spoil) => {
    expect(await selfTestFailure(compiler(spoil))).toMatch(`${name} is off by`)
  })
})
