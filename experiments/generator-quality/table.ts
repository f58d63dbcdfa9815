import { GRANULARITIES } from '../../src/generative/gan/granularity.ts'
import { widthLabel } from '../nesting/judge.ts'
import { calibratedDistance, cell, correlation, independentPerSeed, perSeed, summaryOf } from '../nesting/summary.ts'
import { type Judgement, meanKs } from './judge.ts'
import { GENERATOR } from './models.ts'
import { type Results, targetsOf } from './results.ts'

const markdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

const percent = (x: number): string => (100 * x).toFixed(2)
const listed = (values: readonly number[], digits: number): string => values.map((v) => v.toFixed(digits)).join(', ')

/** p-values of the parts of the first block, by name: what a rejection is about. */
const partsOf = ({ joint: [{ test }] }: Judgement): string =>
  test.parts.map(({ name, standardised }) => `${name} ${standardised.toFixed(1)}`).join(', ')

const judgedRow = (name: string, judgement: Judgement): readonly string[] => {
  const { fields, joint } = judgement
  return [
    ...[name, percent(fields.mean), percent(fields.deviation), meanKs(judgement).toFixed(4)],
    listed(
      joint.map(({ test }) => test.pValue),
      3,
    ),
    partsOf(judgement),
    listed(
      joint.map(({ strict }) => strict),
      3,
    ),
    joint
      .map(({ excess: { excess, lower, upper } }) => `${excess.toFixed(4)} [${listed([lower, upper], 4)}]`)
      .join(', '),
    joint.map(({ scaled }) => listed(scaled, 3)).join('; '),
  ]
}

const judgedTable = ({ real, generators, baselines, recipe }: Results): string =>
  markdown(
    [
      ...['model', 'mean trace, %', 'deviation, %', 'mean KS', 'joint test, p', 'deviations above chance', 'strict, p'],
      ...['energy distance, 90 % interval', `p with scale times ${recipe.wrongScales.join('; ')}`],
    ],
    [
      judgedRow('real runs', real),
      ...generators.map(({ seed, judgement }) => judgedRow(`generator, seed ${seed}`, judgement)),
      ...baselines.map(({ name, judgement }) => judgedRow(name, judgement)),
    ],
  )

const widthTable = ({ widths, recipe }: Results): string => {
  const level = 1 - recipe.level
  const summary = (values: ReadonlyMap<number, number>, digits: number): string =>
    cell(summaryOf([...values.values()], level), digits)
  return markdown(
    ['', ...GRANULARITIES.map(widthLabel)],
    [
      [
        'energy distance, calibrated',
        ...GRANULARITIES.map((g) => summary(perSeed(widths, GENERATOR, g, calibratedDistance), 4)),
      ],
      [
        'the same, as it was trained',
        ...GRANULARITIES.map((g) =>
          summary(
            perSeed(widths, GENERATOR, g, ({ distance }) => distance.raw),
            4,
          ),
        ),
      ],
      [
        'network of its size, calibrated',
        ...GRANULARITIES.map((g) => summary(independentPerSeed(widths, g, calibratedDistance), 4)),
      ],
      ...(['raw', 'calibrated'] as const).map((kind) => [
        `correlation of the quantities, ${kind}`,
        ...GRANULARITIES.map((g) =>
          summary(
            perSeed(widths, GENERATOR, g, (w) => correlation(w)[kind]),
            3,
          ),
        ),
      ]),
    ],
  )
}

const headOf = ({
  recipe,
  recipeHash,
  studyHash,
  split,
  runs,
  modes,
  generators,
  executor,
  margin,
}: Results): string => {
  const seeds = generators.map(({ seed }) => seed)
  const part = seeds.length < recipe.seeds.length ? ` of ${recipe.seeds.length}: a part of the study` : ''
  const what = split === 'test' ? 'held-out test runs' : 'validation runs, which also chose; no test run was read'
  return [
    `${runs} ${what}; ${modes} modes; seeds ${seeds.join(', ')}${part}; executor ${executor}.`,
    `Recipe \`${recipeHash}\`, study \`${studyHash.slice(0, 16)}\`.`,
    `Margin: ${margin.toFixed(4)}, the energy distance of validation runs whose scale is times ${recipe.marginScale}.`,
  ].join('\n')
}

export const tablesOf = (results: Results): string =>
  [
    headOf(results),
    markdown(
      ['number', 'real runs', 'measured', 'target', ''],
      targetsOf(results).map((t) => [t.name, t.floor, t.measured, t.wanted, t.met ? 'met' : '**missed**']),
    ),
    'Each model. A generator is tested on its own block of held-out runs, a baseline on every block:',
    judgedTable(results),
    'Granularities, mean over the seeds with interval:',
    widthTable(results),
  ].join('\n\n')
