import { type Box, chart, MARGIN } from '../axes.ts'
import { sentenceCase } from '../format.ts'
import { legend } from '../legend.ts'
import type { TrainingCurve } from '../report-data.ts'
import { emptyFigure, figureSvg, INK, linePath, path } from '../svg.ts'
import { extent, padded } from '../ticks.ts'

const WIDTH = 430
const HEIGHT = 150
const BOX: Box = { x: MARGIN.left, y: MARGIN.top, width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT }
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']

type Series = TrainingCurve['series'][number]

/** 'distance, validation runs' is the measure 'distance' taken on 'validation runs'. */
const parts = (label: string): readonly [string, string] => {
  const comma = label.indexOf(', ')
  return comma < 0 ? [label, label] : [label.slice(0, comma), label.slice(comma + 2)]
}

const panel = (measure: string, series: readonly Series[], curve: TrainingCurve): string => {
  const title = `Training of the generator: ${measure}`
  const span = extent(Array.from(curve.iterations))
  const range = extent(series.flatMap((s) => Array.from(s.values)))
  if (span === undefined || span[0] === span[1] || range === undefined) return emptyFigure(title)
  const c = chart(
    BOX,
    { label: 'iteration', unit: '1', domain: span, ticks: 4 },
    { label: 'value', unit: '1', domain: padded(range, 0.08), ticks: 4 },
    sentenceCase(measure),
  )
  const best = c.x(curve.best ?? Number.NaN)
  const lines = series.map(({ values }, i) =>
    path(linePath(Float64Array.from(curve.iterations, c.x), Float64Array.from(values, c.y)), {
      stroke: COLOURS[i % COLOURS.length],
      'stroke-width': 1.8,
      'stroke-dasharray': i > 0 ? '6 3' : undefined,
      'stroke-linejoin': 'round',
    }),
  )
  const chosen = path(linePath([best, best], [BOX.y, BOX.y + HEIGHT]), { stroke: INK, 'stroke-dasharray': '2 3' })
  const key = legend(
    [
      ...series.map(({ label }, i) => ({
        label: parts(label)[1],
        colour: COLOURS[i % COLOURS.length],
        mark: 'line' as const,
        dash: i > 0 ? '6 3' : '',
      })),
      ...(chosen === '' ? [] : [{ label: 'weights used', colour: INK, mark: 'line' as const, dash: '2 3' }]),
    ],
    MARGIN.left,
    BOX.y + HEIGHT + MARGIN.bottom,
    BOX.width,
  )
  return figureSvg(
    WIDTH,
    BOX.y + HEIGHT + MARGIN.bottom + key.height + 4,
    title,
    c.frame,
    c.marks(chosen, ...lines),
    key.svg,
  )
}

/** A picture per measure, with all series of that measure: measures differ in scale. */
export const trainingFigures = (curve: TrainingCurve): string[] =>
  [...new Set(curve.series.map((s) => parts(s.label)[0]))].map((measure) =>
    panel(
      measure,
      curve.series.filter((s) => parts(s.label)[0] === measure),
      curve,
    ),
  )
