import { describe, expect, it } from 'vitest'
import { renderReport } from '../../src/report/html.ts'
import type { ReportData } from '../../src/report/report-data.ts'
import { sampleReport } from './sample-data.ts'
import { pageProblem } from './well-formed.ts'

const data = sampleReport()
const page = renderReport(data)

const HOSTILE = `</script><script>alert(1)</script><img src=x onerror="alert(2)">&'"`

/** Every string of the data gets hostile text in front. */
const hostile = (value: unknown, key = ''): unknown => {
  if (typeof value === 'string') return key === 'unit' || key === 'snapshotUnit' ? value : `${HOSTILE}${value}`
  if (Array.isArray(value)) return value.map((v) => hostile(v))
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, hostile(v, k)]))
  return value
}

describe('the report page', () => {
  it('is well-formed, with one heading and every anchor of its contents present once', () => {
    expect(pageProblem(page)).toBeUndefined()
    expect(page.match(/<h1>/g)).toHaveLength(1)
    const anchors = [...page.matchAll(/<a href="#([\w-]+)">/g)].map((m) => m[1])
    expect(anchors).toHaveLength(8)
    for (const id of anchors) expect(page.split(`id="${id}"`)).toHaveLength(2)
  })

  it('asks nothing of any host and loads no file', () => {
    const urls = [...page.matchAll(/\b(?:https?|ftp|wss?):\/\/[^"'\s<)]*/g)].map((m) => m[0])
    expect([...new Set(urls)]).toEqual(['http://www.w3.org/2000/svg'])
    expect(page).not.toMatch(/\b(?:src|srcset|poster|data|action)=|@import|url\(|<link|<iframe|<object|<embed/)
    expect([...page.matchAll(/href="([^"]*)"/g)].every((m) => m[1].startsWith('#'))).toBe(true)
  })

  it('lets no text of the study become markup', () => {
    const attacked = renderReport(hostile(data) as ReportData)
    expect(pageProblem(attacked)).toBeUndefined()
    expect(attacked.match(/<script/g)).toHaveLength(1)
    expect(attacked).not.toMatch(/<img|onerror="/)
    expect(attacked).toContain('&lt;script&gt;alert(1)')
  })

  it('shows the headlines, warnings, recommendation, provenance and the study file', () => {
    for (const { label, value } of data.summary.headlines) {
      expect(page).toContain(`<span>${label}</span><strong>${value}</strong>`)
    }
    expect(page).toContain(`<li>${data.warnings[0].replaceAll(' %', '\u00a0%')}</li>`)
    expect(page).toContain('<b>Recommended: gan.</b>')
    expect(page).toContain(data.provenance.studyHash)
    expect(page).toContain('<summary>Study file as run</summary><pre>{&quot;nestwave&quot;: 1, &quot;title&quot;:')
    expect(renderReport({ ...data, warnings: [] })).not.toContain('class="warnings"')
  })

  it('puts each estimate beside its reference with a verdict, and counts failed samples', () => {
    const table = page.slice(page.indexOf('<table class="results">'))
    const rows = [
      ...table.slice(0, table.indexOf('</table>')).matchAll(/<span class="nowrap">([^<]+)<\/span>.*?<\/tr>/g),
    ]
    expect(rows).toHaveLength(data.estimates.length)
    expect(rows.map((r) => r[1])).toContain('P(Q &gt; 215.0 MPa)')
    expect(rows.every((r) => /● overlap|▲ apart/.test(r[0]))).toBe(true)
    expect(page).toContain('estimate from 4,000, 4,003 samples, reference from 1,000 runs')
    expect(table.match(/<tr class="mean"><th scope="rowgroup" rowspan="4">/g)).toHaveLength(data.quantities.length)
    expect(page).toContain('95 % quantile by order statistics; probabilities by Clopper-Pearson')
    expect(table).toContain('<small class="unit">µm · 3 failed</small>')
    const own = { ...data.estimates[0], interval: [1.8e8, 1.9e8] as const }
    const other = { ...own, value: 1.6e8, interval: [1.55e8, 1.65e8] as const }
    const apart = renderReport({ ...data, estimates: [own], reference: [other] })
    expect(apart).toContain('▲ apart')
    expect(apart).not.toContain('● overlap')
    expect(renderReport({ ...data, reference: [] })).toContain('reference from no runs')
  })

  it('has the floor as first column of the trust panel', () => {
    const heads = /<th scope="col" class="">metric<\/th>(.*?)<\/tr>/.exec(page)![1]
    const names = [...heads.matchAll(/<th[^>]*>(.*?)<\/th>/g)].map((m) => m[1].replace(/<[^>]+>/g, ' ').trim())
    expect(names[0]).toMatch(/^floor/)
    expect(names.at(-1)).toMatch(/^gan .*recommended/)
  })

  it('puts the problem first, then the results', () => {
    const ids = [...page.matchAll(/<section id="([\w-]+)"/g)].map((m) => m[1])
    expect(ids).toEqual(['problem', 'results', 'distributions', 'histories', 'trust', 'granularity', 'cost', 'repeat'])
  })

  it('writes labels in sentence case, whoever wrote them', () => {
    const own = {
      ...data,
      quantities: data.quantities.map((q) => ({ ...q, label: 'arrival at P' })),
      floor: { ...data.floor, metrics: [{ key: 'p', label: 'p-value of equal laws', value: 0.5, unit: '1' }] },
    }
    const shown = renderReport(own)
    expect(shown).toContain('<th scope="rowgroup" rowspan="4">Arrival at P<')
    expect(shown).toContain('>p-value of equal laws</th>')
    expect(shown).toContain('>Energy distance</th>')
  })

  it('gives each row of the trust panel one unit, one number of decimals without intervals, and its notes below', () => {
    const row = /<th scope="row">Error of the standard deviations \(%\)<sup>1<\/sup><\/th>(.*?)<\/tr>/.exec(page)![1]
    expect(row).toContain('[0.40, 2.00]')
    const energy = />Energy distance<\/th>(.*?)<\/tr>/.exec(page)![1]
    const decimals = [...energy.matchAll(/\d\.(\d+)/g)].map((m) => m[1].length)
    expect(decimals).toHaveLength(1 + data.models.length)
    expect(new Set(decimals).size).toBe(1)
    expect(page).toContain('<sup>1</sup> mean over quantities. ')
  })

  it('is the same for the same data', () => expect(renderReport(sampleReport())).toBe(page))

  it('stays below 6 MB with 4 snapshots of a mesh of 6,700 cells', () => {
    const large = sampleReport(90)
    expect(large.geometry.cells.length).toBeGreaterThan(6500)
    expect(Buffer.byteLength(renderReport(large))).toBeLessThan(3e6)
  })

  it('needs no script: nothing on the page is hidden by style or waits for one', () => {
    expect(page).not.toMatch(/\shidden|display:\s*none|visibility:\s*hidden|onclick|onload/)
    expect(page.match(/<script>/g)).toHaveLength(1)
  })
})
