import { type Axis, type Box, type Chart, chart, MARGIN } from '../axes.ts'
import { foremost, type ModelStyle, REFERENCE_COLOUR } from '../colour.ts'
import { formatCount, shownUnit } from '../format.ts'
import { legendFigure } from '../legend.ts'
import type { QuantityPanel } from '../report-data.ts'
import { binCount, distributionAt, histogramDensity, quantileOfSorted, sortedFinite } from '../statistics.ts'
import { element, emptyFigure, figureSvg, linePath, path } from '../svg.ts'
import { extent } from '../ticks.ts'

const WIDTH = 430
const UPPER: Box = { x: MARGIN.left, y: MARGIN.top, width: WIDTH - MARGIN.left - MARGIN.right, height: 104 }
const LOWER: Box = { ...UPPER, y: UPPER.y + UPPER.height + 14, height: 72 }
const CURVE_POINTS = 160

type Domain = readonly [number, number]
interface Sample extends ModelStyle {
  readonly sorted: Float64Array
  readonly foremost: boolean
}

/** What is drawn covers .1 to 99.9 % of every sample, so that one stray value does not flatten the picture. */
const domainOf = (samples: readonly Float64Array[]): Domain | undefined => {
  const range = extent(samples.flatMap((s) => [quantileOfSorted(s, 0.001), quantileOfSorted(s, 0.999)]))
  if (range === undefined) return undefined
  const room = (range[1] - range[0]) * 0.03 || Math.abs(range[0]) * 0.05 || 1
  return [range[0] - room, range[1] + room]
}

const stroke = ({ colour, dash, foremost: strong }: Sample): Record<string, string | number | undefined> => ({
  stroke: colour,
  'stroke-width': strong ? 2 : 1.1,
  'stroke-dasharray': dash || undefined,
  'stroke-linejoin': 'round',
})

const stairs = (density: Float64Array, [low, high]: Domain, c: Chart): string => {
  const width = (high - low) / density.length
  const xs = [low]
  const ys = [0]
  density.forEach((d, i) => {
    xs.push(low + i * width, low + (i + 1) * width)
    ys.push(d, d)
  })
  return linePath([...xs, high].map(c.x), [...ys, 0].map(c.y))
}

/** Densities of the reference (filled) and of the foremost models. */
const densities = (label: string, reference: Float64Array, samples: readonly Sample[], axis: Axis): string => {
  const bins = binCount(reference, axis.domain)
  const { factor, unit } = shownUnit(Math.max(...axis.domain.map(Math.abs)), axis.unit)
  const scaled = (sorted: Float64Array): Float64Array =>
    histogramDensity(sorted, axis.domain, bins).map((v) => v * factor)
  const own = scaled(reference)
  const curves = samples.map((s) => scaled(s.sorted))
  const top = extent([own, ...curves].flatMap((d) => Array.from(d)))?.[1] || 1
  const c = chart(
    UPPER,
    { ...axis, bare: true },
    { label: 'density', unit: unit === '' ? '1' : `1/${unit}`, domain: [0, top * 1.08], ticks: 4 },
    label,
  )
  return (
    c.frame +
    c.marks(
      path(stairs(own, axis.domain, c), { fill: REFERENCE_COLOUR, 'fill-opacity': 0.2 }),
      ...samples.map((s, i) => path(stairs(curves[i], axis.domain, c), { ...stroke(s), 'stroke-width': 1.6 })),
    )
  )
}

/** F of each model less F of the reference; the grey band is the largest gap between real and real. */
const differences = (reference: Float64Array, samples: readonly Sample[], axis: Axis, floor: number): string => {
  const [low, high] = axis.domain
  const xs = Array.from({ length: CURVE_POINTS }, (_, i) => low + ((high - low) * i) / (CURVE_POINTS - 1))
  const expected = xs.map((x) => distributionAt(reference, x))
  const curves = samples.map(({ sorted }) => xs.map((x, i) => distributionAt(sorted, x) - expected[i]))
  const most = extent([...curves.flat().map(Math.abs), floor, 0.01])![1] * 1.12
  const c = chart(LOWER, axis, { label: 'F − F ref.', unit: '1', domain: [-most, most], ticks: 4 })
  const band = Number.isFinite(floor)
    ? element('rect', {
        x: LOWER.x,
        y: c.y(floor),
        width: LOWER.width,
        height: c.y(-floor) - c.y(floor),
        fill: REFERENCE_COLOUR,
        'fill-opacity': 0.12,
      })
    : ''
  const zero = path(linePath([LOWER.x, LOWER.x + LOWER.width], [c.y(0), c.y(0)]), { stroke: REFERENCE_COLOUR })
  return (
    c.frame + c.marks(band, zero, ...samples.map((s, i) => path(linePath(xs.map(c.x), curves[i].map(c.y)), stroke(s))))
  )
}

/**
 * One quantity: densities of the reference and the foremost models, and below how far every model's distribution
 * function F(x) = P(Q ≤ x) lies from the reference's. Failed samples are left out.
 * @param floor largest gap between the distribution functions of real runs and real runs
 */
export const distributionFigure = (
  quantity: QuantityPanel,
  styles: ReadonlyMap<string, ModelStyle>,
  recommended: string,
  floor: number,
): string => {
  const title = `Distribution of ${quantity.label}: reference and models`
  const reference = sortedFinite(quantity.reference)
  const first = foremost(
    quantity.byModel.map((m) => m.model),
    recommended,
  )
  const samples: Sample[] = quantity.byModel.flatMap(({ model, values }) => {
    const style = styles.get(model)
    const sorted = sortedFinite(values)
    return style === undefined || sorted.length === 0 ? [] : [{ ...style, sorted, foremost: first.includes(model) }]
  })
  const domain = domainOf([reference, ...samples.map((s) => s.sorted)])
  if (domain === undefined || reference.length === 0) return emptyFigure(title)
  const axis: Axis = { label: quantity.label, unit: quantity.unit, domain }
  // The foremost are drawn last, over the others, the recommended one on top.
  const ordered = [...samples.filter((s) => !s.foremost), ...samples.filter((s) => s.foremost)].sort(
    (a, b) => Number(a.name === recommended) - Number(b.name === recommended),
  )
  return figureSvg(
    WIDTH,
    LOWER.y + LOWER.height + MARGIN.bottom,
    title,
    densities(
      quantity.label,
      reference,
      ordered.filter((s) => s.foremost),
      axis,
    ),
    differences(reference, ordered, axis, floor),
  )
}

/** The key of all distribution figures, with the sample sizes of `quantity`. */
export const distributionLegend = (quantity: QuantityPanel, styles: ReadonlyMap<string, ModelStyle>): string => {
  const size = (values: ArrayLike<number>): string => `(n = ${formatCount(values.length)})`
  const models = [...styles.values()].flatMap(({ name, colour, dash }) =>
    quantity.byModel
      .filter((m) => m.model === name)
      .map(({ values }) => ({ label: `${name} ${size(values)}`, colour, dash, mark: 'line' as const })),
  )
  return legendFigure(
    [
      {
        label: `full-domain reference ${size(quantity.reference)}`,
        colour: REFERENCE_COLOUR,
        mark: 'band',
        opacity: 0.2,
      },
      ...models,
      { label: 'floor, real against real', colour: REFERENCE_COLOUR, mark: 'band', opacity: 0.12 },
    ],
    2 * WIDTH,
  )
}
