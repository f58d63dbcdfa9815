import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { modelStyles } from '../../src/report/colour.ts'
import { convergenceFigure } from '../../src/report/figures/convergence.ts'
import { distributionFigure } from '../../src/report/figures/distribution.ts'
import { fanFigure } from '../../src/report/figures/fans.ts'
import { fieldsFigure } from '../../src/report/figures/fields.ts'
import { geometryFigure } from '../../src/report/figures/geometry.ts'
import { granularityFigure } from '../../src/report/figures/granularity.ts'
import { ksFigure } from '../../src/report/figures/ks-dots.ts'
import { reductionFigure } from '../../src/report/figures/reduction.ts'
import { timingsFigure } from '../../src/report/figures/timings.ts'
import { trainingFigures } from '../../src/report/figures/training.ts'
import type { ReportData } from '../../src/report/report-data.ts'
import { distributionAt, histogramDensity, overlap, pointwiseQuantiles } from '../../src/report/statistics.ts'
import { areaPath, emptyFigure, fitted, linePath, textWidth } from '../../src/report/svg.ts'
import { sampleReport } from './sample-data.ts'
import { xmlProblem } from './well-formed.ts'

const data = sampleReport()
const styles = modelStyles(
  data.models.map((m) => m.name),
  data.recommended,
)
const labels = new Map(data.quantities.map((q) => [q.name, q.label]))

const FIGURES: readonly (readonly [string, (d: ReportData) => string])[] = [
  ['geometry', (d) => geometryFigure(d.geometry)],
  ['fields', (d) => fieldsFigure(d)],
  ['fans', (d) => fanFigure(d.fans[0], styles)],
  ['reduction', (d) => reductionFigure(d.reduction)],
  ['ks', (d) => ksFigure(d.floor, d.models, labels, styles)],
  ['distribution', (d) => distributionFigure(d.quantities[0], styles, d.recommended, d.floor.ksByQuantity[0]?.ks)],
  ['convergence', (d) => convergenceFigure(d.quantities[0], d.reference)],
  ['granularity', (d) => granularityFigure(d.granularities, d.floor.meanKs)],
  ['training', (d) => trainingFigures(d.training)[0] ?? emptyFigure('training')],
  ['timings', (d) => timingsFigure(d.timings)],
]

/** Every number of the data but the mesh's node numbers becomes NaN; arrays keep their lengths. */
const withoutNumbers = (value: unknown, key = ''): unknown => {
  if (typeof value === 'number') return Number.NaN
  if (key === 'points' || key === 'cells' || key === 'zoneCells' || key === 'interfaceNodes' || key === 'facets')
    return value
  if (ArrayBuffer.isView(value)) return new Float64Array((value as Float64Array).length).fill(Number.NaN)
  if (Array.isArray(value)) return value.map((v) => withoutNumbers(v))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, withoutNumbers(v, k)]))
  return value
}

/** One value in seven becomes NaN. */
const withHoles = <T extends ArrayLike<number>>(values: T): Float64Array =>
  Float64Array.from(values, (v, i) => (i % 7 === 3 ? Number.NaN : v))

const emptied: ReportData = {
  ...data,
  snapshots: [],
  fans: [{ ...data.fans[0], real: [], generated: [] }],
  floor: { ...data.floor, ksByQuantity: [] },
  models: [],
  reduction: { ...data.reduction, rows: [] },
  quantities: [{ ...data.quantities[0], reference: [], byModel: [], convergence: [] }],
  granularities: [],
  training: { iterations: [], series: [], note: '' },
  timings: [],
  geometry: { ...data.geometry, modulus: [], probes: [], facets: [], zoneCells: [], interfaceNodes: [] },
}

const holed: ReportData = {
  ...data,
  snapshots: data.snapshots.map((s) => ({ ...s, nodal: withHoles(s.nodal) })),
  fans: data.fans.map((f) => ({ ...f, real: f.real.map(withHoles) })),
  quantities: data.quantities.map((q) => ({ ...q, reference: withHoles(q.reference) })),
  geometry: { ...data.geometry, modulus: withHoles(data.geometry.modulus) },
}

/** No coordinate may be NaN, undefined or infinite: a browser drops the whole path then. */
const unfit = (svg: string): string | undefined => /NaN|undefined|Infinity|null/.exec(svg)?.[0]

describe('every figure', () => {
  it.each(FIGURES)('%s is well-formed SVG with finite coordinates', (_, draw) => {
    const svg = draw(data)
    expect(xmlProblem(svg)).toBeUndefined()
    expect(unfit(svg)).toBeUndefined()
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ [\d.]+" role="img"><title>/)
    expect(svg).not.toContain('no finite data')
  })

  it.each(FIGURES)('%s leaves gaps where single values are not finite', (_, draw) => {
    const svg = draw(holed)
    expect(xmlProblem(svg)).toBeUndefined()
    expect(unfit(svg)).toBeUndefined()
  })

  it.each(FIGURES)('%s says so, or draws what is left, when nothing is finite', (_, draw) => {
    const svg = draw(withoutNumbers(data) as ReportData)
    expect(xmlProblem(svg)).toBeUndefined()
    expect(unfit(svg)).toBeUndefined()
  })

  it.each(FIGURES)('%s copes with empty data', (_, draw) => {
    const svg = draw(emptied)
    expect(xmlProblem(svg)).toBeUndefined()
    expect(unfit(svg)).toBeUndefined()
  })

  it.each(
    FIGURES.filter(([name]) => !['geometry', 'fields'].includes(name)),
  )('%s has a unit (or a dash) on every axis', (name, draw) => {
    const titles = [...draw(data).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1])
    const units = titles.filter((t) => /\((–|%|[a-zA-Zµ/1]+)\)/.test(t))
    expect(units.length).toBeGreaterThanOrEqual(name === 'ks' || name === 'timings' ? 1 : 2)
  })
})

describe('the geometry', () => {
  it('refuses coordinates that are not finite', () => {
    const points = Float64Array.from(data.geometry.points)
    points[6] = Number.NaN
    expect(() => geometryFigure({ ...data.geometry, points })).toThrow(InvalidInput)
    expect(() => geometryFigure({ ...data.geometry, points })).toThrow(
      'geometry.points[6]: expected finite coordinates',
    )
  })

  it('draws interface, load and clamped edges and names the probes', () => {
    const svg = geometryFigure(data.geometry)
    for (const name of ['zone of interest', 'interface', 'load', 'clamped', 'hole', 'behind', '600 mm', '400 mm'])
      expect(svg).toContain(`>${name}<`)
    const interfacePath = /<path d="([^"]+)" fill="none" stroke="#0072b2" stroke-width="2.4"/.exec(svg)
    // The zone of the 24 × 16 grid is 8 × 8 cells: 32 edges, none of them on the hole.
    expect(interfacePath?.[1].match(/M/g)?.length).toBe(32)
  })

  it('gives probes at one place one letter, and a line of the key to each', () => {
    const point = data.geometry.probes[0].point
    const svg = geometryFigure({
      ...data.geometry,
      probes: [...data.geometry.probes, { name: 'arrival', point }, { name: 'lost', point: [Number.NaN, 0] }],
    })
    expect(svg.match(/<circle[^>]* r="4"/g)).toHaveLength(2)
    for (const [letter, count] of [
      ['A', 2],
      ['B', 2],
      ['C', 0],
    ] as const)
      expect(svg.split(`>${letter}</text>`)).toHaveLength(count + 1)
    expect(svg).toContain('>arrival</text>')
    expect(svg).not.toContain('>lost</text>')
  })

  it('fills every cell of a field exactly once', () => {
    const one = fieldsFigure({ ...data, snapshots: [] })
    const fills = [...one.matchAll(/<path d="([^"]+Z)" fill="#/g)].map((m) => m[1].match(/Z/g)!.length)
    expect(fills.reduce((a, b) => a + b, 0)).toBe(data.geometry.cells.length)
  })
})

describe('paths and small statistics', () => {
  it('a line has a gap at a value that is not finite', () => {
    expect(linePath([0, 1, 2, 3], [0, 1, Number.NaN, 3])).toBe('M0 0L1 1M3 3')
    expect(linePath([1e9, -0.04], [0.123, 2e-9])).toBe('M1000000000 0.1L0 0')
    expect(areaPath([0, 1, 2], [0, Number.NaN, 0], [1, 1, 1])).toBe('M0 1L2 1L2 0L0 0Z')
    expect(areaPath([0], [0], [1])).toBe('')
  })

  it('pointwise quantiles leave out what is not finite', () => {
    const [low, median] = pointwiseQuantiles(
      [
        [1, 5],
        [3, Number.NaN],
        [2, 7],
      ],
      2,
      [0, 0.5],
    )
    expect([...low]).toEqual([1, 5])
    expect([...median]).toEqual([2, 6])
  })

  it('a histogram integrates to one', () => {
    const density = histogramDensity(Float64Array.from([0, 0.1, 0.5, 0.9, 1]), [0, 1], 4)
    expect(density.reduce((sum, d) => sum + d / 4, 0)).toBeCloseTo(1, 12)
    expect(density[3]).toBeCloseTo(1.6, 12)
  })

  it('a distribution function is the share of values up to a point', () => {
    expect([0, 1, 1.5, 2, 3].map((x) => distributionAt([1, 2, 2, 3], x))).toEqual([0, 0.25, 0.25, 0.75, 1])
  })

  it('intervals overlap when they share a point', () => {
    expect(overlap([0, 1], [1, 2])).toBe(true)
    expect(overlap([0, 1], [1.01, 2])).toBe(false)
  })

  it('the well-formedness check itself finds faults', () => {
    expect(xmlProblem('<a><b/></a>')).toBeUndefined()
    for (const bad of ['<a><b></a>', '<a', '<a x=1/>', '<a x="1" x="2"/>', '<a>&</a>', '<a/><b/>', 'x<a/>', '<a>'])
      expect(xmlProblem(bad), bad).toBeDefined()
  })
})

describe('labels', () => {
  it('are cut with an ellipsis where they do not fit', () => {
    expect(fitted('short', 200)).toBe('short')
    expect(fitted('a title much longer than its chart', 80)).toMatch(/^a title.*…$/)
    expect(textWidth(fitted('a title much longer than its chart', 80))).toBeLessThanOrEqual(80)
  })
})
