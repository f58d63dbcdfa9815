import { type Axis, type Box, chart, chartGrid, dot, gridHeight, MARGIN } from '../../src/report/axes.ts'
import { placedLabels } from '../../src/report/label-places.ts'
import { diamond, legend } from '../../src/report/legend.ts'
import { figureSvg, linePath, path } from '../../src/report/svg.ts'
import { extent, padded } from '../../src/report/ticks.ts'
import type { SearchResult, TwiceJudged } from './search.ts'

const WIDTH = 1000
const HEIGHT = 300
const FRONT = '#0072b2'
const RULE = '#d55e00'
const OTHERS = '#b8c0c8'

interface Point {
  readonly flopsPerSample: number
  readonly label: string
  readonly y: number
}

const pointsOf = (all: readonly TwiceJudged[], y: (c: TwiceJudged) => number): readonly Point[] =>
  all.map((c) => ({ flopsPerSample: c.flopsPerSample, label: c.label, y: y(c) }))

const panel = (
  title: string,
  box: Box,
  [xAxis, yAxis]: readonly [Axis, Axis],
  { others, front, rule }: Readonly<Record<'others' | 'front' | 'rule', readonly Point[]>>,
): string => {
  const c = chart(box, xAxis, yAxis, title)
  const xs = front.map((p) => c.x(p.flopsPerSample))
  const ys = front.map((p) => c.y(p.y))
  return (
    c.frame +
    c.marks(
      ...others.map((p) => dot(c.x(p.flopsPerSample), c.y(p.y), 3, OTHERS)),
      path(linePath(xs, ys), { stroke: FRONT, 'stroke-width': 1.4 }),
      ...xs.map((x, i) => dot(x, ys[i], 4.5, FRONT)),
      ...rule.map((p) =>
        path(diamond(c.x(p.flopsPerSample), c.y(p.y), 6), { stroke: RULE, 'stroke-width': 1.5, fill: 'none' }),
      ),
    ) +
    placedLabels(
      front.map((p, i) => ({ x: xs[i], y: ys[i], label: p.label })),
      box,
      10,
      6,
    )
  )
}

/** Cost against distance: on the validation pairs that chose the front, all combinations; on the others, what was chosen and the rule's. */
export const paretoFigure = ({ judged, front, rule }: SearchResult): string => {
  const costs = extent(judged.map((c) => c.flopsPerSample))!
  const room = (costs[1] / costs[0]) ** 0.06
  const xAxis: Axis = { label: 'cost per sample', unit: 'FLOP', domain: [costs[0] / room, costs[1] * room], log: true }
  const axisOf = (values: readonly number[]): Axis => ({
    ...{ label: 'energy distance', unit: '1', domain: padded(extent(values)!, 0.08) },
  })
  const [left, right] = chartGrid(WIDTH, 2, 2, HEIGHT)
  const fresh = (c: TwiceJudged): number => c.fresh
  const distance = (c: TwiceJudged): number => c.distance
  const bottom = gridHeight(1, 1, HEIGHT)
  const key = legend(
    [
      { label: 'front', colour: FRONT, mark: 'dot' },
      { label: 'rule: not falling, least slope', colour: RULE, mark: 'diamond' },
      { label: 'other combinations', colour: OTHERS, mark: 'dot' },
    ],
    MARGIN.left,
    bottom + 4,
    WIDTH - 80,
  )
  return figureSvg(
    WIDTH,
    bottom + 8 + key.height,
    "Mix'n'Match: cost against distance",
    panel('Validation pairs that chose', left, [xAxis, axisOf(judged.map((c) => c.distance))], {
      others: judged.map((c) => ({ flopsPerSample: c.flopsPerSample, label: c.label, y: c.distance })),
      front: pointsOf(front, distance),
      rule: pointsOf(rule, distance),
    }),
    panel('The other validation pairs', right, [xAxis, axisOf([...front, ...rule].map(fresh))], {
      ...{ others: [], front: pointsOf(front, fresh), rule: pointsOf(rule, fresh) },
    }),
    key.svg,
  )
}
