import {
  type Axis,
  acrossLine,
  type Box,
  type Chart,
  chart,
  chartGrid,
  dot,
  gridHeight,
} from '../../src/report/axes.ts'
import { type ModelStyle, modelStyles, REFERENCE_COLOUR } from '../../src/report/colour.ts'
import type { LegendEntry } from '../../src/report/legend.ts'
import { padded } from '../../src/report/ticks.ts'
import { figureWithKey } from '../figure-with-key.ts'
import { type Judgement, meanKs } from './judge.ts'
import type { Results } from './results.ts'

const WIDTH = 1000
const HEIGHT = 210
const COLUMNS = 2
const GENERATOR = 'gan'
const FLOOR = '#8a97a5'

interface Panel {
  readonly title: string
  readonly axis: Omit<Axis, 'domain'>
  /** One number per block of the joint test, or one. */
  readonly values: (judgement: Judgement) => readonly number[]
  readonly target: number
  readonly floor?: number
}

const panelsOf = ({ recipe, real, margin }: Results): readonly Panel[] => [
  {
    ...{ title: 'joint test on all modes with θ', axis: { label: 'p-value', unit: '1', log: true } },
    values: ({ joint }) => joint.map(({ test }) => test.pValue),
    target: recipe.level,
  },
  {
    ...{ title: 'quantities of interest', axis: { label: 'KS distance, mean', unit: '1' } },
    ...{ values: (j) => [meanKs(j)], target: recipe.targets.ks, floor: meanKs(real) },
  },
  {
    ...{
      title: 'energy distance of all (w, θ), 95 % upper bound',
      axis: { label: 'energy distance', unit: '1', log: true },
    },
    // A bound of an unbiased distance can be below zero: on the log axis it stands at the lower end.
    values: ({ joint }) => joint.map(({ excess }) => Math.max(excess.upper, margin / 30)),
    target: margin,
  },
  {
    ...{ title: 'standard deviation of the trace', axis: { label: 'relative error', unit: '%' } },
    values: ({ fields }) => [fields.deviation],
    ...{ target: recipe.targets.traceDeviation, floor: real.fields.deviation },
  },
]

/** A number of a model without seeds lies across all of them; numbers per block stand beside the generator's, `shift` away. */
const drawn = (c: Chart, values: readonly number[], { colour, dash }: ModelStyle, shift: number): string =>
  values.length === 1
    ? acrossLine(c, values[0], colour, dash || 'none')
    : values.map((v, i) => dot(c.x(i + 1 + shift), c.y(v), 3, colour)).join('')

const domainOf = (log: boolean, values: readonly number[]): readonly [number, number] => {
  const known = values.filter(Number.isFinite)
  if (log) return [Math.min(...known) / 1.5, 1.2 * Math.max(1, ...known)]
  return padded([Math.min(0, ...known), Math.max(...known)], 0.08)
}

const drawPanel = (panel: Panel, results: Results, box: Box): string => {
  const { generators, baselines } = results
  const styles = modelStyles([GENERATOR, ...baselines.map(({ name }) => name)], GENERATOR)
  const own = generators.flatMap(({ judgement }) => panel.values(judgement))
  const others = baselines.map(({ name, judgement }) => ({ ...styles.get(name)!, values: panel.values(judgement) }))
  const all = [...own, ...others.flatMap(({ values }) => values), panel.target, panel.floor ?? panel.target]
  const seeds = Math.max(own.length, ...others.map(({ values }) => values.length))
  const yAxis: Axis = { ...panel.axis, domain: domainOf(panel.axis.log === true, all) }
  const xAxis: Axis = { label: 'seed, block of held-out runs', unit: '1', domain: [0.5, seeds + 0.5], ticks: seeds }
  const c = chart(box, xAxis, yAxis, panel.title)
  const { colour } = styles.get(GENERATOR)!
  return (
    c.frame +
    c.marks(
      acrossLine(c, panel.target, REFERENCE_COLOUR),
      panel.floor === undefined ? '' : acrossLine(c, panel.floor, FLOOR, '2 3'),
      ...others.map((other, i) => drawn(c, other.values, other, 0.06 * (i + 1))),
      ...own.map((v, i) => dot(c.x(i + 1), c.y(v), 4.5, colour)),
    )
  )
}

/** Numbers per seed against their targets, the baselines beside. */
export const qualityFigure = (results: Results): string => {
  const panels = panelsOf(results)
  const boxes = chartGrid(WIDTH, panels.length, COLUMNS, HEIGHT)
  const bottom = gridHeight(panels.length, COLUMNS, HEIGHT)
  const styles = modelStyles([GENERATOR, ...results.baselines.map(({ name }) => name)], GENERATOR)
  const entries: readonly LegendEntry[] = [
    ...[...styles.values()].map(({ name, colour, dash }) => ({
      ...{ label: name, colour, dash, mark: name === GENERATOR ? ('dot' as const) : ('line' as const) },
    })),
    { label: 'target', colour: REFERENCE_COLOUR, dash: '5 3', mark: 'line' },
    { label: 'real training runs', colour: FLOOR, dash: '2 3', mark: 'line' },
  ]
  return figureWithKey(
    WIDTH,
    bottom,
    'How good the generator is: p-value, KS distance, energy distance, deviation of the trace, per seed',
    entries,
    panels.map((panel, i) => drawPanel(panel, results, boxes[i])),
  )
}
