import { describe, expect, it } from 'vitest'
import { foremost, modelStyles } from '../../src/report/colour.ts'
import { convergenceLegend } from '../../src/report/figures/convergence.ts'
import { distributionFigure, distributionLegend } from '../../src/report/figures/distribution.ts'
import { fanLegend } from '../../src/report/figures/fans.ts'
import { reductionFigure } from '../../src/report/figures/reduction.ts'
import { trainingFigures } from '../../src/report/figures/training.ts'
import { placedLabels } from '../../src/report/label-places.ts'
import { textWidth } from '../../src/report/svg.ts'
import { sampleReport } from './sample-data.ts'
import { xmlProblem } from './well-formed.ts'

const data = sampleReport()
const styles = modelStyles(
  data.models.map((m) => m.name),
  data.recommended,
)

/** Boxes of the texts of an SVG fragment: x, baseline and about the width. */
const textBoxes = (svg: string): { x0: number; x1: number; y0: number; y1: number; label: string }[] =>
  [...svg.matchAll(/<text x="([\d.-]+)" y="([\d.-]+)" font-size="([\d.]+)"[^>]*>([^<]*)</g)].map((m) => {
    const [x, y, size] = [Number(m[1]), Number(m[2]), Number(m[3])]
    return { x0: x, x1: x + textWidth(m[4], size), y0: y - size * 0.7, y1: y, label: m[4] }
  })

describe('labels beside points', () => {
  const box = { x: 0, y: 0, width: 300, height: 200 }
  const crowd = Array.from({ length: 7 }, (_, i) => ({ x: 140 + 3 * i, y: 100 + 2 * (i % 3), label: `1/2·1/${i}` }))

  it('touch neither one another nor a point, and stay in the box', () => {
    const placed = textBoxes(placedLabels(crowd, box, 10, 5))
    expect(placed.length).toBeGreaterThanOrEqual(6)
    for (const a of placed) {
      expect(a.x0 >= 0 && a.x1 <= 300 && a.y0 >= 0 && a.y1 <= 200, a.label).toBe(true)
      for (const b of placed)
        if (a !== b)
          expect(a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1, `${a.label} ${b.label}`).toBe(false)
      for (const p of crowd) expect(p.x > a.x0 && p.x < a.x1 && p.y > a.y0 && p.y < a.y1, a.label).toBe(false)
    }
  })

  it('are left out where there is no room', () => {
    const tight = { x: 130, y: 95, width: 40, height: 14 }
    expect(textBoxes(placedLabels(crowd, tight, 10, 5)).length).toBeLessThan(crowd.length)
  })
})

describe('what is looked at first', () => {
  it('the recommended model, then the generator: first colours, and alone in the densities', () => {
    expect(foremost(['a', 'gan', 'b'], 'b')).toEqual(['b', 'gan'])
    expect(foremost(['a', 'gan'], 'gan')).toEqual(['gan'])
    expect([...modelStyles(['a', 'gan', 'b'], 'b').keys()]).toEqual(['b', 'gan', 'a'])
    const svg = distributionFigure(data.quantities[0], styles, 'pca-gauss', 0.04)
    // A filled reference, two densities, then the zero line and every model's difference.
    expect(svg.match(/<path[^>]*fill-opacity="0.2"/g)).toHaveLength(1)
    expect(svg.match(/<path[^>]*stroke-linejoin="round"/g)).toHaveLength(2 + data.models.length)
  })

  it('legends name every model once, with its sample size', () => {
    const svg = distributionLegend(data.quantities[0], styles)
    for (const name of ['full-domain reference', 'pca-gauss', 'residual-bootstrap', 'local-bootstrap'])
      expect(svg.split(`>${name} (n = 1,000)<`)).toHaveLength(2)
    expect(svg).toContain('>gan (n = 4,000)<')
    expect(xmlProblem(svg)).toBeUndefined()
    expect(xmlProblem(fanLegend())).toBeUndefined()
    expect(convergenceLegend('gan')).toContain('>running mean, gan<')
  })

  it('training: one panel per measure, one line per set of runs, the chosen iteration marked', () => {
    const figures = trainingFigures({ ...data.training, best: 4250 })
    expect(figures).toHaveLength(2)
    expect(figures.map((f) => f.match(/stroke-linejoin="round"/g)!.length)).toEqual([2, 1])
    expect(figures.every((f) => f.includes('>weights used<'))).toBe(true)
    expect(trainingFigures(data.training).join('')).not.toContain('weights used')
  })

  it('the reduction shows the tolerance of the study, if it has one', () => {
    expect(reductionFigure({ ...data.reduction, tolerance: 0.01 })).toContain('>tolerance of the study (1.0 %)<')
    expect(reductionFigure(data.reduction)).not.toContain('tolerance')
  })
})
