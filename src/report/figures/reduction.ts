import { acrossLine, chart, dot } from '../axes.ts'
import { formatFixed, formatPercent } from '../format.ts'
import { legend } from '../legend.ts'
import type { ReportData } from '../report-data.ts'
import { emptyFigure, figureSvg, INK, linePath, MUTED, path, text } from '../svg.ts'
import { extent } from '../ticks.ts'

const WIDTH = 500
const HEIGHT = 180
const ERROR = '#0072b2'
const ENERGY = '#e69f00'
const TOLERANCE = '#d55e00'

const decade = (low: number, high: number): readonly [number, number] => [low / 1.6, high * 1.6]

/** Error of the quantities of interest, and energy left out, against the number of modes; log-log. */
export const reductionFigure = ({ modes, rows, tolerance }: ReportData['reduction']): string => {
  const title = 'Error of the reduction against the number of modes'
  const left = rows.map((r) => 1 - r.energy)
  const range = extent([...rows.map((r) => r.quantityError), ...left, tolerance ?? Number.NaN].filter((v) => v > 0))
  const span = extent([...rows.map((r) => r.modes), modes].filter((v) => v > 0))
  if (rows.length === 0 || range === undefined || span === undefined) return emptyFigure(title)
  const c = chart(
    { x: 64, y: 14, width: WIDTH - 80, height: HEIGHT },
    { label: 'modes kept', unit: '1', domain: [span[0] / 1.15, span[1] * 1.15], log: true },
    { label: 'relative error', unit: '%', domain: decade(...range), log: true },
  )
  const xs = rows.map((r) => c.x(r.modes))
  const errors = rows.map((r) => c.y(r.quantityError))
  const energies = left.map((e) => c.y(e))
  const chosen = c.x(modes)
  const key = legend(
    [
      { label: 'quantities of interest', colour: ERROR, mark: 'line' },
      { label: 'energy left out', colour: ENERGY, mark: 'line', dash: '7 3' },
      ...(tolerance === undefined
        ? []
        : [
            {
              label: `tolerance of the study (${formatPercent(tolerance)})`,
              colour: TOLERANCE,
              mark: 'line' as const,
              dash: '2 3',
            },
          ]),
    ],
    64,
    HEIGHT + 66,
    WIDTH - 80,
  )
  return figureSvg(
    WIDTH,
    HEIGHT + 70 + key.height,
    title,
    c.frame,
    c.marks(
      path(linePath([chosen, chosen], [14, 14 + HEIGHT]), {
        stroke: INK,
        'stroke-width': 1.2,
        'stroke-dasharray': '5 3',
      }),
      tolerance === undefined ? '' : acrossLine(c, tolerance, TOLERANCE, '2 3'),
      path(linePath(xs, energies), { stroke: ENERGY, 'stroke-width': 2, 'stroke-dasharray': '7 3' }),
      path(linePath(xs, errors), { stroke: ERROR, 'stroke-width': 2.2 }),
      ...rows.map((_, i) => dot(xs[i], energies[i], 3.5, ENERGY) + dot(xs[i], errors[i], 4, ERROR)),
    ),
    text(chosen - 6, 28, `${formatFixed(modes, 0)} modes kept`, { anchor: 'end', size: 11, fill: MUTED, halo: true }),
    key.svg,
  )
}
