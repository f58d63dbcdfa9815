import { type Axis, type Chart, chart, chartGrid, gridHeight, MARGIN } from '../axes.ts'
import { type ModelStyle, REFERENCE_COLOUR } from '../colour.ts'
import { shownUnit } from '../format.ts'
import { type LegendEntry, legend } from '../legend.ts'
import type { QuantityPanel } from '../report-data.ts'
import { binCount, histogramDensity, quantileOfSorted, sortedFinite } from '../statistics.ts'
import { emptyFigure, figureSvg, linePath, path } from '../svg.ts'
import { extent } from '../ticks.ts'

const WIDTH = 860
const HEIGHT = 220
const CURVE_POINTS = 160

interface Sample {
  readonly name: string
  readonly sorted: Float64Array
  readonly colour: string
  readonly dash: string
  readonly strong: boolean
}

/** What is drawn covers .1 to 99.9 % of every sample, so that one stray value does not flatten the picture. */
const domainOf = (samples: readonly Sample[]): readonly [number, number] | undefined => {
  const range = extent(
    samples.flatMap(({ sorted }) => [quantileOfSorted(sorted, 0.001), quantileOfSorted(sorted, 0.999)]),
  )
  if (range === undefined) return undefined
  const room = (range[1] - range[0]) * 0.03 || Math.abs(range[0]) * 0.05 || 1
  return [range[0] - room, range[1] + room]
}

const stroke = ({ colour, dash, strong }: Sample): Record<string, string | number | undefined> => ({
  stroke: colour,
  'stroke-width': strong ? 2.4 : 1.5,
  'stroke-dasharray': dash || undefined,
  'stroke-linejoin': 'round',
})

const stairs = (density: Float64Array, [low, high]: readonly [number, number], c: Chart): string => {
  const width = (high - low) / density.length
  const xs = [low]
  const ys = [0]
  density.forEach((d, i) => {
    xs.push(low + i * width, low + (i + 1) * width)
    ys.push(d, d)
  })
  return linePath([...xs, high].map(c.x), [...ys, 0].map(c.y))
}

const densities = (
  samples: readonly Sample[],
  domain: readonly [number, number],
  axis: Axis,
  boxIndex: number,
): string => {
  const bins = binCount(samples[0].sorted, domain)
  const curves = samples.map(({ sorted }) => histogramDensity(sorted, domain, bins))
  const top = extent(curves.flatMap((d) => Array.from(d)))?.[1] || 1
  const { factor, unit } = shownUnit(Math.max(...domain.map(Math.abs)), axis.unit)
  const perUnit = unit === '' ? '1' : `1/${unit}`
  const c = chart(
    chartGrid(WIDTH, 2, 2, HEIGHT)[boxIndex],
    axis,
    { label: 'density', unit: perUnit, domain: [0, top * 1.08 * factor] },
    'Density',
  )
  const scaled = curves.map((d) => d.map((v) => v * factor))
  const drawn = samples.map((s, i) =>
    path(stairs(scaled[i], domain, c), {
      ...stroke(s),
      ...(i === 0 ? { fill: s.colour, 'fill-opacity': 0.16, 'stroke-width': 1.2 } : {}),
    }),
  )
  return c.frame + c.marks(...drawn)
}

/** F(x) at evenly spaced probabilities (all order statistics of a small sample). */
const curve = (sorted: Float64Array): readonly [number[], number[]] => {
  const count = Math.min(CURVE_POINTS, sorted.length)
  const ranks = Array.from({ length: count }, (_, i) => Math.round((i * (sorted.length - 1)) / Math.max(count - 1, 1)))
  return [ranks.map((r) => sorted[r]), ranks.map((r) => (r + 0.5) / sorted.length)]
}

const distributionFunctions = (samples: readonly Sample[], axis: Axis, boxIndex: number): string => {
  const c = chart(
    chartGrid(WIDTH, 2, 2, HEIGHT)[boxIndex],
    axis,
    { label: 'P(Q ≤ x)', unit: '1', domain: [0, 1] },
    'Distribution function',
  )
  const drawn = samples.map((s) => {
    const [xs, ys] = curve(s.sorted)
    return path(linePath(xs.map(c.x), ys.map(c.y)), stroke(s))
  })
  return c.frame + c.marks(...drawn)
}

const entry = (s: Sample, i: number): LegendEntry => ({
  label: `${s.name} (n = ${s.sorted.length})`,
  colour: s.colour,
  mark: i === 0 ? 'band' : 'line',
  dash: s.dash,
})

/** One quantity: histogram and distribution function of the reference runs and of every model. Failed samples are left out. */
export const distributionFigure = (
  quantity: QuantityPanel,
  styles: ReadonlyMap<string, ModelStyle>,
  recommended: string,
): string => {
  const title = `Distribution of ${quantity.label}: reference and models`
  const reference: Sample = {
    name: 'full-domain reference',
    sorted: sortedFinite(quantity.reference),
    colour: REFERENCE_COLOUR,
    dash: '',
    strong: true,
  }
  const models = quantity.byModel.map(({ model, values }) => ({
    name: model,
    sorted: sortedFinite(values),
    colour: styles.get(model)?.colour ?? REFERENCE_COLOUR,
    dash: styles.get(model)?.dash ?? '',
    strong: model === recommended,
  }))
  const samples = [reference, ...models].filter((s) => s.sorted.length > 0)
  const domain = domainOf(samples)
  if (domain === undefined) return emptyFigure(title)
  const axis: Axis = { label: quantity.label, unit: quantity.unit, domain }
  const bottom = gridHeight(1, 1, HEIGHT)
  const key = legend(samples.map(entry), MARGIN.left, bottom + 4, WIDTH - 80)
  return figureSvg(
    WIDTH,
    bottom + 10 + key.height,
    title,
    densities(samples, domain, axis, 0),
    distributionFunctions(samples, axis, 1),
    key.svg,
  )
}
