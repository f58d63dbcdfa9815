import { meanInterval } from '../../src/uq/mean.ts'
import { advantage, type MixConfig, type SearchResult, type TwiceJudged } from './search.ts'

const rowOf = (c: TwiceJudged, rule: ReadonlySet<string>): string =>
  `| ${c.label} | ${(c.flopsPerSample / 1e3).toFixed(1)} | ${c.distance.toFixed(4)} | ${c.fresh.toFixed(4)} | ${c.correlation.toFixed(3)} | ${rule.has(c.label) ? 'yes' : ''} |`

const HEAD = `| combination | kFLOP per sample | distance | distance, other half | correlation | rule |
|---|---|---|---|---|---|`

const signed = (x: number): string => `${x >= 0 ? '+' : '−'}${Math.abs(x).toFixed(4)}`

/** Mean over the seeds with Student's interval; the number alone with one seed. */
const overSeeds = (values: readonly number[], level: number): string => {
  if (values.length < 2) return signed(values[0])
  const { value, interval } = meanInterval(values, level)
  return `${signed(value)} [${signed(interval[0])}, ${signed(interval[1])}]`
}

/** The tables of the README: front and uniform widths of the first seed, then every seed. */
export const tablesOf = ({ level }: MixConfig, results: readonly SearchResult[]): string => {
  const [first] = results
  const named = new Set(first.rule.map(({ label }) => label))
  const perSeed = results.map((r) => {
    const cells = [
      r.seed,
      r.judged.length,
      r.front.length,
      r.front.filter((f) => r.rule.some((c) => c.label === f.label)).length,
    ]
    return `| ${cells.join(' | ')} | ${signed(advantage(r, (c) => c.distance))} | ${signed(advantage(r, (c) => c.fresh))} |`
  })
  const overall = overSeeds(
    results.map((r) => advantage(r, (c) => c.fresh)),
    level,
  )
  return [
    `The front of seed ${first.seed}, cheapest first:`,
    [HEAD, ...first.front.map((c) => rowOf(c, named))].join('\n'),
    'The uniform widths of the same network:',
    [HEAD, ...first.uniform.map((c) => rowOf(c, named))].join('\n'),
    'Every seed; front minus rule is the mean, over the costs of the combinations that the rule names, of the difference of distances:',
    [
      '| seed | judged | on the front | of them the rule names | front minus rule | front minus rule, other half |',
      '|---|---|---|---|---|---|',
      ...perSeed,
    ].join('\n'),
    `Mean over seeds of the last column, with interval: ${overall}.`,
  ].join('\n\n')
}
