import { chart, chartGrid, columnsFor, gridHeight } from '../axes.ts'
import type { TrainingCurve } from '../report-data.ts'
import { emptyFigure, figureSvg, linePath, path } from '../svg.ts'
import { extent, padded } from '../ticks.ts'

const WIDTH = 860
const HEIGHT = 150
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']

/** One panel per recorded series, each with its own scale. */
export const trainingFigure = ({ iterations, series }: TrainingCurve): string => {
  const title = 'Training of the generator'
  const span = extent(Array.from(iterations))
  const drawn = series.filter((s) => extent(Array.from(s.values)) !== undefined)
  if (span === undefined || span[0] === span[1] || drawn.length === 0) return emptyFigure(title)
  const columns = columnsFor(
    WIDTH,
    drawn.map((s) => s.label),
  )
  const boxes = chartGrid(WIDTH, drawn.length, columns, HEIGHT)
  const panels = drawn.map(({ label, values }, i) => {
    const c = chart(
      boxes[i],
      { label: 'iteration', unit: '1', domain: span, ticks: 4 },
      { label: 'value', unit: '1', domain: padded(extent(Array.from(values))!, 0.08), ticks: 4 },
      label,
    )
    const line = linePath(Float64Array.from(iterations, c.x), Float64Array.from(values, c.y))
    return (
      c.frame +
      c.marks(path(line, { stroke: COLOURS[i % COLOURS.length], 'stroke-width': 1.6, 'stroke-linejoin': 'round' }))
    )
  })
  return figureSvg(WIDTH, gridHeight(drawn.length, columns, HEIGHT), title, ...panels)
}
