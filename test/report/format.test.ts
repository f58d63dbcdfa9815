import { describe, expect, it } from 'vitest'
import {
  decimalsFor,
  escapeText,
  formatCount,
  formatEstimate,
  formatFixed,
  formatInterval,
  formatNumber,
  formatPercent,
  formatQuantity,
  formatSeconds,
  formatStatistic,
  sentenceCase,
} from '../../src/report/format.ts'
import { studyText } from '../../src/report/study-text.ts'

describe('numbers as an engineer writes them', () => {
  it.each([
    [182.4e6, 'Pa', 4, '182.4 MPa'],
    [2.1e11, 'Pa', 4, '210.0 GPa'],
    [1.23e-5, 'm', 3, '12.3 µm'],
    [5.12e-5, 's', 3, '51.2 µs'],
    [0.6, 'm', 3, '600 mm'],
    [999.99999999e3, 'Pa', 4, '1.000 MPa'],
    [-4.2e-4, 'm', 2, '−420 µm'],
    [4200, 's', 3, '4,200 s'],
    [0, 'Pa', 4, '0 Pa'],
    [7850, 'kg/m³', 4, '7,850 kg/m³'],
    [0.0312, '%', 2, '3.1 %'],
    [0.5, '1', 2, '0.50'],
    [Number.NaN, 'Pa', 4, '–'],
    [Infinity, 'Pa', 4, '–'],
  ])('%d %s with %i digits is %s', (value, unit, digits, shown) => {
    expect(formatQuantity(value, unit, digits)).toBe(shown)
  })

  it.each([
    [0.0387, 3, '0.0387'],
    [0.09996, 3, '0.100'],
    [123456, 3, '123,456'],
    [1.234e7, 3, '1.23·10⁷'],
    [-1.5e-5, 2, '−1.5·10⁻⁵'],
    [0, 3, '0'],
  ])('%d with %i significant digits is %s', (value, digits, shown) => {
    expect(formatNumber(value, digits)).toBe(shown)
  })

  it('fixed decimals: thousands separated, no negative zero', () => {
    expect(formatFixed(1234567.891, 2)).toBe('1,234,567.89')
    expect(formatFixed(-0.0001, 2)).toBe('0.00')
    expect(formatFixed(-1234.5, 1)).toBe('−1,234.5')
    expect(formatCount(4000)).toBe('4,000')
    expect(formatPercent(0.95)).toBe('95 %')
  })

  it('an estimate has the digits that its interval supports, in one unit', () => {
    expect(formatEstimate(182.4321e6, [181.22e6, 183.64e6], 'Pa')).toEqual({
      value: '182.4',
      interval: '[181.2, 183.6]',
      unit: 'MPa',
    })
    expect(formatEstimate(0.0788, [0.0702, 0.0873], '%')).toEqual({
      value: '7.88',
      interval: '[7.02, 8.73]',
      unit: '%',
    })
    expect(formatInterval([-1e-6, 2e-3], 'm')).toBe('[0.0, 2.0] mm')
    expect(formatEstimate(3, [3, 3], '1').value).toBe('3.000')
    expect(decimalsFor(12)).toBe(0)
    expect(decimalsFor(0.012)).toBe(3)
  })

  it('durations and statistics', () => {
    expect([5.12e-5, 12.34, 192, 3900].map(formatSeconds)).toEqual(['51.2 µs', '12.3 s', '3 min 12 s', '1 h 05 min'])
    expect(formatStatistic('P(Q > 180000000 Pa)')).toBe('P(Q > 180.0 MPa)')
    expect(formatStatistic('quantile 0.95')).toBe('95 % quantile')
    expect(formatStatistic('quantile 0.995')).toBe('99.5 % quantile')
    expect(formatStatistic('mean')).toBe('mean')
    expect(formatStatistic('quantile 0.5')).toBe('median')
  })

  it('labels begin with a capital, symbols and acronyms stay', () => {
    const labels = ['peak stress', 'KS distance', 'p-value', 'Already', '']
    expect(labels.map(sentenceCase)).toEqual(['Peak stress', 'KS distance', 'p-value', 'Already', ''])
  })

  it('a study file is laid out with one line for what fits one', () => {
    const study = {
      a: [1, 2],
      b: { law: 'uniform', low: 0 },
      c: { text: '{ kept: "as it is" }', deep: [[1], { x: 2 }] },
    }
    const text = studyText(JSON.stringify(study), 40)
    expect(JSON.parse(text)).toEqual(study)
    expect(text.split('\n')).toEqual([
      '{',
      '  "a": [1, 2],',
      '  "b": {"law": "uniform", "low": 0},',
      '  "c": {',
      '    "text": "{ kept: \\"as it is\\" }",',
      '    "deep": [[1], {"x": 2}]',
      '  }',
      '}',
    ])
    expect(studyText('no JSON')).toBe('no JSON')
  })

  it('escapes what HTML and XML would read as markup, and drops control characters', () => {
    expect(escapeText(`<a href="x" title='y'>&\u0000\u0007ok</a>`)).toBe(
      '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;ok&lt;/a&gt;',
    )
  })
})
