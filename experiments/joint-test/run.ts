/**
 * How often each statistic of the joint two-sample test rejects laws that are wrong in a known way.
 * `node experiments/joint-test/run.ts [--smoke] [n] [modes] [replications]`
 */
import { jointRows } from '../../src/generative/joint-rows.ts'
import { jointTest } from '../../src/generative/joint-test.ts'
import { euclideanDistances, groupedDistances } from '../../src/generative/pair-distances.ts'
import { type EnergyUnderRelabelling, permutationPValue, withinPairs } from '../../src/generative/relabelling.ts'
import type { TrainingData } from '../../src/generative/training-data.ts'
import { REAL, rowsOf, WRONG } from './laws.ts'

const args = process.argv.slice(2)
const smoke = args.includes('--smoke')
const [n, modes, replications] = [0, 1, 2].map((at) =>
  Number(args.filter((a) => a !== '--smoke')[at] ?? (smoke ? [60, 12, 2] : [400, 100, 20])[at]),
)
const PERMUTATIONS = smoke ? 39 : 99
const LEVEL = 0.05

type Statistic = (relabelled: EnergyUnderRelabelling, x: TrainingData, y: TrainingData) => Float64Array

const grouped =
  (group: number): Statistic =>
  (relabelled, x, y) =>
    relabelled(groupedDistances(group, x.conditionCount), jointRows(x), jointRows(y))
const leading =
  (count: number): Statistic =>
  (relabelled, x, y) =>
    relabelled(euclideanDistances, jointRows(x, Math.min(count, x.modes)), jointRows(y, Math.min(count, y.modes)))

const STATISTICS: Readonly<Record<string, Statistic>> = {
  all: (relabelled, x, y) => relabelled(euclideanDistances, jointRows(x), jointRows(y)),
  first: leading(1),
  'first 8': leading(8),
  'groups of 1': grouped(1),
  'groups of 2': grouped(2),
  'groups of 4': grouped(4),
}

const columns = [...Object.keys(STATISTICS), 'the test', 'strict']
console.log(
  `n = ${n}, ${modes} modes, ${replications} replications, ${PERMUTATIONS} permutations: share rejected at 5 %`,
)
console.log(`| law | ${columns.join(' | ')} |\n|---|${columns.map(() => '---').join('|')}|`)
for (const law of [REAL, ...WRONG]) {
  const rejected = new Float64Array(columns.length)
  for (let seed = 0; seed < replications; seed++) {
    const real = rowsOf(REAL, n, modes, seed, 'real')
    const model = rowsOf(law, n, modes, seed, 'model')
    const relabelled = withinPairs(n, PERMUTATIONS, seed)
    const pValues = Object.values(STATISTICS).map((s) => permutationPValue(s(relabelled, model, real)))
    for (const strict of [false, true])
      pValues.push(jointTest(model, real, { n, permutations: PERMUTATIONS, seed, strict }).pValue)
    pValues.forEach((p, k) => {
      if (p <= LEVEL) rejected[k] += 1 / replications
    })
  }
  console.log(`| ${law.name} | ${Array.from(rejected, (r) => r.toFixed(2)).join(' | ')} |`)
}
