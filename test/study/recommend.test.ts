import { describe, expect, it } from 'vitest'
import { randomStream } from '../../src/numeric/random.ts'
import { ksByQuantity } from '../../src/study/quantity-table.ts'
import { type ConditionedTable, recommend } from '../../src/study/recommend.ts'
import { meanCorrelation } from '../../src/study/report-panels.ts'

/** n samples at uniform θ ∈ [−1, 1]^p of a law of (θ, standard normal, spare standard normal). */
const table = (
  name: string,
  n: number,
  law: (theta: number[], z: number, spare: number) => number,
  p = 1,
): ConditionedTable => {
  const stream = randomStream(3, name)
  const conditions = new Float64Array(n * p)
  const values = new Float64Array(n)
  const u = new Float64Array(p)
  const z = new Float64Array(2)
  for (let i = 0; i < n; i++) {
    stream.uniformsInto(u, 2 * i)
    conditions.set(
      u.map((x) => 2 * x - 1),
      i * p,
    )
    stream.normalsInto(z, 2 * i + 1)
    values[i] = law([...conditions.subarray(i * p, (i + 1) * p)], z[0], z[1])
  }
  return { table: { count: n, quantities: 1, values, status: new Array(n).fill('ok') }, conditions }
}
const right = ([theta]: number[], z: number): number => 3 * theta + z
/** The right law of all samples together, at no θ. */
const blind = (_: number[], z: number, spare: number): number => 3 * Math.tanh(2 * spare) * 0.9 + z
const wrong = ([theta]: number[], z: number): number => 3 * theta + 1 + 2 * z

const real = table('real', 400, right)

describe('the recommended model', () => {
  it('is the one closest to the validation runs, with its distance', () => {
    const { model, scores, reason } = recommend(
      { 'scale-gauss': table('a', 1000, wrong), gan: table('b', 1000, right) },
      real,
    )
    expect(model).toBe('gan')
    expect(scores['gan']).toBeLessThan(0.1)
    expect(scores['scale-gauss']).toBeGreaterThan(0.2)
    expect(reason).toBe(
      `gan has a mean KS distance within strata of θ of ${scores['gan'].toFixed(3)} on the validation runs, the smallest of all models.`,
    )
  })

  it('is not one that has the right law of all samples but ignores θ', () => {
    const { model, scores } = recommend({ 'scale-gauss': table('c', 1000, blind), gan: table('d', 1000, right) }, real)
    expect(model).toBe('gan')
    expect(scores['scale-gauss']).toBeGreaterThan(3 * scores['gan'])
  })

  it('is the simpler law when the runs cannot tell, whichever has the smaller distance', () => {
    const names = ['e', 'f'].map((name) => table(name, 1000, right))
    for (const [simple, stored] of [names, [...names].reverse()]) {
      const { model, reason } = recommend({ 'local-bootstrap': stored, 'residual-bootstrap': simple }, real)
      expect(model).toBe('residual-bootstrap')
      expect(reason).toMatch(
        /, which these runs cannot tell apart, and local-bootstrap has few stored residuals for each θ\.$|local-bootstrap cannot be told apart from it\.$/,
      )
    }
  })

  it('does not depend on failed samples', () => {
    const spoilt = table('b', 1000, right)
    const values = spoilt.table.values.slice()
    for (let i = 0; i < 300; i++) values[i] = Number.NaN
    const { model } = recommend(
      { 'scale-gauss': table('a', 1000, wrong), gan: { ...spoilt, table: { ...spoilt.table, values } } },
      real,
    )
    expect(model).toBe('gan')
  })

  it('gains nothing by failing in a whole stratum', () => {
    const all = table('b', 1000, right)
    const values = all.table.values.map((v, n) => (all.conditions[n] > 0 ? Number.NaN : v))
    const half = { ...all, table: { ...all.table, values } }
    const { model, scores } = recommend({ gan: half, 'scale-gauss': table('a', 1000, wrong) }, real)
    expect(scores['gan']).toBeGreaterThan(0.5)
    expect(model).toBe('scale-gauss')
  })

  it('is found with few validation runs in many strata', () => {
    const law = ([a, b]: number[], z: number): number => a + b + 0.3 * z
    const few = table('few', 20, law, 2)
    const tables = ['g', 'h'].map((name) => table(name, 400, law, 2))
    for (const [simple, network] of [tables, [...tables].reverse()]) {
      const { model, scores } = recommend({ 'scale-gauss': simple, gan: network }, few)
      expect(Math.abs(scores['gan'] - scores['scale-gauss'])).toBeLessThan(0.1)
      expect(model).toBe('scale-gauss')
    }
  })

  it('is the same every time', () => {
    const models = { 'scale-gauss': table('a', 300, wrong), gan: table('b', 300, right) }
    expect(recommend(models, real)).toEqual(recommend(models, real))
  })
})

describe('a model whose samples all fail', () => {
  const failed = (name: string): ConditionedTable => {
    const made = table(name, 200, right)
    return {
      ...made,
      table: { ...made.table, values: new Float64Array(200).fill(Number.NaN), status: new Array(200).fill('unstable') },
    }
  }

  it('is as far from real as can be, and not recommended', () => {
    const { model, scores } = recommend(
      { 'scale-gauss': failed('f'), 'gaussian-mixture': table('g', 500, right) },
      real,
    )
    expect(model).toBe('gaussian-mixture')
    expect(scores['scale-gauss']).toBe(1)
  })

  it('has a result in the report all the same', () => {
    const none = failed('f').table
    const [ks] = ksByQuantity(none, real.table)
    expect(ks).toBeNaN()
    expect(meanCorrelation(none, real.table)).toBeNaN()
  })
})
