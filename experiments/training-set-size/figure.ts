/** Error against N, one line per model. */
import { acrossLine, type Box, chart, chartGrid, dot, gridHeight } from '../../src/report/axes.ts'
import { type ModelStyle, modelStyles, REFERENCE_COLOUR } from '../../src/report/colour.ts'
import type { LegendEntry } from '../../src/report/legend.ts'
import { linePath, path } from '../../src/report/svg.ts'
import { extent } from '../../src/report/ticks.ts'
import { figureWithKey } from '../figure-with-key.ts'
import { MEASURES, type Measure, modelsOf, type Results, type Spread, sizesOf, spreadAt } from './table.ts'

const WIDTH = 1080
const HEIGHT = 260
/** Models stand a little beside one another, so that their bars do not cover each other. */
const DODGE = 1.03
const ROOM = 1.25
/** Decades that a chart shows at most: an unbiased distance may be as near to zero as it likes. */
const DEEPEST = 1e-3

interface Line extends ModelStyle {
  readonly spreads: readonly Spread[]
}

/** What is not positive has no place on a logarithmic axis: it is drawn at its lower end. */
const domainOf = (lines: readonly Line[], floor: number): readonly [number, number] => {
  const values = [...lines.flatMap(({ spreads }) => spreads.flatMap(({ low, high }) => [low, high])), floor]
  const [low, high] = extent(values.filter((v) => v > 0)) ?? [DEEPEST, 1]
  return [Math.max(low, DEEPEST * high) / ROOM, high * ROOM]
}

const panel = (results: Results, { key, title, label, unit }: Measure, styles: readonly ModelStyle[], box: Box) => {
  const sizes = sizesOf(results)
  const lines = styles.map(
    (style): Line => ({
      ...style,
      spreads: sizes.map((size) => spreadAt(results, size, style.name as never, key)),
    }),
  )
  const floor = results.floor[key] ?? 0
  const domain = domainOf(lines, floor)
  const across = [Math.min(...sizes) / ROOM, Math.max(...sizes) * ROOM] as const
  const c = chart(
    box,
    { label: 'training runs N', unit: '1', domain: across, log: true },
    { label, unit, domain, log: true },
    title,
  )
  const y = (v: number): number => c.y(Math.max(v, domain[0]))
  const drawn = lines.map(({ spreads, colour, dash }, at) => {
    const xs = sizes.map((size) => c.x(size * DODGE ** (at - (lines.length - 1) / 2)))
    const means = spreads.map(({ mean }) => y(mean))
    const bars = spreads.map(({ low, high }, i) =>
      path(linePath([xs[i], xs[i]], [y(low), y(high)]), { stroke: colour, 'stroke-width': 1.2 }),
    )
    const line = { stroke: colour, 'stroke-width': 1.5, 'stroke-dasharray': dash || undefined }
    return [...bars, path(linePath(xs, means), line), ...means.map((m, i) => dot(xs[i], m, 3.4, colour))].join('')
  })
  return c.frame + c.marks(floor > 0 ? acrossLine(c, floor, REFERENCE_COLOUR) : '', ...drawn)
}

/** Each measure against N on logarithmic axes; bars from the least to the largest replicate. */
export const sizeFigure = (results: Results): string => {
  const styles = [...modelStyles(modelsOf(results), 'scale-gauss').values()]
  const bottom = gridHeight(MEASURES.length, MEASURES.length, HEIGHT)
  const boxes = chartGrid(WIDTH, MEASURES.length, MEASURES.length, HEIGHT)
  const entries: readonly LegendEntry[] = [
    ...styles.map(({ name, colour, dash }) => ({ label: name, colour, dash, mark: 'line' as const })),
    { label: 'real runs', colour: REFERENCE_COLOUR, dash: '5 3', mark: 'line' },
  ]
  return figureWithKey(
    WIDTH,
    bottom,
    'Error of each trace model against the number of training runs',
    entries,
    MEASURES.map((measure, k) => panel(results, measure, styles, boxes[k])),
  )
}
